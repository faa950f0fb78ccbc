"""The machines that share a store: who was seen when, and the turns in which they ask a host.

Who does what is leases.py's; what a member is to do is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from monitor.store import leases
from monitor.store.feeds import insert_ignore
from monitor.store.schema import members, turns

#: Seen every few seconds while it works; not seen for this long it is taken for dead, and its claims are free.
GONE_AFTER = timedelta(seconds=45)
#: How long a request may hold its turn; the longest timeout that makes sense ends sooner.
TURN = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Member:
    """A process of the cluster. `watches` is a digest of its watchlists."""

    name: str
    role: str
    version: str
    watches: str
    started_at: datetime
    seen_at: datetime


def see(connection: Connection, one: Member) -> None:
    """The member is there."""
    values = {name: getattr(one, name) for name in Member.__dataclass_fields__}
    changed = {"role": one.role, "version": one.version, "watches": one.watches, "seen_at": one.seen_at}
    if connection.execute(update(members).where(members.c.name == one.name).values(**changed)).rowcount == 0:
        connection.execute(insert_ignore(connection, members), values)


def leave(connection: Connection, name: str) -> None:
    """The member stops in good order: what it has claimed is free."""
    leases.free(connection, name)
    _forget(connection, name)


def _forget(connection: Connection, name: str) -> None:
    connection.execute(delete(members).where(members.c.name == name))


def bury(connection: Connection, now: datetime) -> list[str]:
    """Free what members had claimed that are not seen any more; their names.

    What they were sending stays claimed until that runs out: it may have arrived and only not be recorded yet.
    """
    gone = select(members.c.name).where(members.c.seen_at < now - GONE_AFTER)
    names = list(connection.execute(gone).scalars())
    for name in names:
        leases.free_work(connection, name)
        _forget(connection, name)
    return names


def listing(connection: Connection, now: datetime) -> list[Member]:
    """Everybody who was seen lately, the oldest first; the dead may not be buried yet, where none is left to do it."""
    seen = select(members).where(members.c.seen_at >= now - GONE_AFTER)
    rows = connection.execute(seen.order_by(members.c.started_at, members.c.name))
    return [Member(row.name, row.role, row.version, row.watches, row.started_at, row.seen_at) for row in rows]


@dataclass(frozen=True, slots=True)
class Pace:
    """How a host is asked: so many requests at a time, begun so far apart."""

    at_once: int
    delay: timedelta


def take_turn(
    connection: Connection, host: str, owner: str, pace: Pace, now: datetime, *, is_spaced: bool
) -> timedelta | None:
    """None: the host may be asked now. Otherwise how long to wait before asking here again."""
    connection.execute(insert_ignore(connection, turns), {"host": host, "next_at": now, "holders": []})
    query = select(turns.c.next_at, turns.c.holders).where(turns.c.host == host).with_for_update()
    row = connection.execute(query).one()
    holders = _live(row.holders, now)
    if len(holders) >= pace.at_once:
        return min(pace.delay, timedelta(seconds=1)) or timedelta(seconds=0.1)
    if row.next_at > now:
        return row.next_at - now  # type: ignore[no-any-return]
    next_at = now + pace.delay if is_spaced else row.next_at
    values = {"holders": [*holders, [owner, (now + TURN).isoformat()]], "next_at": next_at}
    connection.execute(update(turns).where(turns.c.host == host).values(**values))
    return None


def end_turn(connection: Connection, host: str, owner: str, now: datetime) -> None:
    """The request is over."""
    query = select(turns.c.holders).where(turns.c.host == host).with_for_update()
    holders = _live(connection.execute(query).scalar() or [], now)
    mine = next((one for one in holders if one[0] == owner), None)
    left = [one for one in holders if one is not mine]
    connection.execute(update(turns).where(turns.c.host == host).values(holders=left))


def forget_turns(connection: Connection, before: datetime) -> None:
    """Hosts that were not asked for long need no row."""
    connection.execute(delete(turns).where(turns.c.next_at < before))


def _live(holders: Sequence[Sequence[str]], now: datetime) -> list[list[str]]:
    return [list(one) for one in holders if datetime.fromisoformat(one[1]) > now]
