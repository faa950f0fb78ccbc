"""The summary of the program's own health, as often as `health.summary` says: counts, watches, the disk in 90 days.

It reads and words; when it is due is `health.summary`'s rule, and it must not send.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.alerting.digests import next_digest
from monitor.model import When
from monitor.notices import Said
from monitor.rules import Rules
from monitor.store import numbers, tallies, watches

NOTED = "health summary"
WEEK = timedelta(days=7)
NAMED = 3


def is_due(connection: Connection, when: When | None, zone: str, now: datetime) -> bool:
    """Whether one is due; the first is due when its time comes for the first time. Notes that it is written."""
    if when is None or when.kind == "now":
        return False
    last = watches.fact(connection, NOTED)
    if last is not None and last[1] > now:  # of a clock that ran ahead
        last = None
    due = last is not None and next_digest(when, zone, last[1]) <= now
    if last is None or due:
        watches.note(connection, NOTED, True, now)
    return due


def summary(connection: Connection, rules: Rules, now: datetime, *, size: float, free: float | None) -> Said:
    """Title and lines."""
    week, there = tallies.of_days(connection, now - WEEK), numbers.now_there(connection, now)
    feeds = there.of_feeds
    found = tallies.per_day(connection, now)
    title = f"News monitor: {week['articles']} articles, {week['alerts']} alerts in a week"
    lines = [
        f"{feeds.polled} feeds, {feeds.polled_failing} of them failing; {week['gaps']} possible gaps.",
        f"{week['sent']} messages were accepted, {week['given_up']} given up, {there.of_messages.pending} wait.",
        *_watches(rules, {key: sum(tally.stories[-7:]) for key, tally in found.items()}),
        *_disk(size, free, tallies.age_days(connection, now)),
    ]
    return title, tuple(lines)


def _watches(rules: Rules, stories: dict[tuple[str, str], int]) -> list[str]:
    mine = {key: stories.get(key, 0) for key in rules.watch_policies}
    noisy = sorted((key for key in mine if mine[key]), key=lambda key: -mine[key])[:NAMED]
    dead = [key for key in mine if key not in stories]
    return [
        *([f"Most stories: {'; '.join(f'{key[1]} {mine[key]}' for key in noisy)}."] if noisy else []),
        *([f"Never found anything: {_names(dead)}. 'monitor check' says what their terms find."] if dead else []),
    ]


def _names(keys: Sequence[tuple[str, str]]) -> str:
    more = f" and {len(keys) - 2 * NAMED} more" if len(keys) > 2 * NAMED else ""
    return ", ".join(name for _, name in keys[: 2 * NAMED]) + more


def _disk(size: float, free: float | None, days: float) -> list[str]:
    if not size:
        return []
    per_day = size / max(days, 1)
    later = size + 90 * per_day
    room = f"; {free / 1e9:.1f} GB are free" if free is not None else ""
    warning = " That is too little: make room, or set keep: {articles: 400d}." if free and 90 * per_day > free else ""
    return [f"The store has {size / 1e9:.2f} GB, in 90 days about {later / 1e9:.2f} GB{room}.{warning}"]
