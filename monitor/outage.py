"""Whether this machine is offline: failures of many feeds at once are one event, and not the feeds' fault.

Pure: outcomes of polls go in; what is known of the line comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: Kinds of FetchFailed in which no host answered anything.
UNANSWERED = frozenset({"dns", "connect", "timeout"})
#: The newest outcomes that count, and for how long.
LOOKED_AT = 10
WINDOW = timedelta(minutes=3)
#: Different hosts that have to be silent, and how many outcomes may have had an answer nevertheless.
HOSTS = 3
MOST_ANSWERED = 1
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
    """What the newest outcomes say; `since` is set while this machine seems to be offline."""

    outcomes: tuple[Outcome, ...] = ()
    since: datetime | None = None


def after(line: Line, outcome: Outcome) -> Line:
    """The line after a poll. Feeds that failed before do not count: three dead feeds are no outage."""
    recent = tuple(one for one in line.outcomes if outcome.at - one.at <= WINDOW)
    if not outcome.is_answered and outcome.failures:
        return replace(line, outcomes=recent)
    recent = (*recent, outcome)[-LOOKED_AT:]
    if outcome.is_answered:
        return Line(recent)
    return Line(recent, line.since or (recent[0].at if _is_silent(recent) else None))


def _is_silent(recent: tuple[Outcome, ...]) -> bool:
    silent = [one for one in recent if not one.is_answered]
    most = MOST_ANSWERED if len(recent) == LOOKED_AT else 0
    return len(recent) - len(silent) <= most and len({one.host for one in silent}) >= HOSTS


def pause(line: Line, now: datetime) -> timedelta:
    """How long feeds wait while the line is down: half as long as it has been, within one and five minutes."""
    lasted = now - line.since if line.since else timedelta(0)
    return min(max(lasted / 2, _SHORTEST), _LONGEST)
