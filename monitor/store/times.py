"""Times that a clock which was wrong has left in the store, put right: what lies in a future that never was.

It keeps the length of every wait; it must not send, poll or forget anything.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, bindparam, or_, select, update

from monitor.store.leases import LEASE
from monitor.store.schema import Instant, articles, channels, deliveries, facts, feeds, silences, subscriptions

#: Two machines' or two threads' clocks may differ by so much without either being wrong.
SLACK = timedelta(minutes=1)
#: No wait that this program sets is longer, but for summaries.
LONGEST = timedelta(hours=27)
#: A digest a week, and a night of quiet hours behind it.
LONGEST_SUMMARY = timedelta(days=9)
#: An article's page is asked for again within so long.
LONGEST_PAGE = timedelta(hours=6)


def put_right(connection: Connection, now: datetime) -> int:
    """Everything written by a clock that ran ahead; how many feeds that were."""
    _settle_channels(connection, now)
    _settle_deliveries(connection, now)
    _settle_articles(connection, now)
    _settle_facts(connection, now)
    _bring_back(connection, subscriptions, ("asked_at", "verified_at", "pushed_at"), now)
    _bring_back(connection, silences, ("created_at",), now)
    return _settle_feeds(connection, now)


def _settle_articles(connection: Connection, now: datetime) -> None:
    """A lease that nobody can hold so long, and a page put off for longer than pages are."""
    far = now + LEASE
    leased = articles.c.read_by.is_not(None) & (articles.c.read_until > far)
    connection.execute(update(articles).where(leased).values(read_until=far))
    put_off = articles.c.read_by.is_(None) & (articles.c.read_until > now + LONGEST_PAGE)
    connection.execute(update(articles).where(put_off).values(read_until=now))


def _settle_facts(connection: Connection, now: datetime) -> None:
    """What was said or seen to in the future was now: what comes at most every so often is not kept back by it."""
    connection.execute(update(facts).where(facts.c.at > now + SLACK).values(at=now))
    ahead = (deliveries.c.kind == "notice") & (deliveries.c.created_at > now + SLACK)
    connection.execute(update(deliveries).where(ahead).values(created_at=now))


def _bring_back(connection: Connection, table: Table, written: Collection[str], now: datetime) -> None:
    """A row written in the future was written now: all its times that lie ahead come as much sooner."""
    instants = [column.name for column in table.columns if isinstance(column.type, Instant)]
    for row in connection.execute(select(table).where(or_(*(table.c[name] > now + SLACK for name in written)))):
        given = {name: at for name in instants if (at := row._mapping[name]) is not None}
        by = max(given[name] for name in written if name in given) - now
        sooner = {name: max(now, at - by) for name, at in given.items() if at > now}
        connection.execute(update(table).where(table.c.id == row.id).values(**sooner))


def _settle_feeds(connection: Connection, now: datetime) -> int:
    """A feed that was polled in the future is polled after the same wait from now."""
    query = select(feeds.c.id, feeds.c.last_poll_at, feeds.c.next_poll_at, feeds.c.held_until)
    rows = connection.execute(query.where(feeds.c.last_poll_at > now + SLACK)).all()
    changed = [
        {
            "which": row.id,
            "at": now + min(max(row.next_poll_at - row.last_poll_at, timedelta()), LONGEST),
            "held": now + min(row.held_until - row.last_poll_at, LONGEST) if row.held_until else None,
        }
        for row in rows
    ]
    if changed:
        statement = update(feeds).where(feeds.c.id == bindparam("which"))
        values = {"next_poll_at": bindparam("at"), "held_until": bindparam("held"), "last_poll_at": now}
        connection.execute(statement.values(**values), changed)
    for column in (feeds.c.last_success_at, feeds.c.last_new_at, feeds.c.failing_since, feeds.c.body_at):
        connection.execute(update(feeds).where(column > now + SLACK).values({column.name: now}))
    return len(changed)


def _settle_deliveries(connection: Connection, now: datetime) -> None:
    pending = deliveries.c.state == "pending"
    tried = (deliveries.c.attempts > 0) & (deliveries.c.due_at > now + LONGEST)
    alone = deliveries.c.kind.not_in(("summary", "trial")) & (deliveries.c.created_at > now + SLACK)
    far = (deliveries.c.kind == "summary") & (deliveries.c.due_at > now + LONGEST_SUMMARY)
    late = (deliveries.c.due_at > now) & (tried | alone | far)
    connection.execute(update(deliveries).where(pending, late).values(due_at=now))
    leased = deliveries.c.claimed_until > now + LEASE
    connection.execute(update(deliveries).where(pending, leased).values(claimed_until=now + LEASE))
    ahead = deliveries.c.trying_since > now + SLACK
    connection.execute(update(deliveries).where(pending, ahead).values(trying_since=now))


def _settle_channels(connection: Connection, now: datetime) -> None:
    ahead = channels.c.failing_since > now + SLACK
    connection.execute(update(channels).where(ahead).values(failing_since=now))
    connection.execute(update(channels).where(channels.c.paused_until > now + LONGEST).values(paused_until=now))


def be_patient(connection: Connection, jump: timedelta, now: datetime) -> None:
    """The clock went forward by `jump`: nobody was tried in that time, so it must not count as time of trying."""
    waiting = (deliveries.c.state == "pending") & deliveries.c.trying_since.is_not(None)
    rows = connection.execute(select(deliveries.c.id, deliveries.c.trying_since).where(waiting)).all()
    if rows:
        statement = update(deliveries).where(deliveries.c.id == bindparam("which"))
        values = [{"which": row.id, "since": min(now, row.trying_since + jump)} for row in rows]
        connection.execute(statement.values(trying_since=bindparam("since")), values)
