"""How many stories each watch found in each of the last days, and what was silenced: counts for sentences.

It must not judge whether that is much or little.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Label, func, literal, select, type_coerce

from monitor.store.schema import (
    EPOCH,
    MICROSECOND,
    alerts,
    articles,
    decisions,
    deliveries,
    delivery_alerts,
    feeds,
    hits,
)

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
    mine = (decisions.c.channel == channel) & (decisions.c.action == "archive") & (decisions.c.cause == "silenced")
    return int(connection.execute(query.where(mine)).scalar_one())


def delivered_since(connection: Connection, mark: datetime, limit: int = 5000) -> list[tuple[datetime, float, float]]:
    """Alerts accepted after `mark`, oldest first: when, and the seconds since they were decided and first seen."""
    query = select(deliveries.c.settled_at, deliveries.c.created_at, articles.c.first_seen)
    query = query.join(delivery_alerts, delivery_alerts.c.delivery_id == deliveries.c.id)
    query = query.join(alerts, alerts.c.id == delivery_alerts.c.alert_id)
    query = query.join(articles, articles.c.id == alerts.c.article_id)
    query = query.where(deliveries.c.kind == "alert", deliveries.c.state == "sent", deliveries.c.settled_at > mark)
    rows = connection.execute(query.order_by(deliveries.c.settled_at).limit(limit)).all()
    return [(at, (at - decided).total_seconds(), (at - seen).total_seconds()) for at, decided, seen in map(tuple, rows)]


def of_days(connection: Connection, since: datetime) -> dict[str, int]:
    """What came and was told since then."""

    def count(table: Any, *conditions: Any) -> int:
        return int(connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())

    return {
        "articles": count(articles, articles.c.first_seen >= since),
        "alerts": count(alerts, alerts.c.created_at >= since),
        "sent": count(deliveries, deliveries.c.state == "sent", deliveries.c.settled_at >= since),
        "given_up": count(deliveries, deliveries.c.state == "given up", deliveries.c.settled_at >= since),
        "gaps": count(feeds, feeds.c.is_active, feeds.c.last_gap_at >= since),
    }


def age_days(connection: Connection, now: datetime) -> float:
    """For how many days there has been anything."""
    first: datetime | None = connection.execute(select(func.min(articles.c.first_seen))).scalar()
    return (now - first) / _DAY if first else 0.0


def quiet(connection: Connection, watchlist: str, watch: str) -> dict[str, Any]:
    """What there is to say of a watch that finds nothing: its last hit, and what was polled and read since then."""
    mine = (hits.c.watchlist == watchlist) & (hits.c.watch == watch)
    last: datetime | None = connection.execute(select(func.max(hits.c.found_at)).where(mine)).scalar()
    row = connection.execute(
        select(articles.c.id, articles.c.title, articles.c.url)
        .join(hits, hits.c.article_id == articles.c.id)
        .where(mine, hits.c.found_at == last)
    ).first()
    since = last or EPOCH
    read = select(func.count()).select_from(articles).where(articles.c.first_seen > since)
    whole = read.where(articles.c.matched_on == "full article")
    polled = select(func.count()).select_from(feeds).where(feeds.c.is_active, feeds.c.last_success_at > since)
    active = select(func.count()).select_from(feeds).where(feeds.c.is_active)
    return {
        "last_hit": last,
        "last_article": {"title": row.title, "url": row.url} if row else None,
        "articles": int(connection.execute(read).scalar_one()),
        "full_articles": int(connection.execute(whole).scalar_one()),
        "feeds_polled": int(connection.execute(polled).scalar_one()),
        "feeds": int(connection.execute(active).scalar_one()),
        "languages": [
            (code or "?", number)
            for code, number in connection.execute(
                select(articles.c.language, func.count())
                .where(articles.c.first_seen > since)
                .group_by(articles.c.language)
                .order_by(func.count().desc())
                .limit(5)
            )
        ],
    }
