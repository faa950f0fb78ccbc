"""What was given up and not yet told to anybody, and the notices written so far.

Who is told, and in what words, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, func, select, update

from monitor.facts import Down
from monitor.notices import Lost
from monitor.shortid import encode
from monitor.store.schema import alerts, articles, channels, deliveries, delivery_alerts, feeds, troubles
from monitor.troubles import Memory

#: Rows that one query names by their keys.
AT_ONCE = 500
_failing = (feeds.c.is_active, feeds.c.stopped_at.is_(None), feeds.c.failures > 1, feeds.c.failing_since.is_not(None))


def given_up(connection: Connection) -> dict[str, list[Lost]]:
    """Alerts and summaries given up that nobody was told of, by channel, oldest first. Notices are no loss to tell."""
    query = select(deliveries).where(deliveries.c.state == "given up", deliveries.c.reported_at.is_(None))
    query = query.where(deliveries.c.kind.in_(("alert", "summary"))).order_by(deliveries.c.created_at, deliveries.c.id)
    found: dict[str, list[Lost]] = {}
    for row in connection.execute(query).all():
        lost = Lost(row.id, row.created_at, row.answer, _stories(connection, row.id))
        found.setdefault(row.channel, []).append(lost)
    return found


def _stories(connection: Connection, delivery: str) -> tuple[tuple[str, str], ...]:
    query = select(alerts.c.id, articles.c.title).join(articles, articles.c.id == alerts.c.article_id)
    query = query.join(delivery_alerts, delivery_alerts.c.alert_id == alerts.c.id)
    rows = connection.execute(query.where(delivery_alerts.c.delivery_id == delivery).order_by(alerts.c.id))
    return tuple((encode("A", row.id), row.title) for row in rows)


def mark_told(connection: Connection, ids: Collection[str], now: datetime) -> None:
    connection.execute(update(deliveries).where(deliveries.c.id.in_(list(ids))).values(reported_at=now))


def last_notice(connection: Connection, reason: str, channel: str | None = None) -> datetime | None:
    """When the latest notice of this reason was written, to this channel if one is given."""
    query = select(func.max(deliveries.c.created_at)).where(deliveries.c.kind == "notice")
    query = query.where(deliveries.c.channel == channel) if channel is not None else query
    found: datetime | None = connection.execute(query.where(deliveries.c.reason == reason)).scalar()
    return found


def notices(connection: Connection, reason: str, since: datetime) -> list[dict[str, Any]]:
    """The bodies of notices of this reason written since then."""
    query = select(deliveries.c.body).where(deliveries.c.kind == "notice", deliveries.c.reason == reason)
    return list(connection.execute(query.where(deliveries.c.created_at >= since)).scalars())


# ------------------------------------------------------------------------------------------ what is wrong now


def channels_down(connection: Connection, names: Collection[str]) -> list[Down]:
    """Channels that fail now, with how many messages wait for each."""
    waiting = select(func.count()).select_from(deliveries)
    waiting = waiting.where(deliveries.c.channel == channels.c.name, deliveries.c.state == "pending")
    query = select(channels, waiting.scalar_subquery().label("waiting")).where(channels.c.failures > 0)
    rows = connection.execute(query.where(channels.c.name.in_(list(names))).order_by(channels.c.name))
    return [
        Down(f"channel {row.name}", row.name, row.failing_since, row.error, row.waiting, bool(row.is_gone))
        for row in rows
    ]


def failing_feeds(connection: Connection, urls: Sequence[str]) -> list[Row[Any]]:
    """Those of these feeds that are polled and fail again and again."""
    found: list[Row[Any]] = []
    query = select(feeds.c.id, feeds.c.url, feeds.c.title, feeds.c.failing_since, feeds.c.error).where(*_failing)
    for start in range(0, len(urls), AT_ONCE):
        found += connection.execute(query.where(feeds.c.url.in_(urls[start : start + AT_ONCE])))
    return found


def common_errors(connection: Connection, since: datetime | None) -> list[str]:
    """What feeds that began to fail since then answer most often."""
    query = select(feeds.c.error).where(*_failing).group_by(feeds.c.error).order_by(func.count().desc()).limit(3)
    return list(connection.execute(query.where(feeds.c.failing_since >= since) if since else query).scalars())


def readings(connection: Connection, since: datetime, turn: datetime) -> list[Row[Any]]:
    """For each feed, how many articles were read in full and how many only as summary or headline, before and after
    `turn`, of those first seen `since`."""
    is_recent = articles.c.first_seen >= turn
    is_full = articles.c.matched_on == "full article"
    is_short = articles.c.matched_on.in_(("summary", "headline"))

    def count(*conditions: ColumnElement[bool]) -> Any:
        return func.sum(case((and_(*conditions), 1), else_=0))

    query = select(
        feeds.c.id,
        feeds.c.url,
        feeds.c.title,
        count(~is_recent, is_full).label("full_before"),
        count(~is_recent, is_short).label("short_before"),
        count(is_recent, is_full).label("full"),
        count(is_recent, is_short).label("short"),
    ).join(articles, articles.c.feed_id == feeds.c.id)
    query = query.where(feeds.c.is_active, articles.c.state == "done", articles.c.first_seen >= since)
    return list(connection.execute(query.group_by(feeds.c.id, feeds.c.url, feeds.c.title)))


def unsent(connection: Connection, before: datetime, names: Collection[str]) -> tuple[int, datetime | None]:
    """Messages due before that of channels that work, and since when the oldest of them is."""
    failing = select(channels.c.name).where(channels.c.failures > 0)
    late = (deliveries.c.state == "pending") & (deliveries.c.due_at < before) & (deliveries.c.kind != "trial")
    mine = deliveries.c.channel.in_(list(names)) & deliveries.c.channel.not_in(failing) & (deliveries.c.attempts == 0)
    row = connection.execute(select(func.count(), func.min(deliveries.c.due_at)).where(late, mine)).one()
    return int(row[0]), row[1]


def unread(connection: Connection, before: datetime) -> tuple[int, datetime | None]:
    """Articles that came before that and were never tried, and since when the oldest of them waits."""
    late = (articles.c.state == "waiting") & (articles.c.first_seen < before) & (articles.c.tries == 0)
    row = connection.execute(select(func.count(), func.min(articles.c.first_seen)).where(late)).one()
    return int(row[0]), row[1]


def remembered(connection: Connection) -> dict[str, Memory]:
    """What is known of troubles, by key."""
    return {
        row.key: Memory(row.since, row.ended_at, row.told_at, row.is_end_told, row.returns, row.title, row.brief or "")
        for row in connection.execute(select(troubles))
    }


def remember(connection: Connection, key: str, memory: Memory | None) -> None:
    connection.execute(delete(troubles).where(troubles.c.key == key))
    if memory is not None:
        connection.execute(troubles.insert().values(key=key, **asdict(memory)))


def gathered(connection: Connection) -> dict[tuple[str, str], list[Row[Any]]]:
    """Notices about feeds that wait for the message of the day, by channel and target, oldest first."""
    query = select(deliveries).where(deliveries.c.kind == "notice", deliveries.c.state == "gathered")
    query = query.where(deliveries.c.reported_at.is_(None)).order_by(deliveries.c.created_at, deliveries.c.id)
    found: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in connection.execute(query):
        found.setdefault((row.channel, row.target), []).append(row)
    return found
