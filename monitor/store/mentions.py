"""What a watch found, how often and where: counts for its page, from its index and its newest hits.

It reads only, and judges nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, and_, desc, func, literal, select, tuple_, type_coerce

from monitor.store.schema import EPOCH, MICROSECOND, articles, feeds, hits

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mentions:
    """Articles that a watch found: by day (0 = the 24 hours before now), and when last."""

    by_day: dict[int, int]
    last: datetime | None

    def within(self, days: int) -> int:
        return sum(count for age, count in self.by_day.items() if age < days)


def mentions(connection: Connection, watch: tuple[str, str], now: datetime, days: int) -> Mentions:
    """From the watch's index alone."""
    mine = and_(hits.c.watchlist == watch[0], hits.c.watch == watch[1])
    age = (literal((now - EPOCH) // MICROSECOND) - type_coerce(hits.c.found_at, BigInteger)) // literal(
        _DAY // MICROSECOND
    )
    query = select(age.label("age"), func.count()).where(mine, hits.c.found_at > now - days * _DAY)
    counts = {max(0, int(row[0])): int(row[1]) for row in connection.execute(query.group_by(age))}
    last = connection.execute(select(func.max(hits.c.found_at)).where(mine)).scalar()
    return Mentions(counts, last)


@dataclass(frozen=True, slots=True)
class Finds:
    """What a watch's newest hits consist of: articles by term, by (term, form) and by feed."""

    looked_at: int
    terms: Counter[str]
    forms: Counter[tuple[str, str]]
    outlets: Counter[tuple[str, str]]  # (url, title) of the feed


def finds(connection: Connection, watch: tuple[str, str], limit: int = 300) -> Finds:
    """Of its newest `limit` hits."""
    mine = and_(hits.c.watchlist == watch[0], hits.c.watch == watch[1])
    query = select(hits.c.evidence, feeds.c.url, feeds.c.title).join(articles, articles.c.id == hits.c.article_id)
    query = query.join(feeds, feeds.c.id == articles.c.feed_id).where(mine).order_by(desc(hits.c.found_at))
    found = Finds(0, Counter(), Counter(), Counter())
    looked_at = 0
    for row in connection.execute(query.limit(limit)):
        looked_at += 1
        found.outlets[row.url, row.title] += 1
        found.terms.update({piece["term"] for piece in row.evidence})
        found.forms.update({(piece["term"], piece["text"]) for piece in row.evidence})
    return Finds(looked_at, found.terms, found.forms, found.outlets)


def known_watches(connection: Connection) -> list[tuple[str, str]]:
    """Every (watchlist, name) that ever found something: each the next step in the index."""
    found: list[tuple[str, str]] = []
    step = select(hits.c.watchlist, hits.c.watch).order_by(hits.c.watchlist, hits.c.watch).limit(1)
    row = connection.execute(step).first()
    while row is not None and len(found) < 1000:
        found.append((row.watchlist, row.watch))
        after = tuple_(hits.c.watchlist, hits.c.watch) > tuple_(literal(row.watchlist), literal(row.watch))
        row = connection.execute(step.where(after)).first()
    return found
