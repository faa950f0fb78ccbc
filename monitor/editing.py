"""What follows an edit of the watchlists: it is rehearsed, floods are held back, its editors are told once.

Whether an edit is taken has been decided before; it must not touch the configuration itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from monitor import revision
from monitor.conclude import conclude_archived
from monitor.errors import MonitorError, Problem
from monitor.model import Watchlist
from monitor.rehearsal import Burst, Found, Lists, Rehearsal
from monitor.revision import Change, Key
from monitor.rules import Rules, hold_back
from monitor.store import AsyncStore, outbox
from monitor.store import watches as rows
from monitor.workers import Workers

log = logging.getLogger(__name__)

#: Edits that follow each other within this are told in one message.
CALM = timedelta(seconds=60)
#: After a trial that failed; the pause doubles, six times at most.
AGAIN, DOUBLED = timedelta(minutes=1), 6


class Editing:
    """`on_floods` is called when watches are to go into digests; `spawn` runs work beside the others."""

    def __init__(
        self,
        store: AsyncStore,
        workers: Workers,
        clock: Callable[[], datetime],
        spawn: Callable[..., asyncio.Task[object]],
    ) -> None:
        self.store = store
        self.clock = clock
        self.spawn = spawn
        self._rehearsal = Rehearsal(store, workers, clock)
        self.floods: dict[Key, int] = {}
        self.is_ours: Callable[[], bool] = lambda: True  # where many run, one of them sees to edits
        self.on_floods: Callable[[], None] = lambda: None
        self.on_alerts: Callable[[], None] = lambda: None
        self.started = clock()
        self._taken: dict[str, datetime] = {}
        self._burst: Burst | None = None
        self._refused: tuple[dict[str, list[Problem]], datetime] | None = None
        self._told_refused: dict[str, list[Problem]] = {}

    # ------------------------------------------------------------------------------------------------- edits

    async def resume(self, now_in_force: Lists) -> None:
        """What was edited while no service ran is an edit as any other, but that the version of before is not known."""
        known = await self.store.look(rows.known)
        lists = now_in_force.lists
        if not known:
            await self.store.write(rows.remember, revision.digests(lists), self.clock())
        elif found := _since_last_run(known, lists, lists):
            self._begin(Burst(Lists(lists, None), now_in_force, found, self.clock(), known=known))

    def accepted(self, before: Lists, after: Lists) -> None:
        """An edit was taken."""
        self._refused, self._told_refused = None, {}
        self.spawn(self.store.write(rows.note, rows.REFUSED, None, self.clock()))
        if not self.is_ours():
            return
        now, known, burst = self.clock(), None, self._burst
        if burst is not None:
            before, known = burst.before, burst.known
            if burst.trial is not None:
                burst.trial.cancel()
        found = (
            revision.changes(before.lists, after.lists)
            if known is None
            else _since_last_run(known, before.lists, after.lists)
        )
        for change in found:
            self._taken[change.path] = now
        self._burst = None
        if found:
            self._begin(Burst(before, after, found, now, known=known))
        else:  # taken back: what the trial of before has noted is not in force
            self.spawn(self._note(after, {}))

    def _begin(self, burst: Burst) -> None:
        self._burst = burst
        burst.trial = self.spawn(self._try(burst))

    async def refused(self, problems: Sequence[Problem], why: str) -> None:
        """An edit was not taken; `why` for what has no place in a file."""
        found: defaultdict[str, list[Problem]] = defaultdict(list)
        for one in problems:
            if not one.is_warning:
                found[one.file].append(one)
        said_now = dict(found) or {"": [Problem("", 0, 0, why)]}
        since = self._refused[1] if self._refused and self._refused[0] == said_now else self.clock()
        if self.is_ours():
            self._refused = (said_now, since)  # the same again is no further edit
        said = [str(one) for ones in said_now.values() for one in ones]
        await self.store.write(rows.note, rows.REFUSED, said, self.clock())

    async def follow(self) -> None:
        """Hold back what floods as another process has judged it."""
        self._hold_back(await self.store.look(rows.floods))

    def leave(self) -> None:
        """Another process sees to edits now, and finds in the store what is still to be tried."""
        if self._burst is not None and self._burst.trial is not None:
            self._burst.trial.cancel()
        self._burst = self._refused = None
        self._told_refused = {}

    @property
    def has_news(self) -> bool:
        """Whether somebody is still to hear of an edit."""
        return (self._burst is not None and not self._burst.is_told) or self._refused is not None

    def is_calm(self, now: datetime) -> bool:
        """Whether there is something to tell, and nothing more was edited for a while."""
        return _is_to_tell(self._burst, now) or (self._refused is not None and now - self._refused[1] >= CALM)

    async def tell(self, rules: Rules, lists: Sequence[Watchlist]) -> int:
        """Write what the editors are to hear; how many messages that makes."""
        now, burst, refused = self.clock(), self._burst, self._refused
        written = 0
        if burst is not None and _is_to_tell(burst, now):
            written += await self.store.write(self._tell_live, burst, rules)
            burst.is_told = True
            self._let_go(burst)
        if refused is not None and now - refused[1] >= CALM:
            fresh = {path: found for path, found in refused[0].items() if self._told_refused.get(path) != found}
            written += await self.store.write(self._tell_refused, fresh, rules, lists)
            if self._refused is refused:  # nothing was edited while it was written
                self._refused, self._told_refused = None, refused[0]
        return written

    def _let_go(self, burst: Burst) -> None:
        """It is tried and told."""
        if self._burst is burst and burst.is_told and burst.again_at is None:
            self._burst = None

    # ------------------------------------------------------------------------------------------------ the trial

    async def _try(self, burst: Burst) -> None:
        """Try the archive, hold back what floods, tell what `since` asks for by the rules that are then in force, and
        only then take the watches for known: a crash or a failure begins anew."""
        found, burst.again_at = Found(), None
        try:
            await self._rehearsal.search(burst, found)
        except MonitorError as error:
            self._put_off(burst, error)
        floods = self._rehearsal.judge(burst, found)
        self._hold_back(self.floods | floods)
        if burst.again_at is not None:
            return
        try:
            await self._apply(burst, found)
            await self._note(burst.after, floods)
        except MonitorError as error:
            self._put_off(burst, error)
        self._let_go(burst)

    def _put_off(self, burst: Burst, error: MonitorError) -> None:
        log.warning("an edit could not be tried on the archive, it is tried again: %s", error)
        burst.again_at = self.clock() + AGAIN * 2 ** min(burst.failures, DOUBLED)
        burst.failures += 1

    def try_again(self, now: datetime) -> None:
        """A trial that failed is made again when its time has come."""
        burst = self._burst
        if burst is not None and burst.again_at is not None and now >= burst.again_at:
            burst.again_at = None
            burst.trial = self.spawn(self._try(burst))

    def _hold_back(self, floods: dict[Key, int]) -> None:
        if floods != self.floods:
            self.floods = floods
            self.on_floods()

    async def _note(self, lists: Lists, floods: Mapping[Key, int]) -> None:
        """These are the watches in force, and what floods of them."""
        self._hold_back(await self.store.write(self._remember, lists, floods))

    def _remember(self, connection: Connection, after: Lists, floods: Mapping[Key, int]) -> dict[Key, int]:
        rows.remember(connection, revision.digests(after.lists), self.clock())
        rows.set_floods(connection, floods)
        rows.note(connection, rows.REFUSED, None, self.clock())
        return rows.floods(connection)

    async def _apply(self, burst: Burst, found: Found) -> None:
        """`since`: what a new watch finds in recent articles is told as if it had been there."""
        if burst.after.rules is None:
            return
        rules = hold_back(burst.after.rules, self.floods, burst.after.lists)
        for waiting, story, hits in found.back:
            if await self.store.write(conclude_archived, waiting, story, hits, rules, self.clock()):
                self.on_alerts()

    # ------------------------------------------------------------------------------------------------ messages

    def _tell_live(self, connection: Connection, burst: Burst, rules: Rules) -> int:
        lists = {one.path: one for one in (*burst.before.lists, *burst.after.lists)}
        said: defaultdict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        for change in burst.changes:
            message = revision.live(change, burst.outlooks.get(change.path), burst.at, ZoneInfo(rules.alerts.zone))
            log.info("%s", message[0])
            for channel in _editors(lists.get(change.path), rules):
                said[channel].append(message)
        return sum(_write(connection, rules, channel, messages, self.clock()) for channel, messages in said.items())

    def _tell_refused(
        self, connection: Connection, found: Mapping[str, list[Problem]], rules: Rules, lists: Sequence[Watchlist]
    ) -> int:
        of_file = {one.path: one for one in lists}
        said: defaultdict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        for path, problems in found.items():
            running = self._taken.get(path, self.started)
            message = revision.refused(path or "the configuration", problems, running, ZoneInfo(rules.alerts.zone))
            to = _editors(of_file[path], rules) if path in of_file else rules.health or rules.alerts.to or ()
            for channel in to:
                said[channel].append(message)
        return sum(_write(connection, rules, channel, messages, self.clock()) for channel, messages in said.items())


def _write(
    connection: Connection, rules: Rules, channel: str, messages: Sequence[tuple[str, tuple[str, ...]]], now: datetime
) -> int:
    """One message however many files were edited."""
    title, lines = messages[0]
    if len(messages) > 1:
        title = f"{title} (and {len(messages) - 1} more)"
        lines = tuple(line for one, more in messages for line in (f"{one}", *more))
    for target in rules.targets.get(channel, ()):
        body = {"title": title, "lines": lines}
        outbox.add_notice(connection, (channel, target), body, now, reason="edit")
    return len(rules.targets.get(channel, ()))


def _is_to_tell(burst: Burst | None, now: datetime) -> bool:
    """Tried, even if that failed, not told yet, and nothing more was edited for a while."""
    if burst is None or burst.is_told or burst.trial is None:
        return False
    return burst.trial.done() and now - burst.at >= CALM


def _editors(one: Watchlist | None, rules: Rules) -> tuple[str, ...]:
    """Its `editors`, built in its `to`, else whoever hears of alerts."""
    everybody = tuple(channel.name for channel in rules.channels)
    own = (one.editors, one.to) if one else ()
    return next((given for given in (*own, rules.alerts.to) if given is not None), everybody)


def _since_last_run(
    known: Mapping[Key, str], before: Sequence[Watchlist], after: Sequence[Watchlist]
) -> tuple[Change, ...]:
    """Against the digests of a run before; `before` are the lists at this run's start, for what digests do not say."""
    found, digests = [], revision.digests(after)
    for one in after:
        names = [watch.name for watch in one.watches]
        change = Change(
            path=one.path,
            watchlist=one.name,
            added=tuple(name for name in names if (one.name, name) not in known),
            changed=tuple(name for name in names if known.get((one.name, name)) not in (None, digests[one.name, name])),
            removed=tuple(name for of, name in known if of == one.name and name not in names),
        )
        if change.is_any:
            found.append(change)
    told = {change.path for change in found}
    for change in revision.changes(before, after):
        removed = tuple(name for name in change.removed if (change.watchlist, name) in known)
        rest = replace(change, added=(), changed=(), removed=removed)
        if change.path not in told and rest.is_any:
            found.append(rest)
    return tuple(found)
