"""Feeds as rows: which are due, what became of each poll, which entries are known.

When the next poll is due is decided elsewhere and only written here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, or_, select, update
from sqlalchemy.dialects import sqlite

from monitor.model import Feed, Validators
from monitor.store import bulk
from monitor.store.schema import articles, feeds, identities, moment, silences

#: The longest that any rule puts a poll off is a day, or the user's own `every`.
FURTHEST = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the store knows of a feed. `history` is schedule's own JSON value."""

    id: int
    url: str
    title: str
    language: str | None
    is_active: bool
    added_at: datetime
    next_poll_at: datetime
    next_reason: str
    first_success_at: datetime | None
    last_poll_at: datetime | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    status: int | None
    failures: int
    failing_since: datetime | None
    error: str
    held_until: datetime | None
    validators: Validators
    body_hash: str | None
    history: Mapping[str, Any] | None
    hints: Mapping[str, Any] | None
    entries: int
    overlaps: int
    gaps: int
    last_gap_at: datetime | None
    address: str | None
    moved_to: str | None
    moved_times: int
    gone_since: datetime | None
    stopped_at: datetime | None
    body_at: datetime | None
    is_stuck: bool
    parts: Mapping[str, Any] | None
    warnings: tuple[str, ...]
    norm: Mapping[str, Any] | None = None
    wants_older: bool = False
    polled_by: str | None = None  # where the store is shared: whose lease a poll is to find unchanged at its end


def insert_ignore(connection: Connection, table: Any) -> Any:
    """INSERT … ON CONFLICT DO NOTHING."""
    return insert_or(connection, table).on_conflict_do_nothing()


def insert_or(connection: Connection, table: Any) -> Any:
    """The INSERT that can be given an ON CONFLICT, which both databases have under their own names."""
    if connection.dialect.name == "postgresql":  # its dialect takes a tenth of a second to load
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return sqlite.insert(table)


def sync(connection: Connection, configured: Sequence[Feed], first_poll: Mapping[str, datetime], now: datetime) -> None:
    """Make the rows follow the configuration: new feeds are added, others only marked; nothing is deleted."""
    _forget_secrets(connection, configured)
    have = {row.url: row.is_active for row in connection.execute(select(feeds.c.url, feeds.c.is_active))}
    wanted = {feed.key: feed.url for feed in configured}
    gone = [url for url, active in have.items() if active and url not in wanted]
    _set(connection, gone, {"is_active": False})
    back = [url for url, active in have.items() if not active and url in wanted]
    # One that was never read is as new as on its first day.
    watched_since = case((feeds.c.first_success_at.is_(None), moment(now)), else_=feeds.c.added_at)
    _set(connection, back, {"is_active": True, "added_at": watched_since, **_ALIVE})
    rows = [
        {"url": key, "added_at": now, "next_poll_at": first_poll[url], "next_reason": "new feed"}
        for key, url in wanted.items()
        if key not in have
    ]
    if rows:
        connection.execute(feeds.insert(), rows)


def _forget_secrets(connection: Connection, configured: Sequence[Feed]) -> None:
    """Feeds that 1.0.0 knew by an address with a token in it are known by their key from now on."""
    for feed in configured:
        if feed.key != feed.url:
            renamed = {"url": feed.key, "validators_url": None, "etag": None, "last_modified": None}
            connection.execute(update(feeds).where(feeds.c.url == feed.url).values(renamed))
            values = update(silences).where(silences.c.kind == "feed", silences.c.value == feed.url)
            connection.execute(values.values(value=feed.key))


def _set(connection: Connection, urls: list[str], values: Mapping[str, Any]) -> None:
    if urls:
        statement = update(feeds).where(feeds.c.url == bindparam("which")).values(values)
        connection.execute(statement, [{"which": url} for url in urls])


def due(connection: Connection, now: datetime, limit: int, busy: Collection[int] = ()) -> list[FeedState]:
    """Active feeds whose time has come, the most overdue first, without those in `busy`.

    A time further off than any rule sets was written by a clock that ran ahead: it has come, too.
    """
    query = select(feeds).where(feeds.c.is_active, feeds.c.stopped_at.is_(None), has_come(now))
    query = query.order_by(feeds.c.next_poll_at).limit(limit + len(busy))
    return [state_of(row) for row in connection.execute(query) if row.id not in busy][:limit]


def has_come(now: datetime) -> ColumnElement[bool]:
    return or_(feeds.c.next_poll_at <= now, feeds.c.next_poll_at > now + FURTHEST)


