"""Whether a story that a channel was told of speaks again: for a new watch, a confirmation or because it spreads.

It must not know when the follow-up is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.alerting.policy import Report, Sighting, Told, WatchPolicy
from monitor.model import AlertReason

#: Follow-ups of a story on one channel, at most.
MOST = 3
#: Outlets within the window that make a story spread, and outlets in all that make it spread widely.
SPREADS, SPREADS_WIDELY = 5, 20
WINDOW = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Why a story speaks again, for which watches, the cause first."""

    reason: AlertReason
    watches: tuple[WatchPolicy, ...]
    why: str


def follow_up(
    sighting: Sighting, told: Sequence[Told], hit: Sequence[WatchPolicy], known: Sequence[WatchPolicy]
) -> FollowUp | None:
    """The reason for which a report of a told story is told again; None if it joins quietly.

    `hit` are the loud watches of the channel in this article, `known` those that the story hit before.
    """
    if len(told) > MOST:
        return None
    if sighting.relation == "copy":  # nothing new, unless a sentence was added that hits a watch of its own
        return None if sighting.is_story_closed else _new_watch(told, hit)
    return (
        _new_watch(told, hit)
        or _confirmed(sighting, told, _unique((*hit, *known)))
        or _spreading(sighting, told, _unique((*hit, *known)))
    )


def _new_watch(told: Sequence[Told], hit: Sequence[WatchPolicy]) -> FollowUp | None:
    before = frozenset[str]().union(*(one.watches for one in told))
    new = [watch for watch in hit if watch.key not in before]
    if not new:
        return None
    names = ", ".join(watch.ref.name for watch in new)
    return FollowUp("new watch", _unique((*new, *hit)), f"the story now hits {names}")


def _confirmed(sighting: Sighting, told: Sequence[Told], watches: Sequence[WatchPolicy]) -> FollowUp | None:
    if any(one.outlet == sighting.feed_name for one in told):
        return None
    confirmed = [watch for watch in watches if _is_confirmed(watch, sighting)]
    if not confirmed:
        return None
    return FollowUp("confirmed", _unique((*confirmed, *watches)), f"{sighting.feed_name} reports it too")


def _is_confirmed(watch: WatchPolicy, sighting: Sighting) -> bool:
    names = {sighting.feed_name.casefold(), *(f"tag:{tag}".casefold() for tag in sighting.feed_tags)}
    return any(name.casefold() in names for name in watch.confirm)


def _spreading(sighting: Sighting, told: Sequence[Told], watches: tuple[WatchPolicy, ...]) -> FollowUp | None:
    level = spread_of(sighting.reports)
    if level <= max(one.level for one in told):
        return None
    where = f"{SPREADS} outlets within 2 hours" if level == SPREADS else f"{level} outlets"
    return FollowUp("spreading", watches, f"the story spreads: {where}")


def spread_of(reports: Iterable[Report]) -> int:
    """How far a story has spread: 20 outlets, 5 within two hours, or 0. An outlet counts from its first report."""
    first: dict[str, datetime] = {}
    for report in reports:
        first[report.outlet] = min(report.at, first.get(report.outlet, report.at))
    times = sorted(first.values())
    if len(times) >= SPREADS_WIDELY:
        return SPREADS_WIDELY
    bursts = zip(times, times[SPREADS - 1 :], strict=False)
    return SPREADS if any(last - start <= WINDOW for start, last in bursts) else 0


def _unique(watches: Iterable[WatchPolicy]) -> tuple[WatchPolicy, ...]:
    return tuple({watch.key: watch for watch in watches}.values())
