"""Summaries that come whether or not anything stands in them: a channel's first look, and digests that may be empty.

It writes their rows, in the caller's transaction; what is told in them is decided with each article.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from monitor.alerting import Bundle, quiet_until
from monitor.alerting.planned import planned_digest
from monitor.in_force import InForce
from monitor.store import outbox


class Planning:
    """Of the channels in force."""

    def __init__(self, in_force: InForce, clock: Callable[[], datetime]) -> None:
        self.in_force = in_force
        self.clock = clock

    def digests(self, connection: Connection) -> None:
        """A digest is sent even when empty, so its row is there before its first alert."""
        now, rules = self.clock(), self.in_force.rules
        for channel in rules.channels:
            last = outbox.settled_ahead(connection, channel.name, "digest", now)
            bundle = planned_digest(channel, rules.alerts, last, now)
            if bundle and self.in_force.config.channels[channel.name].empty == "send":
                outbox.deliver_in_summary(connection, channel.name, rules.targets[channel.name], None, bundle, now)

    def introduce(self, connection: Connection) -> None:
        """A first look for every channel that never had one, with or without a match."""
        now, rules = self.clock(), self.in_force.rules
        for channel in rules.channels:
            had = outbox.latest_bundle(connection, channel.name, "first look", only_pending=False)
            if outbox.introduce(connection, channel.name, now) and had is None:
                bundle = Bundle("first look", now, "first look")
                outbox.deliver_in_summary(connection, channel.name, rules.targets[channel.name], None, bundle, now)
        self.hasten_first_look(connection)

    def hasten_first_look(self, connection: Connection) -> None:
        """The round is over: what gathers is complete. Quiet hours hold it as they hold everything."""
        now, rules = self.clock(), self.in_force.rules
        for channel in rules.channels:
            due = quiet_until(channel.quiet, rules.alerts.zone, now) or now
            outbox.hasten(connection, channel.name, "first look", due)