def everything_active(connection: Connection, now: datetime) -> list[FeedState]:
    """All active feeds but those a server holds by Retry-After, whatever their schedule (`once --all`)."""
    held = func.coalesce(feeds.c.held_until, moment(now)) > now
    query = select(feeds).where(feeds.c.is_active, feeds.c.stopped_at.is_(None), ~held)
    return [state_of(row) for row in connection.execute(query.order_by(feeds.c.id))]


def listing(connection: Connection) -> list[FeedState]:
    """Every feed ever configured, worst first."""
    order = (feeds.c.is_active.desc(), feeds.c.failures.desc(), feeds.c.id)
    return [state_of(row) for row in connection.execute(select(feeds).order_by(*order))]


def some(connection: Connection, ids: Sequence[int]) -> list[FeedState]:
    """The feeds of these rows, in this order."""
    found = {row.id: state_of(row) for row in connection.execute(select(feeds).where(feeds.c.id.in_(list(ids))))}
    return [found[feed] for feed in ids if feed in found]


def names(connection: Connection) -> list[tuple[int, str, str]]:
    """(row, key, own title) of the feeds in force."""
    query = select(feeds.c.id, feeds.c.url, feeds.c.title).where(feeds.c.is_active)
    return [(row.id, row.url, row.title) for row in connection.execute(query)]


def is_first_round(connection: Connection) -> bool:
    """Whether a feed in force was never polled, or what a first poll showed is still to be read."""
    unpolled = select(feeds.c.id).where(feeds.c.is_active, feeds.c.last_poll_at.is_(None)).limit(1)
    unread = select(articles.c.id).where(articles.c.state == "waiting", articles.c.is_first_look).limit(1)
    return bool(connection.execute(unpolled).first() or connection.execute(unread).first())


def by_id(connection: Connection, feed_id: int) -> FeedState | None:
    row = connection.execute(select(feeds).where(feeds.c.id == feed_id)).first()
    return state_of(row) if row else None


#: What a feed that starts anew forgets: that it was gone.
_ALIVE = {"stopped_at": None, "gone_since": None}
#: And what it forgets when it is asked at its configured address again.
AS_CONFIGURED = {
    "address": None,
    "moved_to": None,
    "moved_times": 0,
    "etag": None,
    "last_modified": None,
    "validators_url": None,
    "is_stuck": False,
}


def retry(
    connection: Connection,
    urls: Collection[str] | None,
    now: datetime,
    *,
    as_configured: bool = False,
    older: bool = False,
) -> int:
    """Make failing and stopped feeds (or the named ones) due now, unless their server holds them; how many.

    With `as_configured` a feed that has moved is asked at its configured address again; with `older` for its older
    pages, too.
    """
    which = feeds.c.failures > 0 if urls is None else feeds.c.url.in_(list(urls))
    held = func.coalesce(feeds.c.held_until, moment(now)) > now
    statement = update(feeds).where(feeds.c.is_active, which, ~held)
    values = _ALIVE | (AS_CONFIGURED if as_configured else {}) | ({"wants_older": True} if older else {})
    return connection.execute(statement.values(next_poll_at=now, next_reason="asked for by hand", **values)).rowcount


def overdue(connection: Connection, before: datetime) -> dict[str, int]:
    """Feeds polled before that were due earlier than this, by URL."""
    query = select(feeds.c.url, feeds.c.id).where(feeds.c.is_active, feeds.c.stopped_at.is_(None))
    query = query.where(feeds.c.last_poll_at.is_not(None), feeds.c.next_poll_at < before)
    return {row.url: row.id for row in connection.execute(query)}


def waiting_for(connection: Connection, reason: str) -> dict[str, int]:
    """Feeds whose next poll was set for this reason, by URL."""
    query = select(feeds.c.url, feeds.c.id).where(feeds.c.is_active, feeds.c.next_reason == reason)
    return {row.url: row.id for row in connection.execute(query)}


def histories(connection: Connection) -> list[Mapping[str, Any]]:
    """What was learnt of the rhythms of all feeds that are polled."""
    query = select(feeds.c.history).where(feeds.c.is_active, feeds.c.stopped_at.is_(None))
    return [history or {} for history in connection.execute(query).scalars()]


def postpone(connection: Connection, until: Mapping[int, datetime], reason: str) -> None:
    """Spread overdue polls, so that a return after downtime is no burst."""
    if until:
        statement = update(feeds).where(feeds.c.id == bindparam("which"))
        statement = statement.values(next_poll_at=bindparam("at"), next_reason=reason)
        connection.execute(statement, [{"which": feed_id, "at": at} for feed_id, at in until.items()])


