"""An edit tried on the archive: what it would have sent, what would flood, what `since` asks for; before and after.

It finds and counts; who is told of that, and what becomes of a flood, is `editing`.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor import revision, tasks
from monitor.model import Document, Hit, Watch, Watchlist
from monitor.revision import Change, Key, Outlook
from monitor.rules import Rules
from monitor.store import AsyncStore
from monitor.store import watches as rows
from monitor.store.articles import Waiting
from monitor.store.watches import Kept
from monitor.workers import Workers

#: How much of the archive an edit is tried on, and for how long that may take.
WINDOW = timedelta(days=7)
BUDGET_S = 60.0
BATCH = 50
BATCH_DEADLINE_S = 60.0
HEADLINES = 3


@dataclass(frozen=True, slots=True)
class Lists:
    """Watchlists, and the rules they are matched by; `rules` is None for those of a run before this one."""

    lists: tuple[Watchlist, ...]
    rules: Rules | None

    @property
    def watches(self) -> dict[Key, Watch]:
        return {(one.name, watch.name): watch for one in self.lists for watch in one.watches}


@dataclass(slots=True)
class Burst:
    """Edits that followed each other: from what to what, and what the archive says of that.

    `known` are the digests of a run before this one, where its watches are those of before; `again_at` is when the
    trial, which failed, is made again.
    """

    before: Lists
    after: Lists
    changes: tuple[Change, ...]
    at: datetime
    outlooks: dict[str, Outlook] = field(default_factory=dict)
    trial: asyncio.Task[object] | None = None
    known: Mapping[Key, str] | None = None
    again_at: datetime | None = None
    failures: int = 0
    is_told: bool = False


@dataclass(slots=True)
class Found:
    """Stories by watch, as found in the archive so far; `back` are the hits that `since` asks for."""

    now: defaultdict[Key, set[int]] = field(default_factory=lambda: defaultdict(set))
    before: defaultdict[Key, set[int]] = field(default_factory=lambda: defaultdict(set))
    titles: dict[int, str] = field(default_factory=dict)
    oldest: datetime | None = None
    back: list[tuple[Waiting, int, list[Hit]]] = field(default_factory=list)


class Rehearsal:
    """Tries edits on what the store keeps; raises what the store and the workers raise."""

    def __init__(self, store: AsyncStore, workers: Workers, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.workers = workers
        self.clock = clock

    async def search(self, burst: Burst, found: Found) -> None:
        """Add to `found` what the archive holds for the watches of before and after, newest first."""
        now, end = self.clock(), time.monotonic() + BUDGET_S
        back = {key: now - watch.since for key, watch in _new(burst).items() if watch.since}
        below: int | None = None
        while True:
            is_counting = time.monotonic() < end
            since = min([*back.values(), *([now - WINDOW] if is_counting else [])], default=None)
            page = await self.store.look(rows.archive, since, below, BATCH) if since else []
            if not page:
                return
            below = page[-1].waiting.id
            hits = await self._find(page, burst.after, frozenset(_keys(burst, burst.after)) if is_counting else back)
            found.back += _asked_back(page, hits, back, now)
            if is_counting:
                before = await self._find(page, burst.before, _keys(burst, burst.before))
                _count(page, hits, before, found, now - WINDOW)

    async def _find(self, page: Sequence[Kept], lists: Lists, wanted: object) -> list[tuple[Hit, ...]]:
        keys = frozenset(wanted)  # type: ignore[call-overload]
        if lists.rules is None or not keys:
            return [() for _ in page]
        documents = [_document(one, lists.rules) for one in page]
        return await self.workers.run(tasks.find, documents, lists.rules.watches, keys, deadline_s=BATCH_DEADLINE_S)

    def judge(self, burst: Burst, found: Found) -> dict[Key, int]:
        """What the archive says of each list; the watches that would flood, with their stories a day."""
        now = self.clock()
        span = min(WINDOW, now - found.oldest) if found.oldest else timedelta()
        days = max(1.0, span / timedelta(days=1))
        per_day = {key: round(len(stories) / days) for key, stories in found.now.items()}
        floods = {
            key: per_day[key]
            for key, watch in _new(burst).items()
            if not watch.may_flood and per_day.get(key, 0) > revision.FLOOD
        }
        if found.oldest:
            for change in burst.changes:
                burst.outlooks[change.path] = _outlook(change, burst, found, span, floods)
        return floods


def _asked_back(
    page: Sequence[Kept], hits: Sequence[tuple[Hit, ...]], back: Mapping[Key, datetime], now: datetime
) -> Iterator[tuple[Waiting, int, list[Hit]]]:
    """The hits of watches that ask for what is so old."""
    for one, found in zip(page, hits, strict=True):
        mine = [hit for hit in found if one.waiting.first_seen >= back.get((hit.watchlist, hit.watch), now)]
        if mine:
            yield one.waiting, one.story, mine


def _new(burst: Burst) -> dict[Key, Watch]:
    """The watches that are new or look for something else."""
    fresh = {(change.watchlist, name) for change in burst.changes for name in (*change.added, *change.changed)}
    return {key: watch for key, watch in burst.after.watches.items() if key in fresh}


def _keys(burst: Burst, lists: Lists) -> list[Key]:
    """All watches of the files that changed."""
    paths = {change.path for change in burst.changes}
    return [(one.name, watch.name) for one in lists.lists if one.path in paths for watch in one.watches]


def _document(one: Kept, rules: Rules) -> Document:
    feed = rules.feed(one.waiting.feed_url)
    return replace(one.document, feed=rules.name(one.waiting.feed_url, one.waiting.feed_title), tags=feed.tags)


def _count(
    page: Sequence[Kept],
    hits: Sequence[tuple[Hit, ...]],
    before: Sequence[tuple[Hit, ...]],
    found: Found,
    since: datetime,
) -> None:
    for one, now, then in zip(page, hits, before, strict=True):
        if one.waiting.first_seen >= since:
            found.oldest = one.waiting.first_seen
            found.titles.setdefault(one.story, one.document.title)
            for hit in now:
                found.now[hit.watchlist, hit.watch].add(one.story)
            for hit in then:
                found.before[hit.watchlist, hit.watch].add(one.story)


def _outlook(change: Change, burst: Burst, found: Found, span: timedelta, floods: Mapping[Key, int]) -> Outlook:
    mine = {(one.name, watch.name) for one in burst.after.lists if one.path == change.path for watch in one.watches}
    then = {(one.name, watch.name) for one in burst.before.lists if one.path == change.path for watch in one.watches}
    now_stories = {story for key in mine for story in found.now[key]}
    then_stories = {story for key in then for story in found.before[key]}
    fresh = sorted(now_stories - then_stories, reverse=True)[:HEADLINES]
    return Outlook(
        now=len(now_stories),
        before=len(then_stories) if burst.before.rules is not None else None,
        span=span,
        new=tuple(found.titles[story] for story in fresh) if burst.before.rules is not None else (),
        floods=tuple((key[1], per_day) for key, per_day in floods.items() if key in mine),
    )
