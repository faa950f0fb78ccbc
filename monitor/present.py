"""What is wrong with the program right now, found in its store and its process: each a Trouble in words.

It judges only whether it is there; when it is told is decided elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from monitor import notices
from monitor.rules import Rules
from monitor.store import reports, tallies
from monitor.troubles import Trouble

MINUTE = timedelta(minutes=1)
AT_ONCE = timedelta()
#: Bounds of the troubles that are told at once.
CHANNEL_FAILS = 15 * MINUTE
NO_POLL = 15 * MINUTE
WAITS = 10 * MINUTE
TOGETHER = 0.2
TOGETHER_LEAST = 5
RECENT = timedelta(days=1)
CRITICAL = timedelta(hours=1)
KILLS = 10
FREE_BYTES, FREE_SHARE = 2e9, 0.05
JOURNAL_BYTES = 200e6


@dataclass(frozen=True, slots=True)
class Process:
    """What the process knows of itself. `kills` are those of the last ten minutes; `up_since` when it started."""

    up_since: datetime
    offline_since: datetime | None = None
    kills: int = 0
    free_bytes: float | None = None
    free_share: float = 1.0
    store_bytes: float = 0.0
    journal_bytes: float = 0.0
    damage: str = ""


def found(connection: Connection, rules: Rules, process: Process, now: datetime) -> list[Trouble]:
    """Everything that is wrong now."""
    zone = ZoneInfo(rules.alerts.zone)
    return [
        *_channels(connection, rules, now, zone),
        *_polling(connection, rules, process, now, zone),
        *_queues(connection, rules, process, now, zone),
        *_machine(connection, process, now),
    ]


def _channels(connection: Connection, rules: Rules, now: datetime, zone: ZoneInfo) -> Iterator[Trouble]:
    names = [channel.name for channel in rules.channels]
    for row in reports.channels_down(connection, now - CHANNEL_FAILS, names):
        said = notices.channel_fails(row.name, row.failing_since, row.error, row.waiting, zone)
        over = f"Channel {row.name} works again"
        yield Trouble(f"channel {row.name}", row.failing_since, *said, over, AT_ONCE, frozenset({row.name}))


def _polling(
    connection: Connection, rules: Rules, process: Process, now: datetime, zone: ZoneInfo
) -> Iterator[Trouble]:
    rows = reports.feeds_now(connection)
    if process.offline_since is not None:
        said = notices.offline(process.offline_since, zone)
        yield Trouble("offline", process.offline_since, *said, "This machine is online again")
        return
    last = max((row.last_success_at for row in rows if row.last_success_at), default=None)
    silent = max(filter(None, (last, process.up_since)))
    was_asked = any(row.next_poll_at < now - NO_POLL or (row.failures and row.last_poll_at > silent) for row in rows)
    if was_asked and now - silent >= NO_POLL:
        yield Trouble("no poll", silent, *notices.no_poll(last, zone), "Feeds can be read again", AT_ONCE)
        return
    yield from _together(rows, now, zone)
    for row in rows:
        is_critical = "critical" in rules.feed(row.url).tags
        if is_critical and row.failing_since and row.failures > 1 and now - row.failing_since >= CRITICAL:
            name = rules.name(row.url, row.title)
            said = notices.critical_feed(name, row.failing_since, row.error, zone)
            yield Trouble(f"feed {row.id}", row.failing_since, *said, f"Feed {name} (critical) is read again", AT_ONCE)


def _together(rows: Sequence[Row[Any]], now: datetime, zone: ZoneInfo) -> Iterator[Trouble]:
    """Feeds that began to fail lately; those that fail for days are each known by themselves."""
    failing = [row for row in rows if row.failures > 1 and row.failing_since and now - row.failing_since < RECENT]
    if len(failing) >= TOGETHER_LEAST and len(failing) > TOGETHER * len(rows):
        errors = [error for error, _ in Counter(row.error for row in failing).most_common(3)]
        since = min(row.failing_since for row in failing)
        said = notices.many_feeds(len(failing), len(rows), since, errors, zone)
        yield Trouble("feeds together", since, *said, "Most feeds are read again")


def _queues(connection: Connection, rules: Rules, process: Process, now: datetime, zone: ZoneInfo) -> Iterator[Trouble]:
    if now - process.up_since < WAITS or process.offline_since is not None:
        return
    names = [channel.name for channel in rules.channels]
    for what, (count, since) in (
        ("message", reports.unsent(connection, now - WAITS, names)),
        ("article", reports.unread(connection, now - WAITS)),
    ):
        if since is not None:
            said = notices.queue(what, count, since, zone)
            yield Trouble(f"queue of {what}s", since, *said, f"No {what} waits any more")


def _machine(connection: Connection, process: Process, now: datetime) -> Iterator[Trouble]:
    if process.kills >= KILLS:
        yield Trouble("workers", now, *notices.workers(process.kills), "Worker processes live again")
    free = process.free_bytes
    if free is not None and (free < FREE_BYTES or process.free_share < FREE_SHARE):
        per_day = process.store_bytes / max(1.0, tallies.age_days(connection, now))
        days = free / per_day if per_day else None
        yield Trouble("disk", now, *notices.disk(int(free), process.free_share, days), "The disk has room again")
    if process.journal_bytes > JOURNAL_BYTES:
        yield Trouble(
            "journal", now, *notices.journal(int(process.journal_bytes)), "The store's journal is short again"
        )
    if process.damage:
        yield Trouble("damage", now, *notices.damaged(process.damage), "The store is whole again", AT_ONCE)
