"""Whether this machine is offline: failures of many feeds at once are one event, and not the feeds' fault.

Pure: outcomes of polls go in; what is known of the line comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: Kinds of FetchFailed in which no host answered anything.
UNANSWERED = frozenset({"dns", "connect", "timeout"})
#: The newest outcomes that are kept, and for how long.
KEPT = 300
WINDOW = timedelta(minutes=3)
#: Different hosts that have to be silent one after the other.
HOSTS = 3
_SHORTEST = timedelta(minutes=1)
_LONGEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A poll's end. `failures` is how many polls of this feed had failed in a row before this one."""

    feed_id: int
    url: str
    host: str
    at: datetime
    is_answered: bool
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """The polls without an answer since the last answer; `since` is set while this machine seems to be offline."""

    outcomes: tuple[Outcome, ...] = ()
    since: datetime | None = None


def after(line: Line, outcome: Outcome, under_way: int = 0) -> Line:
    """The line after a poll, while `under_way` others have not ended yet.

    It is down when no poll since the last answer had one, on several hosts, and fewer are still to end: dead hosts
    fail first, before live ones answer. Feeds that failed before do not count: three dead feeds are no outage.
    """
    recent = tuple(one for one in line.outcomes if outcome.at - one.at <= WINDOW)
    if outcome.is_answered:
        return Line()
    if outcome.failures:
        return replace(line, outcomes=recent)
    recent = (*recent, outcome)[-KEPT:]
    is_down = len(recent) >= under_way and len({one.host for one in recent}) >= HOSTS
    return Line(recent, line.since or (recent[0].at if is_down else None))


def pause(line: Line, now: datetime) -> timedelta:
    """How long feeds wait while the line is down: half as long as it has been, within one and five minutes."""
    lasted = now - line.since if line.since else timedelta(0)
    return min(max(lasted / 2, _SHORTEST), _LONGEST)
