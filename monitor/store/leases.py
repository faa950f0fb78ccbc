"""Leases: who polls a feed, reads an article, sends to a channel, does what only one may do; and until when.

A lease that nobody renews runs out. It decides nothing about news, and no clock is asked here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Connection, Select, Update, or_, select, update

from monitor.errors import LeaseLost
from monitor.store.feeds import FeedState, has_come, insert_ignore, state_of
from monitor.store.schema import articles, channels, deliveries, duties, feeds
from monitor.urls import display

#: Polls and readings are renewed while they last; whoever dies is usually known sooner (members).
LEASE = timedelta(minutes=5)
_UNREAD = ("waiting", "edited")  # of others a lease means nothing


def claim_feeds(connection: Connection, ids: Collection[int], owner: str, now: datetime) -> list[FeedState]:
    """Those of the feeds that are due and nobody polls, now this owner's."""
    free = (feeds.c.id.in_(list(ids)), feeds.c.is_active, feeds.c.stopped_at.is_(None), has_come(now), unpolled(now))
    claimed = update(feeds).where(*free).values(polled_by=owner, polled_until=now + LEASE).returning(feeds.c.id)
    mine = list(connection.execute(claimed).scalars())
    query = select(feeds).where(feeds.c.id.in_(mine)).order_by(feeds.c.next_poll_at)
    return [state_of(row) for row in connection.execute(query)] if mine else []


def due_feeds(connection: Connection, now: datetime, limit: int) -> list[int]:
    """Feeds that are due and nobody polls, the most overdue first."""
    query = select(feeds.c.id).where(feeds.c.is_active, feeds.c.stopped_at.is_(None), has_come(now), unpolled(now))
    return list(connection.execute(query.order_by(feeds.c.next_poll_at).limit(limit)).scalars())


def unpolled(now: datetime) -> ColumnElement[bool]:
    return or_(feeds.c.polled_until.is_(None), feeds.c.polled_until <= now)


def end_poll(connection: Connection, state: FeedState) -> None:
    """The poll that this state was claimed for is over; raises LeaseLost where another has claimed the feed since, and
    nothing of this transaction may stay. Where the store is not shared, nobody claims."""
    if state.polled_by is None:
        return
    mine = update(feeds).where(feeds.c.id == state.id, feeds.c.polled_by == state.polled_by)
    if connection.execute(mine.values(polled_by=None, polled_until=None)).rowcount != 1:
        raise LeaseLost(f"feed {display(state.url)}: another machine polls it by now; what this one got is dropped")


def claim_articles(connection: Connection, ids: Sequence[int], owner: str, now: datetime) -> list[int]:
    """Those of the articles that nobody else reads, now this owner's, in the same order."""
    free = or_(articles.c.read_until.is_(None), articles.c.read_until <= now, articles.c.read_by == owner)
    claimed = update(articles).where(articles.c.id.in_(list(ids)), free)
    claimed = claimed.values(read_by=owner, read_until=now + LEASE)
    mine = set(connection.execute(claimed.returning(articles.c.id)).scalars())
    return [one for one in ids if one in mine]


def keep(connection: Connection, owner: str, polled: Collection[int], read: Collection[int], now: datetime) -> None:
    """What its owner is still at stays its own; what it lost sight of (the store failed meanwhile) is free.

    `polled` and `read` are what it was at when it was `now`: this may have waited for other writes, and what was
    claimed since is in neither. To be called in a write: it takes many rows, in no order, and beside other writers both
    could wait for ever.
    """
    until = now + LEASE
    mine = update(feeds).where(feeds.c.polled_by == owner, feeds.c.polled_until < until)
    connection.execute(mine.where(feeds.c.id.not_in(list(polled))).values(polled_by=None, polled_until=None))
    connection.execute(mine.where(feeds.c.id.in_(list(polled))).values(polled_until=until))
    here = update(articles).where(articles.c.state.in_(_UNREAD), articles.c.read_by == owner)
    here = here.where(articles.c.read_until < until)
    connection.execute(here.where(articles.c.id.not_in(list(read))).values(read_by=None, read_until=None))
    connection.execute(here.where(articles.c.id.in_(list(read))).values(read_until=until))
    sends = update(channels).where(channels.c.sent_by == owner, channels.c.sent_until < until)
    connection.execute(sends.values(sent_until=until))


def take_channel(connection: Connection, name: str, owner: str, now: datetime) -> bool:
    """Whether this owner may send to the channel: one at a time, so that first attempts stay in order."""
    connection.execute(insert_ignore(connection, channels), {"name": name})
    free = or_(channels.c.sent_until.is_(None), channels.c.sent_until <= now, channels.c.sent_by == owner)
    taken = update(channels).where(channels.c.name == name, free).values(sent_by=owner, sent_until=now + LEASE)
    return connection.execute(taken).rowcount == 1


def leave_channel(connection: Connection, name: str, owner: str) -> None:
    mine = update(channels).where(channels.c.name == name, channels.c.sent_by == owner)
    connection.execute(mine.values(sent_by=None, sent_until=None))


def take_duty(connection: Connection, name: str, owner: str, now: datetime, lasts: timedelta) -> bool:
    """Whether this owner does what only one may do; to be asked again before it has lasted."""
    connection.execute(insert_ignore(connection, duties), {"name": name, "holder": owner, "until": now + lasts})
    free = or_(duties.c.until <= now, duties.c.holder == owner)
    taken = update(duties).where(duties.c.name == name, free).values(holder=owner, until=now + lasts)
    return connection.execute(taken).rowcount == 1


def free(connection: Connection, owner: str | Select[tuple[str]] | None = None) -> None:
    """Take all claims from an owner who is gone, or from everybody (the caller is then alone with the store)."""
    free_work(connection, owner)
    pending = update(deliveries).where(deliveries.c.state == "pending")
    _clear(connection, pending, deliveries.c.claimed_by, owner, ("claimed_by", "claimed_until"))


def free_work(connection: Connection, owner: str | Select[tuple[str]] | None) -> None:
    """All claims but those of messages."""
    _clear(connection, update(feeds), feeds.c.polled_by, owner, ("polled_by", "polled_until"))
    unread = update(articles).where(articles.c.state.in_(_UNREAD))
    _clear(connection, unread, articles.c.read_by, owner, ("read_by", "read_until"))
    _clear(connection, update(channels), channels.c.sent_by, owner, ("sent_by", "sent_until"))
    duty = duties.delete()
    if owner is not None:
        duty = duty.where(_is(duties.c.holder, owner))
    connection.execute(duty)


def _clear(
    connection: Connection,
    rows: Update,
    holder: Column[str],
    owner: str | Select[tuple[str]] | None,
    names: tuple[str, str],
) -> None:
    rows = rows.where(holder.is_not(None) if owner is None else _is(holder, owner))
    connection.execute(rows.values(dict.fromkeys(names)))


def _is(column: Column[str], owner: str | Select[tuple[str]]) -> ColumnElement[bool]:
    return column == owner if isinstance(owner, str) else column.in_(owner)
