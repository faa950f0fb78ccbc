"""JSON Schemas of the three files, made from the models, for editors to complete and check by.

`python -m monitor.config.schema` writes them anew; a test holds them in step with the models.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from monitor.config.files import FeedsFile, MainFile, WatchlistFile

FOLDER = Path(__file__).parent / "schemas"
FILES: dict[str, type[BaseModel]] = {"monitor.json": MainFile, "feeds.json": FeedsFile, "watchlist.json": WatchlistFile}


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one of FILES."""
    made = FILES[name].model_json_schema(by_alias=True)
    for key, inner in made.get("properties", {}).items():
        # A key whose lines are all commented out holds null, which counts as missing.
        made["properties"][key] = {"anyOf": [inner, {"type": "null"}], **_annotations(inner)}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _annotations(inner: dict[str, Any]) -> dict[str, Any]:
    return {key: inner.pop(key) for key in ("description", "default", "title") if key in inner}


def text(name: str) -> str:
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in FILES:
        (FOLDER / name).write_text(text(name), encoding="utf-8")
