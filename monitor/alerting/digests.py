"""When digests are due and quiet hours end, in the user's zone, once per local day over daylight saving.

It must not read a clock: the time is an argument.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.alerting.policy import Quiet
from monitor.model import When

#: When a digest of a channel that has no time of its own for one is due: `late: digest` on a channel told at
#: once.
USUAL_DIGEST = When("daily", time(7, 30))
_WEEKDAYS = "1-5"
#: A digest that was sent lies at most a week and a night of quiet hours ahead of a clock that was put back.
_LONGEST = timedelta(days=9)


def next_digest(when: When, zone: str, after: datetime) -> datetime:
    """The first time after `after` (aware) at which a digest of `when` is due, in UTC; for `now`: `after` itself.

    Once per local day: a time that an autumn night has twice counts the first time, one that a spring night leaves
    out counts when it would have been (02:30 becomes 03:30).
    """
    if when.kind == "now":
        return after.astimezone(UTC)
    if when.kind == "hourly":
        return _next_hour(after.astimezone(UTC), ZoneInfo(zone))
    return _next_at(_cron_of(when), when.at or time(0), ZoneInfo(zone), after.astimezone(UTC))


def after_last(last: datetime | None, now: datetime) -> datetime:
    """What the next digest comes after: `now`, or the time of the last one that was sent, if the clock was put back
    over it and its time comes again. One that lies further ahead is of a clock that ran wild, and counts nothing.
    """
    return max(last, now) if last is not None and last <= now + _LONGEST else now


def _cron_of(when: When) -> str:
    """The days of a digest as a crontab line at midnight; the time of day is added to each by `_instant`."""
    if when.kind == "weekdays":
        return f"0 0 * * {_WEEKDAYS}"
    if when.kind == "weekly":
        return f"0 0 * * {((when.weekday or 0) + 1) % 7}"
    return "0 0 * * *"


def _next_at(cron: str, at: time, zone: ZoneInfo, after: datetime) -> datetime:
    """Days come from cronsim without a zone, since a midnight may itself be missing or double."""
    from cronsim import CronSim

    start = after.astimezone(zone).replace(tzinfo=None) - timedelta(days=2)
    for day in CronSim(cron, start):
        due = _instant(day.date(), at, zone)
        if due > after:
            return due
    raise AssertionError("a digest of every day or week always comes")


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time as UTC: the first of two, and a missing one by as much later as the clocks were put forward."""
    return datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC)


def _next_hour(after: datetime, zone: ZoneInfo) -> datetime:
    """The next full hour of the local clock; zones with half hours have theirs at half past in UTC."""
    minute = after.replace(second=0, microsecond=0)
    for _ in range(180):
        minute += timedelta(minutes=1)
        if minute.astimezone(zone).minute == 0:
            return minute
    raise AssertionError("every clock shows a full hour within three")


def quiet_until(quiet: Quiet | None, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours that hold at `now` (aware) end, in UTC; None outside of them. The end is not quiet."""
    if quiet is None or quiet.start == quiet.end:
        return None
    moment, local_zone = now.astimezone(UTC), ZoneInfo(zone)
    today = now.astimezone(local_zone).date()
    for day in (today - timedelta(days=1), today):
        last = day if quiet.start < quiet.end else day + timedelta(days=1)
        end = _instant(last, quiet.end, local_zone)
        if _instant(day, quiet.start, local_zone) <= moment < end:
            return end
    return None
