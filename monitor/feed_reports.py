"""What `health.to` hears of a feed: once that it is down, once that it is back, and that it is gone for good.

It writes notices into the outbox, in the caller's transaction; feeds themselves it leaves as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from monitor.rules import Rules
from monitor.store import outbox, reports
from monitor.store.feeds import FeedState

#: A feed is down when so many polls in a row have failed for so long: nights and restarts of a server are not news.
FAILURES = 5
LONG = timedelta(hours=24)


def report_failure(connection: Connection, rules: Rules, state: FeedState, error: str, now: datetime) -> None:
    """To be called after a failed poll; `state` is what was known before it."""
    since = state.failing_since
    if since is None or state.failures + 1 < FAILURES or now - since < LONG or _is_told(connection, state):
        return
    shown = f"{since.astimezone(ZoneInfo(rules.alerts.zone)):%d %b %H:%M}"
    lines = (f"It fails since {shown}: {error}.", "It is tried again once a day at least; 'monitor feeds' shows more.")
    _tell(connection, rules, _down(state), (f"Feed down: {rules.name(state.url, state.title)}", lines), now)


def report_recovery(connection: Connection, rules: Rules, state: FeedState, now: datetime) -> None:
    """To be called after a good poll; `state` is what was known before it."""
    if not state.failures or not _is_told(connection, state):
        return
    name = rules.name(state.url, state.title)
    lines = ("Its last poll went well.", "What it shows now and what we had not seen before is told as usual.")
    _tell(connection, rules, f"feed {state.id} back", (f"Feed back: {name}", lines), now)


def report_end(connection: Connection, rules: Rules, state: FeedState, now: datetime) -> None:
    """To be called when a feed is polled no more."""
    name = rules.name(state.url, state.title)
    lines = (
        "Its server says that it is gone for good (410), twice and a day apart. It is no longer polled.",
        f"To try again: monitor feeds retry '{name}'",
    )
    _tell(connection, rules, f"feed {state.id} gone", (f"Feed gone: {name}", lines), now)


def _down(state: FeedState) -> str:
    return f"feed {state.id} down"


def _is_told(connection: Connection, state: FeedState) -> bool:
    """Whether this failure, from its beginning to now, was told."""
    told = reports.last_notice(connection, _down(state))
    return told is not None and state.failing_since is not None and told >= state.failing_since


def _tell(connection: Connection, rules: Rules, reason: str, said: tuple[str, Sequence[str]], now: datetime) -> None:
    title, lines = said
    for channel in rules.health:
        for target in rules.targets.get(channel, ()):
            outbox.add_notice(connection, (channel, target), {"title": title, "lines": lines}, now, reason=reason)
