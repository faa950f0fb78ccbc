"""What became of each poll, so that it can be said later why an article was seen, or not.

Polls in a row that went the same way and brought nothing are one row; old ones go with age.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, desc, select, update

from monitor.store import bulk
from monitor.store.schema import polls


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll, or `times` of them in a row that went the same way."""

    feed_id: int
    at: datetime
    last_at: datetime
    times: int = 1
    status: int | None = None
    entries: int | None = None
    new: int = 0
    is_gap: bool = False
    why: str = ""
    error: str = ""


def record(connection: Connection, poll: Poll) -> None:
    """Keep what became of a poll."""
    has_news = poll.new or poll.is_gap
    before = None if has_news else connection.execute(_LATEST, {"which": poll.feed_id}).first()
    if before is not None and _is_alike(poll, before):
        again = {"last_at": poll.last_at, "times": before.times + 1, "entries": poll.entries or before.entries}
        connection.execute(_AGAIN, {"which": before.id, **again})
        return
    bulk.insert(connection, polls, _NAMES, [[getattr(poll, name) for name in _NAMES]])


_NAMES = ("feed_id", "at", "last_at", "times", "status", "entries", "new", "is_gap", "why", "error")
#: Made once: putting a statement together takes longer than carrying it out, and every poll needs these.
_LATEST = (
    select(polls)
    .where(polls.c.feed_id == bindparam("which"))
    .order_by(desc(polls.c.last_at), desc(polls.c.id))
    .limit(1)
)
_AGAIN = update(polls).where(polls.c.id == bindparam("which"))


def _is_alike(poll: Poll, before: Any) -> bool:
    """Whether that poll brought nothing, as this one, and went the same way; a day is never longer than one row."""
    if before.new or before.is_gap or poll.last_at - before.at > timedelta(days=1):
        return False
    has_worked = bool(poll.error) == bool(before.error)
    return has_worked and (poll.error == before.error if poll.error else True)


def around(connection: Connection, feed_ids: Collection[int], since: datetime, until: datetime) -> list[Poll]:
    """Polls of these feeds in this time, oldest first."""
    query = select(polls).where(polls.c.feed_id.in_(list(feed_ids)), polls.c.last_at >= since, polls.c.at <= until)
    return [_poll(row) for row in connection.execute(query.order_by(polls.c.at, polls.c.id))]


def that_showed(connection: Connection, feed_id: int, seen: datetime) -> Poll | None:
    """The poll that first showed what was first seen then."""
    near = (polls.c.at >= seen - timedelta(seconds=1)) & (polls.c.at <= seen + timedelta(minutes=2))
    query = select(polls).where(polls.c.feed_id == feed_id, near, polls.c.new > 0).order_by(polls.c.at).limit(1)
    row = connection.execute(query).first()
    return _poll(row) if row else None


def first_of(connection: Connection, feed_ids: Collection[int]) -> datetime | None:
    """Since when polls of these feeds are known."""
    query = select(polls.c.at).where(polls.c.feed_id.in_(list(feed_ids))).order_by(polls.c.at).limit(1)
    found: datetime | None = connection.execute(query).scalar()
    return found


def _poll(row: Any) -> Poll:
    return Poll(
        feed_id=row.feed_id,
        at=row.at,
        last_at=row.last_at,
        times=row.times,
        status=row.status,
        entries=row.entries,
        new=row.new,
        is_gap=row.is_gap,
        why=row.why,
        error=row.error,
    )
