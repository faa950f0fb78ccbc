"""Which sessions were ended before their time: a signed cookie by itself would hold for a month after logging out.

Kept beside the store, where there is a place, so that a restart brings none back; it holds no cookie and no secret.
"""

from __future__ import annotations

import contextlib
import os
from datetime import datetime
from pathlib import Path

from monitor.web.keys import Visitor

#: Only who gave the password can end one, so this is never met but by a fault.
MOST = 10_000


class Ended:
    """Ids of visitors who logged out, each until its cookie runs out; `path` None: until the service ends."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._until = _read(path) if path else {}

    def holds(self, visitor: Visitor) -> bool:
        return visitor.id in self._until

    def add(self, visitor: Visitor, now: datetime) -> None:
        self._until = {name: until for name, until in self._until.items() if until > now.timestamp()}
        self._until[visitor.id] = int(visitor.until.timestamp())
        while len(self._until) > MOST:
            del self._until[next(iter(self._until))]
        if self._path:
            _write(self._path, self._until)


def _read(path: Path) -> dict[str, int]:
    try:
        lines = path.read_text("ascii").splitlines()[:MOST]
    except (OSError, ValueError):
        return {}
    pairs = (line.split(" ") for line in lines)
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal() and len(pair[1]) < 16}


def _write(path: Path, until: dict[str, int]) -> None:
    """Whole or not at all; where it cannot be written the session is ended until the service ends."""
    part = Path(f"{path}.{os.getpid()}")
    with contextlib.suppress(OSError):
        part.write_text("".join(f"{name} {at}\n" for name, at in until.items()), "ascii")
        os.replace(part, path)
