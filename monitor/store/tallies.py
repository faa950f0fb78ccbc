"""How many stories each watch found in each of the last days, and what was silenced: counts for sentences.

It must not judge whether that is much or little.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Connection, Label, func, literal, select, type_coerce

from monitor.store.schema import EPOCH, MICROSECOND, articles, decisions, hits

DAYS = 28
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """A watch's stories a day, oldest first, the last being the 24 hours before now; from its first hit on.

    Days without any article of any feed are left out: then it was the program that did not look.
    """

    stories: tuple[int, ...]
    last: datetime | None = field(default=None)  # its latest hit

    @property
    def history(self) -> tuple[int, ...]:
        return self.stories[:-1]

    @property
    def today(self) -> int:
        return self.stories[-1]


def per_day(connection: Connection, now: datetime) -> dict[tuple[str, str], Tally]:
    """By (watchlist, watch). What a feed's first poll showed does not count: it is no news of that day."""
    day = _days_ago(hits.c.found_at, now)
    story = func.count(func.distinct(articles.c.story_id)).label("stories")
    query = select(hits.c.watchlist, hits.c.watch, day, story).join(articles, articles.c.id == hits.c.article_id)
    query = query.where(hits.c.found_at > now - (DAYS + 1) * _DAY, hits.c.found_at <= now, ~articles.c.is_first_look)
    counted: defaultdict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for row in connection.execute(query.group_by(hits.c.watchlist, hits.c.watch, day)):
        counted[row.watchlist, row.watch][int(row.day)] = row.stories
    looked = _days_looked(connection, now) | {0}
    ends = select(hits.c.watchlist, hits.c.watch, func.min(hits.c.found_at), func.max(hits.c.found_at))
    found = {}
    for watchlist, watch, first, last in connection.execute(ends.group_by(hits.c.watchlist, hits.c.watch)):
        days = min(DAYS, max(0, (now - first) // _DAY))
        counts = counted[watchlist, watch]
        found[watchlist, watch] = Tally(tuple(counts.get(age, 0) for age in range(days, -1, -1) if age in looked), last)
    return found


def _days_ago(column: Column[datetime], now: datetime) -> Label[int]:
    age = literal((now - EPOCH) // MICROSECOND) - type_coerce(column, BigInteger)
    return (age // literal(_DAY // MICROSECOND)).label("day")


def _days_looked(connection: Connection, now: datetime) -> set[int]:
    """How many days ago articles came in."""
    recent = articles.c.first_seen > now - (DAYS + 1) * _DAY
    query = select(_days_ago(articles.c.first_seen, now)).where(recent).distinct()
    return {int(row.day) for row in connection.execute(query)}


def silenced(connection: Connection, channel: str, since: datetime) -> int:
    """Stories that the channel was not told since then because somebody silenced them."""
    query = select(func.count(func.distinct(articles.c.story_id)))
    query = query.join(decisions, decisions.c.article_id == articles.c.id).where(articles.c.first_seen >= since)
    mine = (decisions.c.channel == channel) & (decisions.c.action == "archive") & decisions.c.why.like("silenced%")
    return int(connection.execute(query.where(mine)).scalar_one())
