"""Writes the demo's configuration files into a folder of its own, as a user would have written them.

It must not read them: the program does.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_CONSOLE = "  console: {type: console}\n"


def new_secret() -> str:
    """A webhook secret by the Standard Webhooks specification."""
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


def write(folder: Path, ports: Mapping[str, int], secret: str, *, has_console: bool) -> Path:
    """All files of `config/` with `@NAME@` replaced by ports, and the webhook's secret; the path of the main file."""
    for name, text in _templates(files(__package__).joinpath("config")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        filled = re.sub(r"@([A-Z]+)@", lambda found: str(ports[found[1]]), text)
        path.write_text(filled if has_console else filled.replace(_CONSOLE, ""), encoding="utf-8")
    secret_file = folder / "webhook.secret"
    secret_file.touch(mode=0o600)
    secret_file.write_text(secret, encoding="utf-8")
    return folder / "monitor.yaml"


def _templates(folder: Traversable, prefix: str = "") -> list[tuple[str, str]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _templates(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".yaml"):
            found.append((prefix + entry.name, entry.read_text("utf-8")))
    return found
