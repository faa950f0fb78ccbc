"""A store's file as a first start leaves it: copied, for making a schema takes twenty times as long."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

from sqlalchemy import make_url

from monitor.store import Store, open_store


def ready(url: str) -> str:
    """The same URL; a file that is not there yet is put there."""
    path = Path(make_url(url).database or "")
    if url.startswith("sqlite:") and not path.exists():
        path.touch(0o600)
        path.write_bytes(_fresh())
    return url


def fresh_store(folder: object) -> Store:
    """A store of its own in a folder, open."""
    return open_store(ready(f"sqlite:///{folder}/monitor.db"), create=False)


@lru_cache(maxsize=1)
def _fresh() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "monitor.db"
        open_store(f"sqlite:///{file}", create=True).close()
        return file.read_bytes()