def record_failure(
    connection: Connection, feed_id: int, now: datetime, error: str, status: int | None, changed: Mapping[str, Any]
) -> int:
    """Note a failed poll; how many have failed in a row now. The caller sets the next time.

    `changed` are further columns that the failure changes (held_until, gone_since, …).
    """
    statement = (
        update(feeds)
        .where(feeds.c.id == feed_id)
        .values(
            failures=feeds.c.failures + 1,
            failing_since=func.coalesce(feeds.c.failing_since, moment(now)),
            last_poll_at=now,
            error=error,
            status=status,
            **changed,
        )
        .returning(feeds.c.failures)
    )
    return int(connection.execute(statement).scalar_one())


def forgive(
    connection: Connection, failures: Mapping[int, int], next_polls: Mapping[int, datetime], reason: str
) -> None:
    """Take back what was noted of feeds that failed because this machine was offline."""
    for feed_id, count in failures.items():
        values: dict[str, Any] = {"failures": count, "next_poll_at": next_polls[feed_id], "next_reason": reason}
        if count == 0:
            values |= {"failing_since": None, "error": ""}
        connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**values))


def record_success(connection: Connection, feed_id: int, now: datetime, values: Mapping[str, Any]) -> None:
    """Note a good poll, 200 or 304; `values` are the columns that the answer changed."""
    times = {"first_success_at": now, "last_poll_at": now, "last_success_at": now}
    bulk.update(connection, feeds, feed_id, {**_NO_FAILURE, **times, **values}, once="first_success_at")


_NO_FAILURE = {"failures": 0, "failing_since": None, "error": "", "held_until": None, "gone_since": None}


def set_next(connection: Connection, feed_id: int, at: datetime, reason: str) -> None:
    bulk.update(connection, feeds, feed_id, {"next_poll_at": at, "next_reason": reason})


def hasten(connection: Connection, feed_id: int, now: datetime, reason: str) -> None:
    """Make a feed due now, unless it fails or its server holds it."""
    mine = update(feeds).where(feeds.c.id == feed_id, feeds.c.next_poll_at > now, feeds.c.failures == 0)
    connection.execute(mine.values(next_poll_at=now, next_reason=reason))


def note_pushed(connection: Connection, feed_id: int, now: datetime, history: Mapping[str, Any]) -> None:
    """New entries came by another way than a poll."""
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(last_new_at=now, history=history))


def known(connection: Connection, feed_id: int, names: Iterable[str]) -> dict[str, int]:
    """Those of `names` under which the feed's entries are known, each with its article's id."""
    query = "SELECT name, article_id FROM identities WHERE feed_id = ?"
    return dict(bulk.among(connection, query, "name", list(names), feed_id))


def learn(connection: Connection, feed_id: int, names: Mapping[str, int]) -> None:
    """Remember further names of articles for ever."""
    rows = ((feed_id, name, article) for name, article in sorted(names.items()))  # sorted: neighbours share a page
    bulk.insert(connection, identities, ("feed_id", "name", "article_id"), rows, ignore=True)


def state_of(row: Row[Any]) -> FeedState:
    return FeedState(
        id=row.id,
        url=row.url,
        title=row.title,
        language=row.language,
        is_active=row.is_active,
        added_at=row.added_at,
        next_poll_at=row.next_poll_at,
        next_reason=row.next_reason,
        first_success_at=row.first_success_at,
        last_poll_at=row.last_poll_at,
        last_success_at=row.last_success_at,
        last_new_at=row.last_new_at,
        status=row.status,
        failures=row.failures,
        failing_since=row.failing_since,
        error=row.error,
        held_until=row.held_until,
        validators=Validators(row.etag, row.last_modified, row.validators_url),
        body_hash=row.body_hash,
        history=row.history,
        hints=row.hints,
        entries=row.entries,
        overlaps=row.overlaps,
        gaps=row.gaps,
        last_gap_at=row.last_gap_at,
        address=row.address,
        moved_to=row.moved_to,
        moved_times=row.moved_times,
        gone_since=row.gone_since,
        stopped_at=row.stopped_at,
        body_at=row.body_at,
        is_stuck=row.is_stuck,
        parts=row.parts,
        warnings=tuple(row.warnings or ()),
        norm=row.norm,
        wants_older=bool(row.wants_older),
        polled_by=row.polled_by,
    )
