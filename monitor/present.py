"""Looks up what is judged of the program now, in its store and its process, and has it judged.

The judgement is `worries`; this must not say what is right or wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from monitor import worries
from monitor.facts import Down, Facts, Feeds, Member, Process, Queue
from monitor.model import Feed
from monitor.store import ask, members, numbers, reports, tallies, watches
from monitor.store.numbers import Numbers
from monitor.troubles import Trouble
from monitor.urls import display

CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Scope:
    """As much of a configuration as the judgement needs. `critical` are the feeds so tagged, by key."""

    critical: Mapping[str, Feed]
    channels: tuple[str, ...]
    zone: str

    @classmethod
    def of(cls, feeds: Iterable[Feed], channels: Iterable[str], zone: str) -> Scope:
        return cls({feed.key: feed for feed in feeds if CRITICAL in feed.tags}, tuple(channels), zone)


@dataclass(frozen=True, slots=True)
class Present:
    """How much there is, and what is wrong."""

    numbers: Numbers
    troubles: tuple[Trouble, ...]

    @property
    def briefs(self) -> list[str]:
        """A line each."""
        return [one.brief for one in self.troubles]


def look(
    connection: Connection, scope: Scope, now: datetime, *, process: Process | None = None, is_running: bool = True
) -> Present:
    """`process` is given by the service itself; to anybody else counts what the service has noted."""
    found = numbers.now_there(connection, now)
    facts = _facts(connection, scope, found, now, process=process, is_running=is_running)
    return Present(found, tuple(worries.judge(facts)))


def _facts(
    connection: Connection,
    scope: Scope,
    found: Numbers,
    now: datetime,
    *,
    process: Process | None,
    is_running: bool,
) -> Facts:
    worked, refused = (watches.fact(connection, name) for name in (watches.WORKED, watches.REFUSED))
    late = now - worries.WAITS
    return Facts(
        now=now,
        zone=ZoneInfo(scope.zone),
        is_running=is_running,
        process=process,
        remembered=() if process else _remembered(connection),
        is_service_gone=worked is not None and worked[0] == "service" and not is_running,
        refused_edit=refused[0][0] if refused else "",
        members=tuple(Member(one.role, one.version, one.watches) for one in members.listing(connection, now)),
        feeds=_feeds(connection, found),
        critical=_critical(connection, scope),
        channels=tuple(reports.channels_down(connection, scope.channels)),
        given_up=found.of_messages.failed,
        overdue=found.of_messages.overdue,
        refused=tuple(ask.refused(connection)),
        strangers=tuple(
            (one["channel"], one["waiting"], one["since"]) for one in ask.waiting_for_nobody(connection, scope.channels)
        ),
        unreadable=found.of_articles.unreadable,
        unsent=Queue(*reports.unsent(connection, late, scope.channels)),
        unread=Queue(*reports.unread(connection, late)),
        days=tallies.age_days(connection, now),
    )


def _feeds(connection: Connection, found: Numbers) -> Feeds:
    of = found.of_feeds
    is_looked_into = of.failing_lately >= worries.TOGETHER_LEAST
    return Feeds(
        all=of.feeds,
        failing=of.feeds_failing,
        stopped=of.feeds_stopped,
        never_read=of.feeds_never_read,
        polled=of.polled,
        last_poll=of.last_poll,
        next_poll=of.next_poll,
        asked_in_vain=of.failing_polled,
        together=of.failing_lately,
        together_since=of.failing_lately_since,
        errors=tuple(reports.common_errors(connection, of.failing_lately_since)) if is_looked_into else (),
    )


def _critical(connection: Connection, scope: Scope) -> tuple[Down, ...]:
    rows = reports.failing_feeds(connection, list(scope.critical)) if scope.critical else ()
    return tuple(
        Down(
            f"feed {row.id}",
            scope.critical[row.url].name or row.title or display(row.url),
            row.failing_since,
            row.error,
        )
        for row in rows
    )


def _remembered(connection: Connection) -> tuple[Trouble, ...]:
    """What the service has seen in itself and is not over."""
    return tuple(
        Trouble(key, memory.since, memory.brief, hold=None, brief=memory.brief)
        for key, memory in reports.remembered(connection).items()
        if memory.ended_at is None and memory.brief
    )
