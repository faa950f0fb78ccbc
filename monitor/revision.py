"""What an edit changed in the watchlists, and the sentences that tell its editors about it.

Pure: the watchlists of before and after in, what changed and words out; it must not count anything by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from hashlib import blake2b
from pathlib import PurePath
from typing import Any

from monitor.errors import Problem
from monitor.model import Watch, Watchlist, all_groups

Key = tuple[str, str]  # watchlist, watch
#: Stories a day above which a watch that was edited goes into digests until its owner says that it may.
FLOOD = 50
_GROUP = re.compile(r"\$(\w[\w-]*)")
_SHOWN = 5
#: What says where a watch stands or how it is tried, not what it is.
_APART: dict[str, Any] = {
    "where": "",
    "places": {},
    "must_match": (),
    "must_not_match": (),
    "since": None,
    "may_flood": False,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One watchlist that an edit changed. `path` is the file as shown; names are those of watches."""

    path: str
    watchlist: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    is_other: bool = False  # something else of the list: who is told, who edits

    @property
    def is_any(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.is_other)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the archive says of a change: stories that the list's watches find in it, now and as they were.

    `before` is None where the watches of before are not known; `new` are headlines found only now.
    """

    now: int
    before: int | None
    span: timedelta
    new: tuple[str, ...] = ()
    floods: tuple[tuple[str, int], ...] = ()  # watch, stories a day


def digest(watch: Watch, groups: Mapping[str, Sequence[str]]) -> str:
    """Names what a watch looks for and whom it tells, groups included, wherever it stands in its file."""
    bare = replace(watch, languages=frozenset(), spellings=frozenset(), **_APART)  # a set prints in any order
    texts = " ".join(filter(None, (watch.match, *watch.all, *watch.any, *watch.none)))
    used = {name: tuple(groups[name]) for name in sorted(_used(texts, groups))}
    said = f"{bare!r} {sorted(watch.languages)} {sorted(watch.spellings)} {used!r}"
    return blake2b(said.encode(), digest_size=12).hexdigest()


def _used(texts: str, groups: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    waiting = set(_GROUP.findall(texts)) & groups.keys()
    while waiting:
        found |= waiting
        named = " ".join(" ".join(groups[name]) for name in waiting)
        waiting = set(_GROUP.findall(named)) & groups.keys() - found
    return found


def digests(watchlists: Iterable[Watchlist]) -> dict[Key, str]:
    """Of every watch, by watchlist and name."""
    lists = tuple(watchlists)
    groups = all_groups(lists)
    return {(one.name, watch.name): digest(watch, groups) for one in lists for watch in one.watches}


def changes(before: Sequence[Watchlist], after: Sequence[Watchlist]) -> tuple[Change, ...]:
    """The watchlists that differ, those that are gone included, in order of the files."""
    old, new = {one.path: one for one in before}, {one.path: one for one in after}
    known, now = digests(before), digests(after)
    found = (_change(old.get(path), new.get(path), known, now) for path in dict.fromkeys((*new, *old)))
    return tuple(one for one in found if one.is_any)


def _change(old: Watchlist | None, new: Watchlist | None, known: Mapping[Key, str], now: Mapping[Key, str]) -> Change:
    one = new or old
    assert one is not None
    then = {watch.name: known[old.name, watch.name] for watch in old.watches} if old else {}
    today = {watch.name: now[new.name, watch.name] for watch in new.watches} if new else {}
    return Change(
        path=one.path,
        watchlist=one.name,
        added=tuple(name for name in today if name not in then),
        changed=tuple(name for name in today if name in then and today[name] != then[name]),
        removed=tuple(name for name in then if name not in today),
        is_other=bool(old and new and (old.name, old.to, old.editors) != (new.name, new.to, new.editors)),
    )


# ---------------------------------------------------------------------------------------------------- in words


def live(change: Change, outlook: Outlook | None, at: datetime, zone: tzinfo) -> tuple[str, tuple[str, ...]]:
    """Title and lines for an edit that was taken at `at`."""
    counts = {"added": len(change.added), "changed": len(change.changed), "removed": len(change.removed)}
    parts = [f"{count} {what}" for what, count in counts.items() if count]
    if parts:
        count, what = parts[0].split()
        parts[0] = f"{count} {'watch' if count == '1' else 'watches'} {what}"
    said = ", ".join(parts) or "its settings changed"
    title = f"{_file(change.path)} is live since {at.astimezone(zone):%H:%M}: {said}"
    return title, tuple(_outlook(outlook)) if outlook else ()


def _outlook(outlook: Outlook) -> Iterable[str]:
    before = f" (before: {outlook.before})" if outlook.before is not None else ""
    alerts = "1 alert" if outlook.now == 1 else f"{outlook.now} alerts"
    yield f"Over {_span(outlook.span)} it would have sent {alerts}{before}."
    if outlook.new:
        yield f"New: {'; '.join(outlook.new)}"
    for watch, per_day in outlook.floods:
        yield (
            f"{watch} would send about {per_day} a day, so it goes into a daily digest. "
            f"To be told at once all the same, write in it: flood: ok"
        )


def _span(span: timedelta) -> str:
    if span >= timedelta(days=2):
        return f"the last {round(span / timedelta(days=1))} days"
    return f"the last {max(1, round(span / timedelta(hours=1)))} h"


def refused(path: str, problems: Sequence[Problem], running: datetime, zone: tzinfo) -> tuple[str, tuple[str, ...]]:
    """Title and lines for an edit that was not taken; `running` is when the version that still runs was."""
    title = f"{_file(path)} not taken, the version of {running.astimezone(zone):%H:%M} still runs"
    lines = [f"line {one.line}: {one.message}" if one.line else one.message for one in problems]
    more = len(lines) - _SHOWN
    return title, (*lines[:_SHOWN], *([f"and {more} more; 'monitor check' names all"] if more > 0 else []))


def _file(path: str) -> str:
    return PurePath(path).name
