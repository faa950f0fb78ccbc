"""What was given up and not yet told to anybody, and the notices written so far.

Who is told, and in what words, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from monitor.notices import Lost
from monitor.shortid import encode
from monitor.store.schema import alerts, articles, deliveries, delivery_alerts


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


def last_notice(connection: Connection, reason: str) -> datetime | None:
    """When the latest notice of this reason was written."""
    query = select(func.max(deliveries.c.created_at)).where(deliveries.c.kind == "notice")
    found: datetime | None = connection.execute(query.where(deliveries.c.reason == reason)).scalar()
    return found


def notices(connection: Connection, reason: str, since: datetime) -> list[dict[str, Any]]:
    """The bodies of notices of this reason written since then."""
    query = select(deliveries.c.body).where(deliveries.c.kind == "notice", deliveries.c.reason == reason)
    return list(connection.execute(query.where(deliveries.c.created_at >= since)).scalars())
