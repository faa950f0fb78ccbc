"""When an alert that is to be told is told: at once, or in which summary, with the reason in words.

It must not decide whether an article is told at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.alerting.digests import USUAL_DIGEST, after_last, next_digest, quiet_until
from monitor.alerting.limits import held_over_limit
from monitor.alerting.policy import (
    Action,
    AlertsPolicy,
    Bundle,
    Cause,
    ChannelPolicy,
    ChannelState,
    Decision,
    Limit,
    Sighting,
    Told,
    WatchPolicy,
)
from monitor.model import SummaryReason, When

#: When the first look of a channel is due if the caller has not set it: three minutes after the first poll.
FIRST_LOOK_AFTER = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Case:
    """A sighting on one channel."""

    sighting: Sighting
    alerts: AlertsPolicy
    channel: ChannelPolicy
    state: ChannelState
    now: datetime

    def is_urgent(self, watches: Sequence[WatchPolicy]) -> bool:
        return any(watch.ref.priority == "urgent" for watch in watches)

    def whens(self, watches: Sequence[WatchPolicy]) -> list[When]:
        """When each watch is told here: its own time, else the channel's."""
        usual = self.channel.when
        return [watch.when or usual for watch in watches] or [usual]

    def has_digests(self, watches: Sequence[WatchPolicy]) -> bool:
        return any(when.kind != "now" for when in self.whens(watches))

    def archive(self, watches: Sequence[WatchPolicy], cause: Cause, why: str) -> Decision:
        return replace(self._decision(watches, "archive", why), cause=cause)

    def join(self, watches: Sequence[WatchPolicy], told: Sequence[Told], why: str) -> Decision:
        return replace(self._decision(watches, "join", why), follows=told[-1].alert_id)

    def tell(self, watches: Sequence[WatchPolicy], why: str) -> Decision:
        return self._decision(watches, "tell", why)

    def bundle(self, watches: Sequence[WatchPolicy], kind: SummaryReason, due: datetime, why: str) -> Decision:
        """Into the summary of a kind that is due then; all alerts of one key share one delivery."""
        utc = due.astimezone(UTC)
        shared = Bundle(kind, utc, f"{self.channel.name}|{kind}|{utc:%Y-%m-%dT%H:%M:%S.%fZ}")
        return replace(self._decision(watches, "bundle", why), due=utc, bundle=shared)

    def _decision(self, watches: Sequence[WatchPolicy], action: Action, why: str) -> Decision:
        return Decision(
            channel=self.channel.name,
            action=action,
            why=why,
            due=self.now,
            watches=tuple(watch.ref for watch in watches),
            priority="urgent" if self.is_urgent(watches) else "normal",
        )


def first_look(case: Case, watches: Sequence[WatchPolicy]) -> Decision:
    """Into the one summary of what first polls showed; quiet hours hold it."""
    due = case.state.first_look_due
    if due is None or due < case.now:
        due = case.now + FIRST_LOOK_AFTER
    due = quiet_until(case.channel.quiet, case.alerts.zone, due) or due
    return case.bundle(watches, "first look", due, f"shown by the first poll of {case.sighting.feed_name}")


def digest(case: Case, watches: Sequence[WatchPolicy], why: str) -> Decision:
    """Into the next digest: the soonest of its watches', the usual one on a channel that has none."""
    whens = [when for when in case.whens(watches) if when.kind != "now"] or [USUAL_DIGEST]
    zone = case.alerts.zone
    after = after_last(case.state.digest_due, case.now)
    due = min(next_digest(when, zone, after) for when in whens)
    return case.bundle(watches, "digest", quiet_until(case.channel.quiet, zone, due) or due, why)


def scheduled(case: Case, watches: Sequence[WatchPolicy], why: str) -> Decision:
    """An alert told when its watches, the channel's quiet hours and its limit let it; the soonest watch counts."""
    if all(when.kind != "now" for when in case.whens(watches)):
        return digest(case, watches, f"{why}; digest of {case.channel.name}")
    if case.is_urgent(watches):
        return case.tell(watches, f"{why}; urgent")
    ends = quiet_until(case.channel.quiet, case.alerts.zone, case.now)
    if ends is not None:
        return case.bundle(watches, "quiet hours", ends, f"quiet hours of {case.channel.name}")
    limit = case.channel.at_most
    over = held_over_limit(case.channel, case.state, [watch.key for watch in watches], case.now)
    if limit is not None and over is not None:
        return _over_limit(case, watches, over, limit)
    return case.tell(watches, why)


def _over_limit(case: Case, watches: Sequence[WatchPolicy], over: datetime, limit: Limit) -> Decision:
    due = quiet_until(case.channel.quiet, case.alerts.zone, over) or over
    return case.bundle(watches, "over limit", due, f"{case.channel.name} takes {limit.count} {_per(limit.window)}")


def _per(window: timedelta) -> str:
    names = {timedelta(minutes=1): "a minute", timedelta(hours=1): "an hour", timedelta(days=1): "a day"}
    return names.get(window, f"in {window}")


def shown(case: Case, moment: datetime) -> str:
    """A time as the user's clock shows it, with the day if it is not today."""
    zone = ZoneInfo(case.alerts.zone)
    local = moment.astimezone(zone)
    is_today = local.date() == case.now.astimezone(zone).date()
    return f"{local:%H:%M}" if is_today else f"{local:%a %d %b %H:%M}"
