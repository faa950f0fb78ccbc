"""When a feed posts: items by hour of the week, decayed, and the rates that are to be expected from them.

It knows nothing of polling; the hours are UTC, and it must never read a clock: `now` is an argument.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

DAY = timedelta(days=1)
_HALF_LIFE_H = 14 * 24.0
_REMEMBERED = 28 * DAY
#: How far back a first document's items are taken for a record of the past.
_FIRST_LOOK = 14 * DAY
#: What an unknown feed is taken for: this many items in this many hours.
_PRIOR_ITEMS, _PRIOR_H = 0.5, 1.0
#: Nothing is so quiet that nothing is expected: an item in six weeks.
_LEAST_RATE = 0.001
_LAST = 16
#: Silence is judged where the feed was watched for so long, with so many items, and never before a day has passed.
_WATCHED = timedelta(days=14)
_FEW = 8
_TIMES = 3
_NEIGHBOURS = ((-2, 0.1), (-1, 0.2), (0, 0.4), (1, 0.2), (2, 0.1))


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a feed's posting. `counts` are items by hour of the week (UTC, 0 = Monday 00:00), an
    item counting half as much every 14 days; `last_items` are the newest item times, newest last."""

    counts: tuple[float, ...] = (0.0,) * 168
    since: datetime | None = None  # from when on items would be in `counts`
    updated: datetime | None = None  # the moment `counts` are decayed to
    last_items: tuple[datetime, ...] = ()
    longest: timedelta = timedelta(0)  # the longest pause between items, half as long after 14 days

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for the feed's row."""
        return {
            "counts": {str(hour): round(count, 4) for hour, count in enumerate(self.counts) if count >= 0.00005},
            "since": self.since.isoformat() if self.since else None,
            "updated": self.updated.isoformat() if self.updated else None,
            "last_items": [moment.isoformat() for moment in self.last_items],
            "longest_s": round(self.longest.total_seconds()),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> History:
        """The inverse of `to_json`; anything unreadable gives an empty history, never an error."""
        try:
            counts = [0.0] * 168
            for hour, count in ((data or {}).get("counts") or {}).items():
                counts[int(hour)] = max(0.0, float(count))
            return cls(
                counts=tuple(counts),
                since=_moment((data or {}).get("since")),
                updated=_moment((data or {}).get("updated")),
                last_items=tuple(filter(None, map(_moment, (data or {}).get("last_items") or ())))[-_LAST:],
                longest=timedelta(seconds=max(0.0, float((data or {}).get("longest_s") or 0))),
            )
        except (TypeError, ValueError, IndexError, AttributeError):
            return cls()


def observe(history: History, items: Iterable[datetime], now: datetime) -> History:
    """The history after a poll at `now` that showed new items with these times (publication, or `now` if
    unknown).

    To be called after every successful poll, with no items too. A first poll's items tell the past days'
    pattern.
    """
    recent = sorted(max(now - _REMEMBERED, min(moment, now)) for moment in items if moment > now - _REMEMBERED)
    since = history.since
    if since is None:
        # The first document shows the newest few items only: what is older than they are was not observed.
        within = [moment for moment in recent if moment > now - _FIRST_LOOK]
        since = min(within, default=now)
        recent = within
    counts = [count * _decay(history.updated, now) for count in history.counts]
    for moment in recent:
        counts[hour_of_week(moment)] += _decay(moment, now)
    last = tuple(sorted((*history.last_items, *recent))[-_LAST:])
    longest = max([history.longest * _decay(history.updated, now), *_pauses(history.last_items[-1:], recent)])
    return History(tuple(counts), since, now, last, longest)


def _pauses(before: Sequence[datetime], recent: Sequence[datetime]) -> list[timedelta]:
    """Between the items that came, and from the last one before; what is dated earlier than that says nothing."""
    moments = [*before, *(moment for moment in recent if not before or moment > before[-1])]
    return [later - earlier for earlier, later in pairwise(moments)]


def silence(history: History, now: datetime) -> timedelta | None:
    """How long the feed has posted nothing, where that is three times its longest pause so far; else None."""
    if history.since is None or now - history.since < _WATCHED or len(history.last_items) < _FEW:
        return None
    quiet = now - history.last_items[-1]
    return quiet if quiet >= max(_TIMES * history.longest, DAY) else None


def rate(history: History, now: datetime) -> float:
    """Items per hour, over the whole week, recent weeks counting more."""
    decay = _decay(history.updated, now)
    items = sum(history.counts) * decay + _PRIOR_ITEMS * _youth(history, now)
    return max(_LEAST_RATE, items / (_exposure_h(history, now) + _PRIOR_H * _youth(history, now)))


def hourly_rates(history: History, now: datetime) -> list[float]:
    """Expected items per hour for each hour of the week: mean rate, times the hour's and the weekday's
    share, each drawn to the mean as far as little is known."""
    mean = rate(history, now)
    decay = _decay(history.updated, now)
    by_hour = [sum(history.counts[hour::24]) * decay for hour in range(24)]
    by_day = [sum(history.counts[24 * day : 24 * day + 24]) * decay for day in range(7)]
    hours = _hour_factors(by_hour)
    days = _day_factors(by_day, mean, history, now)
    return [mean * hours[place % 24] * days[place // 24] for place in range(168)]


def _hour_factors(counts: Sequence[float]) -> list[float]:
    """Shares of the day's hours, smoothed with their neighbours, mean 1."""
    smooth = [sum(weight * counts[(hour + by) % 24] for by, weight in _NEIGHBOURS) for hour in range(24)]
    total, prior = sum(counts), 8.0
    return [24 * (share + prior / 24) / (total + prior) for share in smooth]


def _day_factors(counts: Sequence[float], mean: float, history: History, now: datetime) -> list[float]:
    hours = [0.0] * 7
    since = history.since or now
    for back in range(28):
        day = now - back * DAY
        if day < since:
            break
        hours[day.astimezone(UTC).weekday()] += 24 * _decay(day, now)
    # A weekday's own share counts once there were several of it.
    prior = 48.0 if now - since > 21 * DAY else 168.0
    return [(count + prior * mean) / ((exposed + prior) * mean) for count, exposed in zip(counts, hours, strict=True)]


def burst(history: History, now: datetime) -> float:
    """How much livelier than usual the last three hours were; 1 as usual, at most 3."""
    span = timedelta(hours=3)
    seen = sum(1 for moment in history.last_items if moment > now - span)
    expected = rate(history, now) * 3
    return min(3.0, max(1.0, (seen + 2) / (expected + 2) if seen > expected else 1.0))


def _exposure_h(history: History, now: datetime) -> float:
    """Hours observed, an hour counting half as much every 14 days, as the items do."""
    if history.since is None:
        return 0.0
    hours = max(0.0, (now - history.since).total_seconds() / 3600)
    return _HALF_LIFE_H / math.log(2) * (1 - math.pow(0.5, hours / _HALF_LIFE_H))


def _youth(history: History, now: datetime) -> float:
    """How much the prior still counts: fully without history, not at all after three days."""
    return max(0.0, 1 - _exposure_h(history, now) / 72)


def _decay(since: datetime | None, now: datetime) -> float:
    if since is None:
        return 1.0
    hours: float = max(0.0, (now - since).total_seconds() / 3600)
    return float(math.pow(0.5, hours / _HALF_LIFE_H))


def hour_of_week(moment: datetime) -> int:
    utc = moment.astimezone(UTC)
    return utc.weekday() * 24 + utc.hour


def _moment(text: Any) -> datetime | None:
    if not isinstance(text, str):
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
