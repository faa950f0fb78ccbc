"""The outbox: the deliveries that carry alerts, claimed by lease and settled after acceptance.

A delivery's id never changes, so that a receiver can tell a repeat; nothing here is ever deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, update

from monitor.alerting import Bundle
from monitor.store.feeds import insert_ignore
from monitor.store.leases import LEASE
from monitor.store.schema import Instant, attempts, channels, deliveries, delivery_alerts, moment


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker may send until its lease ends."""

    id: str
    channel: str
    target: str
    kind: str
    reason: str
    body: dict[str, Any]
    attempts: int
    failed: int  # of the attempts, those that failed by the message itself
    in_doubt: bool  # an earlier attempt may have arrived
    trying_since: datetime | None
    channel_failures: int
    stumbled: tuple[str, ...]  # deliveries that the channel failed at since it last accepted one


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. `at` is the next one; `reference` what later messages may refer to."""

    state: str
    answer: str = ""
    at: datetime | None = None
    reference: str | None = None
    is_failed: bool = False  # by the message itself
    in_doubt: bool = False  # this or an earlier attempt may have arrived
    is_gone: bool = False  # the channel, until a person mends it


def latest_bundle(connection: Connection, channel: str, reason: str, *, only_pending: bool) -> datetime | None:
    """When the channel's latest summary of this reason is or was due."""
    query = select(func.max(deliveries.c.due_at)).where(deliveries.c.channel == channel, deliveries.c.reason == reason)
    if only_pending:
        query = query.where(deliveries.c.state == "pending")
    found: datetime | None = connection.execute(query).scalar()
    return found


def settled_ahead(connection: Connection, channel: str, reason: str, now: datetime) -> datetime | None:
    """When the channel's latest summary of this reason that no longer waits was due, if that is yet to come."""
    mine = (deliveries.c.channel == channel) & (deliveries.c.reason == reason) & (deliveries.c.state != "pending")
    mine &= deliveries.c.due_at > now
    found: datetime | None = connection.execute(select(func.max(deliveries.c.due_at)).where(mine)).scalar()
    return found


def deliver_alone(connection: Connection, channel: str, targets: Iterable[str], alert_id: int, now: datetime) -> None:
    """One delivery of the alert to each target, due now."""
    for target in targets:
        delivery = add(connection, f"alert {alert_id} {channel} {target}", (channel, target), now, kind="alert")
        carry(connection, delivery, alert_id)


def deliver_in_summary(
    connection: Connection, channel: str, targets: Iterable[str], alert_id: int | None, bundle: Bundle, now: datetime
) -> None:
    """Put the alert into the channel's summary of this key; makes it if need be (empty for None)."""
    for target in targets:
        key = _gathering(connection, f"{channel} {target} {bundle.key}")
        values = {"kind": "summary", "due_at": bundle.due, "reason": bundle.kind, "bundle": key}
        delivery = add(connection, key, (channel, target), now, **values)
        if alert_id is not None:
            carry(connection, delivery, alert_id)


def _gathering(connection: Connection, key: str) -> str:
    """The key, or the next one where its summary is already on its way: what is sent can take no further alert."""
    is_open = and_(deliveries.c.state == "pending", deliveries.c.claimed_by.is_(None), deliveries.c.attempts == 0)
    keys = (key if number == 0 else f"{key} +{number}" for number in count())
    taken = select(deliveries.c.id).where(~is_open)
    return next(one for one in keys if not connection.execute(taken.where(deliveries.c.bundle == one)).first())


def add_notice(
    connection: Connection,
    to: tuple[str, str],
    body: dict[str, Any],
    now: datetime,
    *,
    reason: str = "",
    is_gathered: bool = False,
) -> str:
    """A message of the program about itself to a channel and target; the delivery's id.

    One that `is_gathered` is not sent by itself: it goes into another.
    """
    body = {"created": now.isoformat()} | body
    values = {"kind": "notice", "body": body, "reason": reason} | ({"state": "gathered"} if is_gathered else {})
    return add(connection, f"notice {to[0]} {to[1]} {body}", to, now, **values)


def add_trial(connection: Connection, to: tuple[str, str], body: dict[str, Any], now: datetime) -> str:
    """A test message; its id. Only `claim_one` gets it: later it would come when nobody expects it."""
    body = {"created": now.isoformat()} | body
    return add(connection, f"trial {to[0]} {to[1]} {body}", to, now, kind="trial", body=body)


