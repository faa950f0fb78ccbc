"""Answers for people: what was told, what waits, what failed, whether all is well.

It reads only; what it gives are plain values for a terminal or JSON.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Select, desc, func, select

from monitor.shortid import encode
from monitor.store import alerts as alert_rows
from monitor.store.numbers import tells
from monitor.store.schema import alerts, articles, attempts, channels, deliveries, delivery_alerts, feeds
from monitor.store.stories import Namer

#: Rows that one query names by number.
AT_ONCE = 500


def told(
    connection: Connection, since: datetime, limit: int, name: Namer, *, only_held: bool, watch: str = ""
) -> list[dict[str, Any]]:
    """Alerts, newest first, each with what became of it; `only_held` for those that no receiver has accepted yet,
    `watch` (a name) for those that name it."""
    query = _alerts().where(alerts.c.created_at >= since).order_by(desc(alerts.c.id))
    if watch:
        query = query.where(alert_rows.of_stories_hit(connection, watch))
    if only_held:
        waiting = select(delivery_alerts.c.alert_id).join(deliveries, deliveries.c.id == delivery_alerts.c.delivery_id)
        query = query.where(alerts.c.id.in_(waiting.where(tells, deliveries.c.state != "sent")))
    rows = _first(connection.execute(query if watch else query.limit(limit)), limit, watch)
    return _with_fates(connection, rows, name)


def told_of(connection: Connection, stories: Collection[int], name: Namer) -> list[dict[str, Any]]:
    """The alerts of these stories, oldest first, each with what became of it."""
    query = _alerts().where(alerts.c.story_id.in_(list(stories))).order_by(alerts.c.id)
    return _with_fates(connection, connection.execute(query).all(), name)


def _alerts() -> Select[Any]:
    query = select(
        alerts, articles.c.title, articles.c.url, articles.c.language, articles.c.published, articles.c.first_seen
    )
    query = query.add_columns(feeds.c.url.label("feed_url"), feeds.c.title.label("feed_title"))
    return query.join(articles, articles.c.id == alerts.c.article_id).join(feeds, feeds.c.id == articles.c.feed_id)


def _first(rows: Iterable[Row[Any]], limit: int, watch: str) -> list[Row[Any]]:
    return list(islice((row for row in rows if not watch or alert_rows.names(row.watches, watch)), limit))


def _with_fates(connection: Connection, rows: Sequence[Row[Any]], name: Namer) -> list[dict[str, Any]]:
    down = {row.name: row for row in connection.execute(select(channels).where(channels.c.failures > 0))}
    sent = _sendings_of(connection, [row.id for row in rows])
    return [_alert(row, name) | _fate(sent[row.id], down.get(row.channel)) for row in rows]


def _sendings_of(connection: Connection, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """The deliveries that carry each of these alerts."""
    found: dict[int, list[Row[Any]]] = {alert: [] for alert in ids}
    outcome = (deliveries.c.state, deliveries.c.due_at, deliveries.c.settled_at, deliveries.c.answer)
    query: Select[Any] = select(delivery_alerts.c.alert_id, *outcome, deliveries.c.kind, deliveries.c.reason)
    query = query.join(deliveries, deliveries.c.id == delivery_alerts.c.delivery_id).where(tells)
    for start in range(0, len(ids), AT_ONCE):
        for row in connection.execute(query.where(delivery_alerts.c.alert_id.in_(ids[start : start + AT_ONCE]))):
            found[row.alert_id].append(row)
    return found


def _fate(rows: Sequence[Row[Any]], down: Row[Any] | None) -> dict[str, Any]:
    """What became of an alert with these deliveries; while it waits, until when, and the receiver's last word where
    that is the cause.

    `down` is its channel's row if that fails now.
    """
    fate = {
        "state": min(row.state for row in rows),
        "due_at": max(row.due_at for row in rows),
        "settled_at": max((row.settled_at for row in rows if row.settled_at), default=None),
        "error": next((row.answer for row in rows if row.state != "sent" and row.answer), ""),
        "summary": next((row.reason for row in rows if row.kind == "summary"), None),  # that it goes or went in
    }
    if fate["state"] == "pending" and down is not None and down.paused_until:
        fate |= {"due_at": max(fate["due_at"], down.paused_until), "error": fate["error"] or down.error}
    return fate


def _alert(row: Row[Any], name: Namer) -> dict[str, Any]:
    return {
        "id": encode("A", row.id),
        "channel": row.channel,
        "watches": [watch[0] for watch in row.watches],
        "title": row.title,
        "url": row.url,
        "outlet": name(row.feed_url, row.feed_title),
        "language": row.language,
        "published": row.published,
        "first_seen": row.first_seen,
        "story": encode("S", row.story_id),
        "priority": row.priority,
        "reason": row.reason,
        "why": row.why,
        "bundle": row.bundle,
        "held_until": row.held_until,
        "created_at": row.created_at,
    }


def sendings(
    connection: Connection, limit: int, state: str | None, *, before: tuple[datetime, str] | None = None
) -> list[dict[str, Any]]:
    """Deliveries, newest first; only of this state if given, only older ones than `before` (created, id)."""
    query = select(deliveries).order_by(desc(deliveries.c.created_at), desc(deliveries.c.id)).limit(limit)
    if state:
        query = query.where(deliveries.c.state == state)
    if before:
        at, last = before
        is_older = (deliveries.c.created_at < at) | ((deliveries.c.created_at == at) & (deliveries.c.id < last))
        query = query.where(deliveries.c.created_at <= at, is_older)
    rows = connection.execute(query).all()
    carried = _alerts_of(connection, [row.id for row in rows])
    tried = _tried(connection, [row.id for row in rows])
    return [
        {
            "id": row.id,
            "channel": row.channel,
            "target": row.target,
            "kind": row.kind,
            "reason": row.reason,
            "state": row.state,
            "attempts": max(row.attempts, tried.get(row.id, 0)),  # a retry by hand begins the row's count anew
            "created_at": row.created_at,
            "due_at": row.due_at,
            "settled_at": row.settled_at,
            "answer": row.answer,
            "alerts": [encode("A", alert) for alert in carried[row.id]],
        }
        for row in rows
    ]


def _tried(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """How often each of these deliveries was tried in all."""
    found: dict[str, int] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = attempts.c.delivery_id.in_(ids[start : start + AT_ONCE])
        query = select(attempts.c.delivery_id, func.count()).where(some).group_by(attempts.c.delivery_id)
        found |= {row[0]: row[1] for row in connection.execute(query)}
    return found


def _alerts_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[int]]:
    """The alerts that each of these deliveries carries."""
    found: dict[str, list[int]] = {delivery: [] for delivery in ids}
    for start in range(0, len(ids), AT_ONCE):
        query = select(delivery_alerts).where(delivery_alerts.c.delivery_id.in_(ids[start : start + AT_ONCE]))
        for row in connection.execute(query.order_by(delivery_alerts.c.alert_id)):
            found[row.delivery_id].append(row.alert_id)
    return found


def failing_channels(connection: Connection) -> list[dict[str, Any]]:
    """Channels that do not work now, with their error and until when they are left alone."""
    query = select(channels).where(channels.c.failures > 0).order_by(channels.c.name)
    return [
        {"channel": row.name, "since": row.failing_since, "error": row.error, "next_try": row.paused_until}
        for row in connection.execute(query)
    ]


def waiting_for_nobody(connection: Connection, configured: Collection[str]) -> list[dict[str, Any]]:
    """Messages that wait for channels which are not configured (any more), counted by channel."""
    lost = (deliveries.c.state == "pending") & deliveries.c.channel.not_in(list(configured))
    query = select(
        deliveries.c.channel, func.count().label("waiting"), func.min(deliveries.c.created_at).label("since")
    )
    query = query.where(lost).group_by(deliveries.c.channel).order_by(deliveries.c.channel)
    return [{"channel": row.channel, "waiting": row.waiting, "since": row.since} for row in connection.execute(query)]


def refused(connection: Connection) -> list[tuple[str, str]]:
    """Channels that have not accepted a message that waits, with their answer."""
    query = select(deliveries.c.channel, deliveries.c.answer)
    query = query.where(deliveries.c.state == "pending", deliveries.c.attempts > 0)
    return [(row.channel, row.answer) for row in connection.execute(query.distinct().limit(5))]


def failing_feeds(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """Feeds that fail now and are tried again, those that have failed longest first."""
    query = select(feeds).where(feeds.c.is_active, feeds.c.stopped_at.is_(None), feeds.c.failures > 0)
    query = query.order_by(feeds.c.failing_since).limit(limit)
    return [
        {
            "url": row.url,
            "title": row.title,
            "since": row.failing_since,
            "error": row.error,
            "next_try": row.next_poll_at,
        }
        for row in connection.execute(query)
    ]
