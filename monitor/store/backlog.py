"""What waits for a channel that fails, gathered into one catch-up summary, and messages to be edited in place.

Which alerts are gathered is decided elsewhere; nothing is lost or repeated by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from monitor.alerting import Held, catch_up
from monitor.store import outbox
from monitor.store.schema import alerts, channels, deliveries, delivery_alerts


def gather(connection: Connection, channel: str, now: datetime) -> int:
    """Put what waits alone for a failing channel into a catch-up summary a target; how many alerts that took.

    What may have arrived already, and what failed by itself, stays alone: the first must keep its id, the second
    would take the others along.
    """
    query = select(channels.c.failing_since).where(channels.c.name == channel)
    since: datetime | None = connection.execute(query).scalar()
    if since is None:
        return 0
    count = 0
    for target, waiting in _alone(connection, channel).items():
        begun = _open_summary(connection, channel, target)
        taken = catch_up(waiting, since, now, has_begun=begun is not None)
        if taken:
            _fold(connection, (channel, target), taken, begun, now)
        count += len(taken)
    return count


def _alone(connection: Connection, channel: str) -> dict[str, list[Held]]:
    """Alerts that wait alone, by target, oldest first."""
    query = (
        select(deliveries.c.id, deliveries.c.target, alerts.c.priority)
        .join(delivery_alerts, delivery_alerts.c.delivery_id == deliveries.c.id)
        .join(alerts, alerts.c.id == delivery_alerts.c.alert_id)
        .where(deliveries.c.channel == channel, deliveries.c.kind == "alert", deliveries.c.state == "pending")
        .where(deliveries.c.failed == 0, ~deliveries.c.in_doubt, deliveries.c.claimed_by.is_(None))
        .order_by(deliveries.c.created_at, alerts.c.id)
    )
    found: defaultdict[str, list[Held]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.target].append(Held(row.id, row.priority == "urgent"))
    return found


def _open_summary(connection: Connection, channel: str, target: str) -> str | None:
    """The target's catch-up summary that can still take alerts: nobody has it, and it surely did not arrive."""
    mine = (deliveries.c.channel == channel) & (deliveries.c.target == target) & (deliveries.c.reason == "catch-up")
    is_open = (deliveries.c.state == "pending") & ~deliveries.c.in_doubt & deliveries.c.claimed_by.is_(None)
    found: str | None = connection.execute(select(deliveries.c.id).where(mine & is_open)).scalar()
    return found


def _fold(connection: Connection, to: tuple[str, str], taken: Sequence[Held], begun: str | None, now: datetime) -> None:
    """Move the alerts of `taken` into the summary `begun`, or a new one; their own deliveries end."""
    key = f"catch-up {to[0]} {to[1]} {taken[0].key}"
    summary = begun or outbox.add(connection, key, to, now, kind="summary", reason="catch-up")
    ids = [one.key for one in taken]
    carried = select(delivery_alerts.c.alert_id).where(delivery_alerts.c.delivery_id.in_(ids))
    for alert in connection.execute(carried).scalars().all():
        outbox.carry(connection, summary, alert)
    outbox.set_body(connection, summary, None)  # its sentences count the alerts
    mine = update(deliveries).where(deliveries.c.id.in_(ids))
    connection.execute(mine.values(state="gathered", settled_at=now, answer=f"in {summary}"))


def amend_first(
    connection: Connection, to: tuple[str, Iterable[str]], alert_id: int, article_id: int, now: datetime
) -> None:
    """Have the alert's own message edited, now that the article joined its story.

    Not if it is still to be sent, since it is put together when it is; nor beside an edit that still waits.
    """
    channel, targets = to
    carries = select(delivery_alerts.c.delivery_id).where(delivery_alerts.c.alert_id == alert_id)
    of_alert = deliveries.c.id.in_(carries) & (deliveries.c.channel == channel)
    begun = (deliveries.c.kind == "alert") & ((deliveries.c.state == "sent") | deliveries.c.claimed_by.is_not(None))
    waiting = (deliveries.c.kind == "amend") & (deliveries.c.state == "pending") & deliveries.c.claimed_by.is_(None)
    for target in targets:
        here = of_alert & (deliveries.c.target == target)
        is_begun = connection.execute(select(deliveries.c.id).where(here & begun)).first()
        if is_begun and not connection.execute(select(deliveries.c.id).where(here & waiting)).first():
            key = f"amend {alert_id} {article_id} {channel} {target}"
            outbox.carry(connection, outbox.add(connection, key, (channel, target), now, kind="amend"), alert_id)
