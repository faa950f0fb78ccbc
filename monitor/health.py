"""The program's word about itself to the channels of `health.to`: what was given up, which watches fell silent.

It writes notices into the outbox, in the caller's transaction; a notice that fails makes no further notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from monitor import alerting, notices
from monitor.rules import Rules
from monitor.store import outbox, reports, tallies

#: A channel's losses are told at once, then at most this often.
EVERY = timedelta(hours=1)
DAY = timedelta(days=1)
#: A watch that fell silent is told once a silence; older notices are not looked at.
REMEMBERED = timedelta(days=120)
SILENT = "fell silent"


class Health:
    """Looks at what happened; remembers only when it last looked at the watches."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None

    def report(self, connection: Connection, rules: Rules, now: datetime) -> int:
        """Write the notices that are due; how many."""
        if not rules.health:
            return 0
        written = _report_given_up(connection, rules, now)
        if self._looked_at is None or now - self._looked_at >= DAY:
            self._looked_at = now
            written += _report_silent(connection, rules, now)
        return written


def _report_given_up(connection: Connection, rules: Rules, now: datetime) -> int:
    written = 0
    for channel, lost in reports.given_up(connection).items():
        reason = f"given up: {channel}"
        last = reports.last_notice(connection, reason)
        others = tuple(name for name in rules.health if name != channel)
        if others and (last is None or now - last >= EVERY):
            title, lines = notices.given_up(channel, lost, ZoneInfo(rules.alerts.zone))
            written += _tell(connection, rules, others, {"title": title, "lines": lines}, reason, now)
            reports.mark_told(connection, [one.delivery for one in lost], now)
    return written


def _report_silent(connection: Connection, rules: Rules, now: datetime) -> int:
    """Each watch once a silence: the time of its last hit tells one silence from the next."""
    known = {
        (key, last)
        for body in reports.notices(connection, SILENT, now - REMEMBERED)
        for key, last in body.get("silent", {}).items()
    }
    said: dict[str, tuple[str, str]] = {}
    for (watchlist, watch), tally in tallies.per_day(connection, now).items():
        key, last = f"{watchlist}/{watch}", tally.last.isoformat() if tally.last else ""
        is_news = (watchlist, watch) in rules.watch_policies and (key, last) not in known
        if is_news and (line := alerting.fell_silent(watch, tally.stories)):
            said[key] = (last, line)
    if not said:
        return 0
    title, lines = notices.fell_silent([line for _, line in said.values()])
    body = {"title": title, "lines": lines, "silent": {key: last for key, (last, _) in said.items()}}
    return _tell(connection, rules, rules.health, body, SILENT, now)


def _tell(
    connection: Connection,
    rules: Rules,
    channels: tuple[str, ...],
    body: Mapping[str, object],
    reason: str,
    now: datetime,
) -> int:
    to = [(name, target) for name in channels for target in rules.targets.get(name, ())]
    for one in to:
        outbox.add_notice(connection, one, dict(body), now, reason=reason)
    return len(to)
