"""Alerts as rows: which story was told to which channel, for which watches and why.

Whether a story is told is decided elsewhere; how it travels is the outbox's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, select, update

from monitor.model import WatchRef
from monitor.store.schema import alerts, articles, deliveries, delivery_alerts, hits


@dataclass(frozen=True, slots=True)
class NewAlert:
    """A story to be told to a channel."""

    story_id: int
    article_id: int
    channel: str
    watches: tuple[WatchRef, ...]
    priority: str
    reason: str
    follows: int | None
    why: str
    bundle: str | None
    outlet: str
    level: int
    held_until: datetime | None = None  # in its summary, as it was decided


@dataclass(frozen=True, slots=True)
class TellingRow:
    """What a channel was told of a story."""

    alert_id: int
    channel: str
    watches: tuple[WatchRef, ...]
    outlet: str
    level: int
    created_at: datetime
    waits_until: datetime | None  # when the summary that it still waits in is due


def add_alert(connection: Connection, alert: NewAlert, now: datetime) -> int:
    watches = _packed(alert.watches)
    values = {
        "story_id": alert.story_id,
        "article_id": alert.article_id,
        "channel": alert.channel,
        "watches": watches,
        "priority": alert.priority,
        "reason": alert.reason,
        "follows": alert.follows,
        "why": alert.why,
        "bundle": alert.bundle,
        "held_until": alert.held_until,
        "outlet": alert.outlet,
        "level": alert.level,
        "created_at": now,
    }
    return int(connection.execute(alerts.insert().values(**values).returning(alerts.c.id)).scalar_one())


def told(connection: Connection, story_id: int) -> list[TellingRow]:
    """Everything that any channel was told of the story, oldest first."""
    rows = connection.execute(_TOLD, {"story": story_id})
    return [
        TellingRow(row.id, row.channel, watch_refs(row.watches), row.outlet, row.level, row.created_at, row.until)
        for row in rows
    ]


def _told() -> Select[Any]:
    waits = (deliveries.c.state == "pending") & (deliveries.c.kind == "summary") & (deliveries.c.attempts == 0)
    until = select(func.max(case((waits, deliveries.c.due_at))))  # not in a WHERE: all that waits would be gone through
    until = until.join(delivery_alerts, delivery_alerts.c.delivery_id == deliveries.c.id)
    until = until.where(delivery_alerts.c.alert_id == alerts.c.id)
    query = select(alerts, until.scalar_subquery().label("until"))
    return query.where(alerts.c.story_id == bindparam("story")).order_by(alerts.c.id)


#: Asked for with every article, so put together once.
_TOLD = _told()


def sent_since(connection: Connection, channel: str, since: datetime) -> list[tuple[datetime, tuple[WatchRef, ...]]]:
    """Alerts of their own, urgent ones apart, that were decided for the channel since then, oldest first."""
    query = select(alerts.c.created_at, alerts.c.watches).where(
        alerts.c.channel == channel,
        alerts.c.created_at >= since,
        alerts.c.bundle.is_(None),
        alerts.c.priority != "urgent",
    )
    rows = connection.execute(query.order_by(alerts.c.created_at))
    return [(row.created_at, watch_refs(row.watches)) for row in rows]


def reference_of(connection: Connection, alert_id: int, *, only_alone: bool = False) -> str | None:
    """What the receiver gave for the alert's first message, to thread further ones; `only_alone`: of its own."""
    query = select(deliveries.c.reference).join(delivery_alerts, delivery_alerts.c.delivery_id == deliveries.c.id)
    query = query.where(delivery_alerts.c.alert_id == alert_id, deliveries.c.reference.is_not(None))
    if only_alone:
        query = query.where(deliveries.c.kind == "alert")
    found: str | None = connection.execute(query.limit(1)).scalar()
    return found


def of_stories_hit(connection: Connection, watch: str) -> ColumnElement[bool]:
    """Alerts of stories that a watch of this name hit; not all of them `names` it."""
    lists = connection.execute(select(hits.c.watchlist).where(hits.c.watch == watch).distinct()).scalars().all()
    hit = select(articles.c.story_id).join(hits, hits.c.article_id == articles.c.id)
    return alerts.c.story_id.in_(hit.where(hits.c.watchlist.in_(lists), hits.c.watch == watch))


def names(packed: Sequence[Sequence[str]], watch: str) -> bool:
    """Whether the watches of an alert's row name this one."""
    return any(name == watch for name, *_ in packed)


def watch_refs(packed: Sequence[Sequence[str]]) -> tuple[WatchRef, ...]:
    return tuple(
        WatchRef(name, watchlist, "urgent" if priority == "urgent" else "normal", where)
        for name, watchlist, priority, where in packed
    )


def set_watches(connection: Connection, alert_id: int, watches: Sequence[WatchRef]) -> None:
    """The watches that a waiting alert is to name."""
    connection.execute(update(alerts).where(alerts.c.id == alert_id).values(watches=_packed(watches)))


def _packed(watches: Sequence[WatchRef]) -> list[list[str]]:
    return [[ref.name, ref.watchlist, ref.priority, ref.where] for ref in watches]
