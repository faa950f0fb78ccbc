"""The one decision about an article: for each channel tell, bundle, join or archive, with the reason in words.

It must not know a store, a channel's type or the time other than as arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.alerting.followups import FollowUp, follow_up, spread_of
from monitor.alerting.policy import (
    AlertsPolicy,
    ChannelPolicy,
    ChannelState,
    Decision,
    Sighting,
    Silence,
    Told,
    WatchPolicy,
)
from monitor.alerting.routes import heard_by, loud, silence_of, silence_of_watches
from monitor.alerting.timing import Case, digest, first_look, scheduled, shown

#: What was published longer ago than this is told by the rule of `late`, unless it is urgent.
LONG_AGO = timedelta(days=30)


def decide(
    sighting: Sighting,
    policy: tuple[AlertsPolicy, Sequence[ChannelPolicy]],
    states: Mapping[str, ChannelState],
    silences: Sequence[Silence],
    now: datetime,
) -> list[Decision]:
    """What becomes of a sighting, one decision a channel that one of its watches is routed to, in channel order.

    `states` maps channel names to what they know; a missing one knows nothing. `now` is aware UTC. A channel that
    none of the watches is routed to, and that was told nothing of the story, has no decision.
    """
    alerts, channels = policy
    cases = (Case(sighting, alerts, channel, states.get(channel.name, ChannelState()), now) for channel in channels)
    return [decision for case in cases if (decision := _on_channel(case, silences)) is not None]


def takes_in(decision: Decision, told: Sequence[Told]) -> Told | None:
    """Of `told`, the alert still waiting in a summary that names the watches of this joining report too."""
    if decision.action != "join" or not decision.watches:
        return None
    return next((one for one in told if one.waits_until is not None and one.alert_id == decision.follows), None)


@dataclass(frozen=True, slots=True)
class _Heard:
    """The watches of a case: those of the channel in this article, the loud ones of them, the story's earlier."""

    hit: tuple[WatchPolicy, ...]
    loud: tuple[WatchPolicy, ...]
    known: tuple[WatchPolicy, ...]


def _on_channel(case: Case, silences: Sequence[Silence]) -> Decision | None:
    hit = heard_by(case.sighting.watches, case.channel, case.alerts)
    known = heard_by(case.sighting.story_watches, case.channel, case.alerts)
    heard = _Heard(hit, loud(hit, silences, case.now), loud(known, silences, case.now))
    told = _told(case)
    if not hit and not told:
        return None
    decision = _silenced(case, heard, silences) or (_again(case, heard, told) if told else _new(case, heard.loud))
    return replace(decision, level=spread_of(case.sighting.reports))


def _told(case: Case) -> tuple[Told, ...]:
    """What counts as told: with `group: article` only what this article is a copy of."""
    if case.alerts.group == "article" and case.sighting.relation != "copy":
        return ()
    return case.state.told


def _silenced(case: Case, heard: _Heard, silences: Sequence[Silence]) -> Decision | None:
    silence = silence_of(case.sighting, silences, case.now)
    if silence is None and heard.hit and not heard.loud:
        silence = silence_of_watches(heard.hit, silences, case.now)
    if silence is None:
        return None
    name = "" if silence.kind == "everything" else f" {silence.name}"
    return case.archive(heard.hit, "silenced", f"silenced until {shown(case, silence.until)}: {silence.kind}{name}")


def _new(case: Case, watches: tuple[WatchPolicy, ...]) -> Decision:
    """A story that the channel was not told of."""
    if case.sighting.is_first_poll:
        gated = _first_poll(case, watches)
        if gated is not None:
            return gated
    elif (rule := case.alerts.late) != "alert" and _is_long_ago(case) and not case.is_urgent(watches):
        why = "published over 30 days ago"
        return case.archive(watches, "long ago", why) if rule == "archive" else digest(case, watches, why)
    return scheduled(case, watches, "new story")


def _is_long_ago(case: Case) -> bool:
    published = case.sighting.published
    return published is not None and case.sighting.first_seen - published > LONG_AGO


def _first_poll(case: Case, watches: tuple[WatchPolicy, ...]) -> Decision | None:
    """What becomes of an article that a feed's first poll showed; None if it is told like any other."""
    age = None if case.sighting.published is None else case.sighting.first_seen - case.sighting.published
    shown_by = f"shown by the first poll of {case.sighting.feed_name}"
    if age is not None and case.alerts.fresh is not None and age > case.alerts.fresh:
        return case.archive(watches, "not fresh", f"{shown_by}, and not fresh")
    if case.alerts.first == "archive":
        return case.archive(watches, "first poll", shown_by)
    if case.alerts.first == "alert":
        return None
    return first_look(case, watches)


def _again(case: Case, heard: _Heard, told: Sequence[Told]) -> Decision:
    """A story that the channel was told of: a follow-up, or it joins quietly."""
    reason = follow_up(case.sighting, told, heard.loud, heard.known)
    if reason is None and case.sighting.relation == "copy":
        return _copy(case, heard, told)
    if reason is None:
        return case.join(heard.loud, told, "another report of a told story")
    if case.sighting.is_first_poll:
        return case.join(heard.loud, told, "a told story, shown by a feed's first poll")
    return _follow(case, reason, told)


def _copy(case: Case, heard: _Heard, told: Sequence[Told]) -> Decision:
    """A copy that hits nothing new never alerts again: a late one is named in the next digest, where there is one."""
    is_late = case.sighting.is_story_closed and bool(heard.loud)
    if is_late and case.has_digests(heard.loud):
        return replace(digest(case, heard.loud, "a late copy of a told story"), follows=told[0].alert_id)
    return case.join(heard.loud, told, "a copy of a told story")


def _follow(case: Case, reason: FollowUp, told: Sequence[Told]) -> Decision:
    decision = scheduled(case, reason.watches, reason.why)
    waits_until = told[-1].waits_until
    if waits_until is not None and case.now < waits_until <= decision.due:
        return case.join(reason.watches, told, f"the alert that waits takes it in: {reason.why}")
    return replace(decision, reason=reason.reason, follows=told[0].alert_id)
