"""Notices that a file of the configuration was saved, in the folders where its files are or may come to be.

It reads no file; what to do about an edit is the service's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from monitor.config import Config
from monitor.config.marks import concerns

#: Editors write in steps; what belongs together comes within this.
TOGETHER_MS = 800
#: How soon other folders are watched after an edit named them.
FOLLOW_MS = 5000


class _OfConfiguration(DefaultFilter):
    """Only what concerns the configuration."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self._read = frozenset(config.files)

    def __call__(self, change: Change, path: str) -> bool:
        file = Path(path)
        is_link = file.name == "..data"  # a mounted ConfigMap is exchanged as a whole
        return is_link or (concerns(file, self._read) and super().__call__(change, path))


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