def add(connection: Connection, key: str, to: tuple[str, str], now: datetime, **values: Any) -> str:
    """A delivery to a channel and target, due now unless `values` say otherwise; its id follows from what it carries
    (`key`), so that deciding twice cannot send twice."""
    delivery = "msg_" + blake2b(key.encode(), digest_size=15).hexdigest()
    row = {"id": delivery, "channel": to[0], "target": to[1], "state": "pending", "created_at": now, "due_at": now}
    connection.execute(insert_ignore(connection, deliveries), row | values)
    connection.info.setdefault("to_wake", set()).add(to[0])  # whose sender is to hear of it with the commit
    return delivery


def carry(connection: Connection, delivery: str, alert_id: int) -> None:
    """The delivery tells this alert too."""
    connection.execute(insert_ignore(connection, delivery_alerts), {"delivery_id": delivery, "alert_id": alert_id})


def hasten(connection: Connection, channel: str, reason: str, due: datetime) -> None:
    """The channel's summary of this reason that still gathers is complete, and due then at the latest."""
    mine = (deliveries.c.channel == channel) & (deliveries.c.reason == reason) & (deliveries.c.state == "pending")
    connection.execute(update(deliveries).where(mine, deliveries.c.due_at > due).values(due_at=due))


def set_body(connection: Connection, delivery: str, body: dict[str, Any] | None) -> None:
    """Keep what a summary said, so that a repeat says the same."""
    connection.execute(update(deliveries).where(deliveries.c.id == delivery).values(body=body))


# ------------------------------------------------------------------------------------------- claim and settle


def due_channels(connection: Connection, now: datetime, names: Collection[str]) -> list[str]:
    """Channels with something to send now that are not paused."""
    free = select(deliveries.c.id).where(_free(now)).limit(1)
    return [name for name in names if connection.execute(free.where(deliveries.c.channel == name)).first()]


def claim(connection: Connection, channel: str, owner: str, now: datetime) -> Claimed | None:
    """Lease the channel's next due delivery, oldest first; first attempts go before repeats."""
    query = _with_channel().where(deliveries.c.channel == channel, _free(now))
    query = query.order_by(deliveries.c.created_at, deliveries.c.id).limit(1)
    first, repeat = query.where(deliveries.c.attempts == 0), query.where(deliveries.c.attempts > 0)  # as the index is
    row = connection.execute(first).first() or connection.execute(repeat).first()
    return _leased(connection, row, owner, now) if row else None


def claim_one(connection: Connection, delivery: str, owner: str, now: datetime) -> Claimed | None:
    """Lease this delivery, whatever its channel's pause; None if another holds it."""
    row = connection.execute(_with_channel().where(deliveries.c.id == delivery)).first()
    return _leased(connection, row, owner, now) if row else None


def _with_channel() -> Select[Any]:
    failures = func.coalesce(channels.c.failures, 0).label("channel_failures")
    query = select(deliveries, failures, channels.c.stumbled)
    return query.outerjoin(channels, channels.c.name == deliveries.c.channel)


def _leased(connection: Connection, row: Row[Any], owner: str, now: datetime) -> Claimed | None:
    """Until it is settled it is in doubt: whoever claimed it may die after the receiver accepted."""
    mine = update(deliveries).where(deliveries.c.id == row.id, deliveries.c.state == "pending", _unclaimed(now))
    lease = {"claimed_by": owner, "claimed_until": now + LEASE, "in_doubt": True}
    return _claimed(row) if connection.execute(mine.values(**lease)).rowcount else None


def settle(connection: Connection, delivery: str, owner: str, now: datetime, outcome: Outcome) -> bool:
    """Record how an attempt ended; False when the lease had passed to another, whose record then counts."""
    values = {
        "state": outcome.state,
        "answer": outcome.answer,
        "attempts": deliveries.c.attempts + 1,
        "failed": deliveries.c.failed + int(outcome.is_failed),
        "in_doubt": outcome.in_doubt,
        "trying_since": func.coalesce(deliveries.c.trying_since, moment(now)),
        "claimed_by": None,
        "claimed_until": None,
        "settled_at": now if outcome.state != "pending" else None,
    }
    if outcome.at is not None:
        values["due_at"] = outcome.at
    if outcome.reference is not None:
        values["reference"] = outcome.reference
    mine = (deliveries.c.id == delivery) & (deliveries.c.claimed_by == owner)
    if connection.execute(update(deliveries).where(mine).values(**values)).rowcount != 1:
        return False
    tried = {"delivery_id": delivery, "at": now, "state": outcome.state, "answer": outcome.answer}
    connection.execute(attempts.insert().values(**tried, next_at=outcome.at))
    return True


