"""What a store needs while it is used: what is old let go, its journal kept short, a look whether it is whole.

And what is done while it fails: polling rests, and whoever is to know is told without it. It must not decide what goes.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from monitor import notices
from monitor.deliver import Sender
from monitor.errors import StoreError
from monitor.in_force import InForce
from monitor.language.indexing import ToIndex, Words
from monitor.model import Notice
from monitor.notices import Said
from monitor.store import AsyncStore, backup, retention, watches

log = logging.getLogger(__name__)

REST = timedelta(seconds=30)
EXPIRE_BATCHES = 4
CHECK_EVERY = timedelta(days=7)
#: A failure that is over sooner is nobody's business.
HOLD = timedelta(minutes=5)
TOLD_EVERY = timedelta(days=1)
#: SQLite empties its journal by itself when no reader needs it; where there is always one, it is made to.
JOURNAL_BYTES = 67_108_864


class StoreCare:
    """`damage` is what the last look at the store found; `resting_until` when it may be asked again.

    `words` finds those of articles, in a worker.
    """

    def __init__(
        self,
        store: AsyncStore,
        in_force: InForce,
        sender: Sender,
        clock: Callable[[], datetime],
        words: Callable[[Sequence[ToIndex]], Awaitable[list[Words]]],
    ) -> None:
        self.store = store
        self._words = words
        self.in_force = in_force
        self.sender = sender
        self.clock = clock
        self.damage = ""
        self.resting_until = clock()
        self._fails_since: datetime | None = None
        self._told_at: datetime | None = None

    # ---------------------------------------------------------------------------------------------- while it works

    @property
    def path(self) -> Path | None:
        """Its file; None where it is on a server."""
        return self.store.store.path

    async def tend(self) -> None:
        """Let go what is over its age, some at a time."""
        keep = retention.Keep(self.in_force.config.settings.keep.articles, self.in_force.config.settings.keep.evidence)
        for _ in range(EXPIRE_BATCHES):
            old = await self.store.look(retention.going, keep, self.clock())
            words = dict(zip(old, await self._words(old), strict=True)) if old else {}
            if not await self.store.write(retention.expire, keep, self.clock(), words):
                break
        if self.path is not None and self.journal_bytes() > JOURNAL_BYTES:
            await asyncio.to_thread(backup.empty_journal, self.path)

    async def look(self) -> None:
        """Once a week see whether the store is whole, which takes minutes where it is large."""
        if self.path is not None and await self.store.write(_is_check_due, self.clock()):
            try:
                await asyncio.to_thread(backup.check, self.path, is_quick=True)
                self.damage = ""
            except StoreError as error:
                self.damage = str(error)

    def bytes(self) -> int:
        """Its size on disk, its journal included; 0 where it is on a server."""
        return _size(self.path) + self.journal_bytes() if self.path else 0

    def journal_bytes(self) -> int:
        return _size(Path(f"{self.path}-wal")) if self.path else 0

    def free(self) -> tuple[float | None, float]:
        """Bytes free where it is, and their share of the disk; None where it is on a server."""
        if self.path is None:
            return None, 1.0
        found = os.statvfs(self.path.parent)
        return float(found.f_bavail * found.f_frsize), found.f_bavail / max(1, found.f_blocks)

    # ---------------------------------------------------------------------------------------------- while it fails

    @property
    def is_resting(self) -> bool:
        return self.clock() < self.resting_until

    async def failed(self, error: StoreError) -> None:
        """What is fetched now could not be kept: publishers are not asked again until the store may be back."""
        self.resting_until = self.clock() + REST
        await self.note_failure(error)
        log.error("%s; polling rests for %g s", error, REST.total_seconds())

    def end_rest(self, now: datetime) -> None:
        """After the clock was put back a rest is no longer than it was meant."""
        self.resting_until = min(self.resting_until, now + REST)

    async def note_failure(self, error: StoreError) -> None:
        """Once it has lasted, say so without needing the store; its return is said in the usual way."""
        now = self.clock()
        self._fails_since = self._fails_since or now
        is_told = self._told_at is not None and now - self._told_at < TOLD_EVERY
        if now - self._fails_since < HOLD or is_told:
            return
        self._told_at = now
        title, lines = notices.store_fails(str(error))
        notice, rules = Notice(title, now, lines), self.in_force.rules
        for name in rules.health:
            for target in rules.targets.get(name, ()):
                await self.sender.send_unrecorded(notice, name, target)

    def works(self) -> Said | None:
        """To be called after a write that went well; what is to be said of it."""
        told_at, since = self._told_at, self._fails_since
        self._fails_since = self._told_at = None
        if told_at is None:
            return None
        words = f"{since:%d %b %H:%MZ}" if since else "a while"
        return "The store can be written again", (f"It could not since {words}.",)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _is_check_due(connection: Connection, now: datetime) -> bool:
    """Whether to see if the store is whole; its first week it is. Notes that it is seen to."""
    last = watches.fact(connection, "store checked")
    is_due = last is not None and now - last[1] >= CHECK_EVERY
    if last is None or is_due:
        watches.note(connection, "store checked", True, now)
    return is_due
