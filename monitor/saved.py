"""Notices that a file of the configuration was saved, in the folders where its files are or may come to be.

It reads no file; what to do about an edit is the service's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from monitor.config import Config

#: Editors write in steps; what belongs together comes within this.
TOGETHER_MS = 800
#: How soon other folders are watched after an edit named them.
FOLLOW_MS = 5000

Fingerprint = frozenset[tuple[str, int, int, int]]


class _OfConfiguration(DefaultFilter):
    """Neither editors' swap files nor the store, which may lie in the same folder and changes all the time."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self._store = _store_name(config)

    def __call__(self, change: Change, path: str) -> bool:
        return not _is_store(Path(path), self._store) and super().__call__(change, path)


def fingerprint(config: Config) -> Fingerprint:
    """Differs when a file in the configuration's folders came, went or was written."""
    return frozenset(_marks(config))


def _marks(config: Config) -> Iterable[tuple[str, int, int, int]]:
    store, wanted = _store_name(config), DefaultFilter()
    for folder in config.folders:
        try:
            names = sorted(folder.iterdir())
        except OSError:
            continue
        for path in names:
            if _is_store(path, store) or not wanted(Change.modified, str(path)):
                continue
            try:
                status = path.stat()
            except OSError:
                continue
            if path.is_file():
                yield str(path), status.st_mtime_ns, status.st_size, status.st_ino


def _store_name(config: Config) -> str:
    return Path(config.store.removeprefix("sqlite:///").partition("?")[0]).name if "sqlite" in config.store else ""


def _is_store(path: Path, store: str) -> bool:
    return bool(store) and path.name.startswith(store)


async def changes(config: Callable[[], Config]) -> AsyncIterator[None]:
    """Once whenever something was saved, for ever; `config` gives the one in force. Raises OSError."""
    while True:
        watched = config()
        stop = asyncio.Event()
        folders = [folder for folder in watched.folders if folder.is_dir()]
        async for found in awatch(
            *folders,
            watch_filter=_OfConfiguration(watched),
            debounce=TOGETHER_MS,
            rust_timeout=FOLLOW_MS,
            yield_on_timeout=True,
            recursive=False,
            stop_event=stop,
        ):
            if found:
                yield None
            if config().folders != watched.folders:
                break
