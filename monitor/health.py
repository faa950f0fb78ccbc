"""The program's word about itself to the channels of `health.to`: what is wrong, given up or silent.

It writes notices into the outbox, in the caller's transaction; a notice that fails makes no further notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from monitor import alerting, notices, present, troubles, weekly
from monitor.facts import Process
from monitor.feed_reports import report_pages
from monitor.notices import Said
from monitor.present import Scope
from monitor.rules import Rules
from monitor.store import outbox, reports, tallies
from monitor.troubles import Memory, Trouble

#: A channel's losses are told at once, then at most this often.
EVERY = timedelta(hours=1)
DAY = timedelta(days=1)
#: A watch that fell silent is told once a silence; older notices are not looked at.
REMEMBERED = timedelta(days=120)
SILENT = "fell silent"
OF_FEEDS = "feeds of the day"


@dataclass(frozen=True, slots=True)
class Reported:
    """How many notices were written, what was said besides, when the watches were last looked at, and what is wrong."""

    notices: int
    also: Said | None
    looked_at: datetime | None
    troubles: tuple[Trouble, ...]


class Health:
    """Looks at what happened; remembers only when it last looked at the watches, once that is stored."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None
        self.also: Said | None = None  # to be said next

    def stored(self, done: Reported) -> None:
        """What `report` has written is committed; until then it may be undone, or run again."""
        self._looked_at = done.looked_at
        if self.also is done.also:
            self.also = None

    def report(self, connection: Connection, rules: Rules, now: datetime, process: Process) -> Reported:
        """Write the notices that are due, and note what is wrong for whoever asks."""
        also, looked_at = self.also, self._looked_at
        found = present.look(connection, scope(rules), now, process=process).troubles
        written = _report_troubles(connection, rules, found, now)
        if not rules.health:
            return Reported(0, None, looked_at, found)
        written += _report_given_up(connection, rules, now)
        if also:
            written += say(connection, rules, also, now)
        written += self._report_week(connection, rules, process, now)
        written += _report_gathered(connection, rules, now)
        if looked_at is None or now - looked_at >= DAY:
            looked_at = now
            written += _report_silent(connection, rules, now)
            report_pages(connection, rules, now)
        return Reported(written, also, looked_at, found)

    def _report_week(self, connection: Connection, rules: Rules, process: Process, now: datetime) -> int:
        if not weekly.is_due(connection, rules.health_summary, rules.alerts.zone, now):
            return 0
        title, lines = weekly.summary(connection, rules, now, size=process.store_bytes, free=process.free_bytes)
        return _tell(connection, rules, rules.health, {"title": title, "lines": lines}, "health summary", now)


def say(connection: Connection, rules: Rules, said: Said, now: datetime) -> int:
    """What is said of the store."""
    title, lines = said
    return _tell(connection, rules, rules.health, {"title": title, "lines": lines}, "store", now)


def scope(rules: Rules) -> Scope:
    """What is judged of these rules."""
    return Scope.of(rules.feeds.values(), (channel.name for channel in rules.channels), rules.alerts.zone)


def _report_troubles(connection: Connection, rules: Rules, found: Sequence[Trouble], now: datetime) -> int:
    """What is wrong now, what is over, and what comes and goes."""
    here = {one.key: one for one in found if one.hold is not None}
    known = reports.remembered(connection)
    written = 0
    for key in here.keys() | known.keys():
        trouble, before = here.get(key), known.get(key)
        others = _others(rules, key, trouble)
        memory, say = troubles.after(before, trouble, now)
        if say and not others:  # it is told as soon as there is somebody to tell, and shown until then
            memory, say = troubles.untold(before, trouble), None
        if memory != before:
            reports.remember(connection, key, memory)
        if say and memory is not None:
            title, lines = _words(say, memory, trouble, before, rules)
            written += _tell(connection, rules, others, {"title": title, "lines": lines}, key, now)
    return written


def _others(rules: Rules, key: str, trouble: Trouble | None) -> tuple[str, ...]:
    """Who hears of it: of a channel's failing not the channel itself, of its return all."""
    return tuple(name for name in rules.health if trouble is None or name not in trouble.apart)


def _words(say: str, memory: Memory, trouble: Trouble | None, before: Memory | None, rules: Rules) -> Said:
    if say == "begin" and trouble is not None:
        return trouble.title, trouble.lines
    if say == "flaps":
        return notices.flaps(memory.title, before.returns if before else 0)
    since = f"{memory.since.astimezone(ZoneInfo(rules.alerts.zone)):%d %b %H:%M}"
    return memory.title, (f"It had been since {since}.",)


def _report_gathered(connection: Connection, rules: Rules, now: datetime) -> int:
    """What was to be said of feeds, in one message a day."""
    written = 0
    for (channel, target), rows in reports.gathered(connection).items():
        last = reports.last_notice(connection, OF_FEEDS, channel)
        if last is not None and now - last < DAY:
            continue
        title, lines = notices.gathered([(row.body["title"], tuple(row.body["lines"])) for row in rows])
        outbox.add_notice(connection, (channel, target), {"title": title, "lines": lines}, now, reason=OF_FEEDS)
        reports.mark_told(connection, [row.id for row in rows], now)
        written += 1
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
