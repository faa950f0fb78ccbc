"""The next digest of a channel, whether or not anything is to stand in it.

It must not know what is told.
"""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.alerting.digests import after_last, next_digest, quiet_until
from monitor.alerting.policy import AlertsPolicy, Bundle, ChannelPolicy


def planned_digest(channel: ChannelPolicy, alerts: AlertsPolicy, last: datetime | None, now: datetime) -> Bundle | None:
    """The digest that the channel gets next even if it is empty; None for a channel that is told at once.

    `last` is when the latest that was sent was due.
    """
    if channel.when.kind == "now":
        return None
    due = next_digest(channel.when, alerts.zone, after_last(last, now)).astimezone(UTC)
    due = quiet_until(channel.quiet, alerts.zone, due) or due  # the same as for an alert that goes into it
    return Bundle("digest", due, f"{channel.name}|digest|{due:%Y-%m-%dT%H:%M:%S.%fZ}")
