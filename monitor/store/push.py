"""WebSub subscriptions as rows: which hubs are to be asked, which address a hub calls, what it pushed.

What a hub is asked or answered is decided elsewhere and only written here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from monitor.store.schema import feeds, subscriptions
from monitor.websub import Offer, Subscription

#: A feed that names another hub in every document does not make us ask a hub at every poll.
_CHANGED_EVERY = timedelta(hours=12)
LAPSED = "the hub's lease ran out"


def note_offer(connection: Connection, feed_id: int, offer: Offer | None, now: datetime) -> None:
    """Remember what a feed's newest document offers: a new hub or topic is asked for, an old one is left."""
    rows = {(sub.hub, sub.topic): sub for sub in of_feed(connection, feed_id)}
    wanted = (offer.hub, offer.topic) if offer else None
    for key, sub in rows.items():
        if key != wanted and sub.mode == "subscribe":
            _leave(connection, sub, now)
    if offer is None:
        return
    mine = rows.get((offer.hub, offer.topic))
    if mine is None:
        if not any(sub.asked_at and now - sub.asked_at < _CHANGED_EVERY for sub in rows.values()):
            _want(connection, feed_id, offer, now)
    elif mine.mode == "unsubscribe":
        change(connection, mine.id, {"mode": "subscribe", "next_at": now, "tries": 0})


def leave_all(connection: Connection, base: str | None, now: datetime) -> None:
    """Give up what is no longer wanted: feeds that left or are gone, and all where `base` (the beginning of our
    callbacks' addresses) is another now, or None."""
    query = select(subscriptions, feeds.c.is_active, feeds.c.stopped_at)
    query = query.join(feeds, feeds.c.id == subscriptions.c.feed_id)
    query = query.where(subscriptions.c.ended_at.is_(None), subscriptions.c.mode == "subscribe")
    for row in connection.execute(query).all():
        is_here = base is not None and (row.callback is None or row.callback.startswith(base))
        is_polled = row.is_active and row.stopped_at is None
        if not is_polled or not is_here:
            _leave(connection, _subscription(row), now)
        if is_polled and base is not None and not is_here:  # our address is another now: asked for anew, with that one
            _want(connection, row.feed_id, Offer(row.hub, row.topic), now)


def _want(connection: Connection, feed_id: int, offer: Offer, now: datetime) -> None:
    values = {"feed_id": feed_id, "hub": offer.hub, "topic": offer.topic, "mode": "subscribe", "next_at": now}
    connection.execute(subscriptions.insert().values(**values))


def _leave(connection: Connection, sub: Subscription, now: datetime) -> None:
    """One that the hub may have granted is taken back there; of one never asked for nothing is left."""
    if sub.asked_at is None:
        connection.execute(subscriptions.delete().where(subscriptions.c.id == sub.id))
        return
    is_granted = sub.expires_at is not None and sub.expires_at > now
    ended = {} if is_granted else {"ended_at": now, "expires_at": None}
    change(connection, sub.id, {"mode": "unsubscribe", "next_at": now if is_granted else None, "tries": 0, **ended})


def lapse(connection: Connection, now: datetime) -> list[int]:
    """Note leases that ran out, and have their feeds polled at once; which feeds."""
    over = (subscriptions.c.expires_at <= now, subscriptions.c.ended_at.is_(None))
    rows = connection.execute(select(subscriptions).where(*over)).all()
    for row in rows:
        values: dict[str, Any] = {"expires_at": None, "error": row.error or LAPSED}
        if row.mode == "unsubscribe":
            values |= {"ended_at": now, "next_at": None}
        change(connection, row.id, values)
    gone = [int(row.feed_id) for row in rows if row.mode == "subscribe"]
    waiting = update(feeds).where(feeds.c.id.in_(gone), feeds.c.next_poll_at > now, feeds.c.failures == 0)
    connection.execute(waiting.values(next_poll_at=now, next_reason=LAPSED))
    return gone


def due(connection: Connection, now: datetime, limit: int) -> list[Subscription]:
    """Subscriptions whose hub is to be asked, the longest overdue first."""
    query = select(subscriptions).where(subscriptions.c.next_at <= now, subscriptions.c.ended_at.is_(None))
    return [_subscription(row) for row in connection.execute(query.order_by(subscriptions.c.next_at).limit(limit))]


def by_token(connection: Connection, token: str) -> Subscription | None:
    row = connection.execute(select(subscriptions).where(subscriptions.c.token == token)).first()
    return _subscription(row) if row else None


def of_feed(connection: Connection, feed_id: int) -> list[Subscription]:
    """Those that have not ended."""
    query = select(subscriptions).where(subscriptions.c.feed_id == feed_id, subscriptions.c.ended_at.is_(None))
    return [_subscription(row) for row in connection.execute(query.order_by(subscriptions.c.id))]


def listing(connection: Connection, ids: Collection[int] | None = None) -> dict[int, Subscription]:
    """The newest subscription of each feed that has one, or of each of these."""
    query = select(subscriptions).where(subscriptions.c.ended_at.is_(None)).order_by(subscriptions.c.id)
    if ids is not None:
        query = query.where(subscriptions.c.feed_id.in_(list(ids)))
    return {row.feed_id: _subscription(row) for row in connection.execute(query)}


def change(connection: Connection, id_: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(subscriptions).where(subscriptions.c.id == id_).values(**values))


def note_push(connection: Connection, sub: Subscription, method: str, now: datetime) -> None:
    values = {"pushed_at": now, "pushes": subscriptions.c.pushes + 1, "unpushed": 0, "method": method, "error": ""}
    change(connection, sub.id, values)


def note_unpushed(connection: Connection, feed_id: int) -> None:
    """A poll found what no hub had pushed."""
    mine = update(subscriptions).where(subscriptions.c.feed_id == feed_id, subscriptions.c.ended_at.is_(None))
    connection.execute(mine.values(unpushed=subscriptions.c.unpushed + 1))


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(**{name: getattr(row, name) for name in Subscription.__dataclass_fields__})
