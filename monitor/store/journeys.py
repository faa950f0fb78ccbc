"""The rows of one article's way: how it was read, what was found, decided, told and tried.

It only gathers them; what they mean is put in words elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from monitor.shortid import decode
from monitor.store.imports import SCHEME
from monitor.store.schema import alerts, articles, attempts, decisions, deliveries, delivery_alerts, feeds, hits


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that carries an alert, with its attempts, oldest first."""

    channel: str
    target: str
    kind: str
    reason: str
    state: str
    due_at: datetime
    settled_at: datetime | None
    answer: str
    attempts: tuple[Row[Any], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An alert about the article."""

    id: int
    channel: str
    why: str
    created_at: datetime
    deliveries: tuple[Delivery, ...]
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """What is known of an article besides its text."""

    feed_id: int
    is_imported: bool
    first_seen: datetime
    state: str
    note: str
    tries: int
    tried_at: datetime | None
    rematches: int
    copy_of: int | None
    hits: tuple[Row[Any], ...]
    decisions: tuple[Row[Any], ...]
    alerts: tuple[Told, ...]
    outlets: tuple[tuple[str, str], ...]  # address and title of each feed of its story


def by_address(connection: Connection, url: str, canonical_url: str) -> int | None:
    """The first article with this address."""
    same = or_(articles.c.canonical_url == canonical_url, articles.c.url == url)
    found: int | None = connection.execute(select(articles.c.id).where(same).order_by(articles.c.id).limit(1)).scalar()
    return found


def by_id(connection: Connection, text: str) -> int | None:
    """The article of an id N-…, of an alert A-…, or the first of a story S-…."""
    prefix = text[:1].upper()
    number = decode(text, prefix)
    if number is None:
        return None
    query = {
        "A": select(alerts.c.article_id).where(alerts.c.id == number),
        "N": select(articles.c.id).where(articles.c.id == number),
        "S": select(articles.c.id).where(articles.c.story_id == number).order_by(articles.c.id).limit(1),
    }[prefix]
    found: int | None = connection.execute(query).scalar()
    return found


def of_article(connection: Connection, article_id: int) -> Journey:
    """Everything about this article, which is there."""
    query = select(articles, feeds.c.url.label("feed_url")).join(feeds, feeds.c.id == articles.c.feed_id)
    row = connection.execute(query.where(articles.c.id == article_id)).one()
    found = select(hits).where(hits.c.article_id == article_id).order_by(hits.c.id)
    decided = select(decisions).where(decisions.c.article_id == article_id).order_by(decisions.c.id)
    told = select(alerts).where(alerts.c.article_id == article_id).order_by(alerts.c.id)
    return Journey(
        feed_id=row.feed_id,
        is_imported=row.feed_url.startswith(SCHEME),
        first_seen=row.first_seen,
        state=row.state,
        note=row.note,
        tries=row.tries,
        tried_at=row.tried_at,
        rematches=row.rematches,
        copy_of=row.copy_of,
        hits=tuple(connection.execute(found).all()),
        decisions=tuple(connection.execute(decided).all()),
        alerts=tuple(_told(connection, one) for one in connection.execute(told).all()),
        outlets=_outlets(connection, row.story_id),
    )


def _told(connection: Connection, alert: Any) -> Told:
    query = select(deliveries).join(delivery_alerts, delivery_alerts.c.delivery_id == deliveries.c.id)
    query = query.where(delivery_alerts.c.alert_id == alert.id, deliveries.c.kind != "amend")
    rows = connection.execute(query.order_by(deliveries.c.created_at, deliveries.c.id)).all()
    sent = tuple(_delivery(connection, row) for row in rows)
    return Told(alert.id, alert.channel, alert.why, alert.created_at, sent, alert.held_until)


def _delivery(connection: Connection, row: Any) -> Delivery:
    tried = select(attempts).where(attempts.c.delivery_id == row.id).order_by(attempts.c.id)
    return Delivery(
        channel=row.channel,
        target=row.target,
        kind=row.kind,
        reason=row.reason,
        state=row.state,
        due_at=row.due_at,
        settled_at=row.settled_at,
        answer=row.answer,
        attempts=tuple(connection.execute(tried).all()),
    )


def _outlets(connection: Connection, story_id: int | None) -> tuple[tuple[str, str], ...]:
    if story_id is None:
        return ()
    query = select(feeds.c.url, feeds.c.title).join(articles, articles.c.feed_id == feeds.c.id)
    rows = connection.execute(query.where(articles.c.story_id == story_id).distinct().order_by(feeds.c.url).limit(20))
    return tuple((row.url, row.title) for row in rows)