def end_trials(connection: Connection, now: datetime) -> None:
    """Test messages that are not under way end, whoever was to wait for their answer."""
    left = (deliveries.c.kind == "trial") & (deliveries.c.state == "pending") & _unclaimed(now)
    connection.execute(update(deliveries).where(left).values(state="given up", settled_at=now))


def note_channel(
    connection: Connection, name: str, now: datetime, *, pause: datetime | None, error: str, is_gone: bool = False
) -> None:
    """Record that a channel works (no error) or fails, until when it is left alone and whether a person has to mend
    it."""
    connection.execute(insert_ignore(connection, channels), {"name": name})
    row = update(channels).where(channels.c.name == name)
    if not error:
        working = (channels.c.failures > 0) | channels.c.stumbled.is_not(None)
        nothing = dict.fromkeys(("paused_until", "failing_since", "stumbled", "is_gone"))
        well = nothing | {"failures": 0, "error": ""}
        connection.execute(row.where(working).values(**well))
        return
    failing = {
        "failures": channels.c.failures + 1,
        "failing_since": func.coalesce(channels.c.failing_since, moment(now)),
    }
    connection.execute(row.values(paused_until=pause, error=error, is_gone=is_gone, **failing))


def note_stumble(connection: Connection, name: str, stumbled: Iterable[str]) -> None:
    """Record the deliveries that the channel failed at since it last accepted one."""
    connection.execute(insert_ignore(connection, channels), {"name": name})
    connection.execute(update(channels).where(channels.c.name == name).values(stumbled=list(stumbled)))


def introduce(connection: Connection, name: str, now: datetime) -> bool:
    """True once in a channel's life: its first summary is to be written."""
    connection.execute(insert_ignore(connection, channels), {"name": name})
    row = update(channels).where(channels.c.name == name, channels.c.introduced_at.is_(None))
    return connection.execute(row.values(introduced_at=now)).rowcount == 1


def retry(connection: Connection, ids: Collection[str] | None, now: datetime) -> list[str]:
    """Make deliveries not yet accepted due now, waiting or given up: all, or those of `ids`; ends channels' pauses."""
    which: ColumnElement[bool] = deliveries.c.state.in_(("pending", "given up")) & (deliveries.c.kind != "trial")
    if ids is not None:
        which &= deliveries.c.id.in_(list(ids))
    else:  # a summary that still gathers is not late
        which &= or_(deliveries.c.attempts > 0, deliveries.c.state == "given up", deliveries.c.due_at <= now)
    statement = (
        update(deliveries)
        .where(which)
        .values(state="pending", due_at=now, attempts=0, failed=0, trying_since=None, settled_at=None, reported_at=None)
    )
    rows = connection.execute(statement.returning(deliveries.c.id, deliveries.c.channel)).all()
    names = {row.channel for row in rows}
    connection.execute(update(channels).where(channels.c.name.in_(names)).values(paused_until=None))
    return [row.id for row in rows]


def alert_ids(connection: Connection, delivery: str) -> list[int]:
    query = select(delivery_alerts.c.alert_id).where(delivery_alerts.c.delivery_id == delivery)
    return list(connection.execute(query.order_by(delivery_alerts.c.alert_id)).scalars())


def _free(now: datetime) -> ColumnElement[bool]:
    paused = select(channels.c.name).where(channels.c.paused_until > now)
    return and_(
        deliveries.c.state == "pending",
        func.abs(deliveries.c.due_at, type_=Instant) <= now,  # so that not the index of times is used: most is due
        _unclaimed(now),
        deliveries.c.kind != "trial",
        deliveries.c.channel.not_in(paused),
    )


def _unclaimed(now: datetime) -> ColumnElement[bool]:
    return or_(deliveries.c.claimed_until.is_(None), deliveries.c.claimed_until <= now)


def _claimed(row: Row[Any]) -> Claimed:
    return Claimed(
        id=row.id,
        channel=row.channel,
        target=row.target,
        kind=row.kind,
        reason=row.reason,
        body=row.body or {},
        attempts=row.attempts,
        failed=row.failed,
        in_doubt=row.in_doubt,
        trying_since=row.trying_since,
        channel_failures=row.channel_failures,
        stumbled=tuple(row.stumbled or ()),
    )
