"""What becomes of the entries that a poll shows for the first time: read and matched, or only archived.

Pure: entries and times in, a plan out; it must not see the store, the network or a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from monitor.model import Entry


@dataclass(frozen=True, slots=True)
class Plan:
    """`news` is told like everything that comes in; `first_look` is what a feed had before it was watched; `archive` is
    too old, or its feed's first look is to stay silent."""

    news: tuple[Entry, ...] = ()
    first_look: tuple[Entry, ...] = ()
    archive: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """Of the `alerts` section: what a first poll shows and is older than `fresh` (None: no limit) is not read."""

    fresh: timedelta | None
    is_first_archived: bool


def plan(entries: Sequence[Entry], terms: Terms, now: datetime, watched_since: datetime | None) -> Plan:
    """Sort new entries. `watched_since`: when the feed was added, where this is its first poll that went well; None
    later, when everything is news to us, whatever its date.

    The first poll may come long after it was tried first (a dead server, a process that was killed): what was published
    meanwhile is news, too.
    """
    if watched_since is None:
        return Plan(news=tuple(entries))
    is_late = _published_between(entries, watched_since, now)
    late = tuple(entry for entry, late in zip(entries, is_late, strict=True) if late)
    before = [entry for entry, late in zip(entries, is_late, strict=True) if not late]
    if terms.is_first_archived:
        return Plan(news=late, archive=tuple(before))
    old = [terms.fresh is not None and is_older(entry, terms.fresh, now) for entry in before]
    return Plan(
        news=late,
        first_look=tuple(entry for entry, is_old in zip(before, old, strict=True) if not is_old),
        archive=tuple(entry for entry, is_old in zip(before, old, strict=True) if is_old),
    )


def _published_between(entries: Sequence[Entry], since: datetime, now: datetime) -> list[bool]:
    """By their own dates; where most are those of the answer, they say nothing."""
    stamped = sum(entry.published is not None and now - STAMPED < entry.published <= now for entry in entries)
    dates = [None if stamped > max(1, len(entries) / 2) else entry.published for entry in entries]
    return [date is not None and since < date <= now for date in dates]


#: A feed that dates its entries by the moment of its answer is off by its own time and ours.
STAMPED = timedelta(minutes=1)


def is_older(entry: Entry, age: timedelta, now: datetime) -> bool:
    """By its own date; an entry without one counts as fresh, since nothing says that it is old."""
    date = entry.published or entry.updated
    return date is not None and now - date > age


#: No feed is older; what says so is a broken clock or an empty field (RSS itself is of 1999).
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


def dated(entry: Entry, now: datetime) -> Entry:
    """The entry without dates that cannot be: before 1990, or more than a day ahead."""
    published, updated = _possible(entry.published, now), _possible(entry.updated, now)
    if published is entry.published and updated is entry.updated:
        return entry
    return replace(entry, published=published, updated=updated)


def _possible(date: datetime | None, now: datetime) -> datetime | None:
    return date if date is not None and OLDEST <= date <= now + timedelta(days=1) else None
