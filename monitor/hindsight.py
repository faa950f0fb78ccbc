"""Who would have been told what, and when: the service's own decisions, taken one after the other in memory.

It holds what channels know as the store does for the service; it must not decide anything itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from monitor.alerting import (
    AlertsPolicy,
    ChannelPolicy,
    ChannelState,
    Decision,
    Report,
    Sent,
    Sighting,
    Told,
    WatchPolicy,
    decide,
    takes_in,
    watch_policy,
)
from monitor.alerting.policy import Relation
from monitor.conclude import LIMIT_WINDOW
from monitor.model import Document, Hit, Watchlist
from monitor.stories import Fingerprint, is_closed


@dataclass(frozen=True, slots=True)
class Article:
    """An article of an archive. `at` is when it would have come in."""

    key: str  # N-… of a store, the id of a file's line
    document: Document
    at: datetime
    published: datetime | None
    outlet: str
    feed_url: str = ""
    story: str | None = None  # where the archive knows it
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """An article in which something was found, without its text; `print_` where the archive knows no story of it."""

    article: Article
    hits: tuple[Hit, ...]
    print_: Fingerprint | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Who would be told, and when: made by `monitor.assemble.make_audience`."""

    alerts: AlertsPolicy = field(default_factory=AlertsPolicy)
    channels: tuple[ChannelPolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelResult:
    """What one channel would have been sent."""

    channel: str
    alone: int  # alerts of their own
    summaries: Mapping[str, int]  # alerts by the kind of summary they would have gone into
    joined: int  # reports of told stories that join quietly
    archived: int
    by_day: Mapping[date, int]  # alerts, alone or in summaries


@dataclass(slots=True)
class _Story:
    """A story as it stands."""

    first: datetime
    last: datetime
    reports: list[Report] = field(default_factory=list)
    watches: dict[str, WatchPolicy] = field(default_factory=dict)
    told: defaultdict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class _Channel:
    """What a channel was sent so far."""

    sent: list[Sent] = field(default_factory=list)
    over_limit_due: datetime | None = None
    alone: int = 0
    joined: int = 0
    archived: int = 0
    summaries: Counter[str] = field(default_factory=Counter)
    by_day: Counter[date] = field(default_factory=Counter)


class Telling:
    """Articles told in order of time. What first polls showed is told as if it had come in when it was published."""

    def __init__(self, watchlists: Sequence[Watchlist], audience: Audience) -> None:
        self._audience = audience
        self._zone = ZoneInfo(audience.alerts.zone)
        self._policies = {
            (one.name, watch.name): watch_policy(watch, one) for one in watchlists for watch in one.watches
        }
        self._stories: dict[str, _Story] = {}
        self._channels = {channel.name: _Channel() for channel in audience.channels}
        self._alerts = 0

    def tell(self, seen: Seen, story_id: str, relation: Relation) -> None:
        """One more article of a story in which something was found."""
        at = seen.article.at
        story = self._stories.setdefault(story_id, _Story(at, at))
        is_over = is_closed(story.first, story.last, at)
        story.reports.append(Report(seen.article.outlet, at))
        sighting = self._sighting(seen, story_id, relation, story, is_closed=is_over)
        if not is_over:
            story.last = at
        states = {name: self._state(name, story, at) for name in self._channels}
        for decision in decide(sighting, (self._audience.alerts, self._audience.channels), states, (), at):
            self._carry_out(decision, story, sighting, states[decision.channel].told)
        story.watches |= {policy.key: policy for policy in sighting.watches}

    def _sighting(self, seen: Seen, story_id: str, relation: Relation, story: _Story, *, is_closed: bool) -> Sighting:
        article = seen.article
        return Sighting(
            article_id=0,
            story_id=story_id,
            relation=relation,
            watches=tuple(self._policies[hit.watchlist, hit.watch] for hit in seen.hits),
            first_seen=article.at,
            published=article.published,
            feed_name=article.outlet,
            feed_url=article.feed_url,
            feed_tags=article.document.tags,
            is_story_closed=is_closed,
            story_watches=tuple(story.watches.values()),
            reports=tuple(story.reports),
        )

    def _state(self, name: str, story: _Story, now: datetime) -> ChannelState:
        channel = self._channels[name]
        channel.sent = [one for one in channel.sent if now - one.at <= LIMIT_WINDOW]
        told = tuple(
            one if one.waits_until is None or one.waits_until > now else replace(one, waits_until=None)
            for one in story.told[name]
        )
        return ChannelState(told=told, sent=tuple(channel.sent), over_limit_due=channel.over_limit_due)

    def _carry_out(self, decision: Decision, story: _Story, sighting: Sighting, told: Sequence[Told]) -> None:
        channel, now = self._channels[decision.channel], sighting.first_seen
        if decision.action == "archive":
            channel.archived += 1
        elif decision.action == "join":
            channel.joined += 1
            _add_to_waiting(story.told[decision.channel], takes_in(decision, told), decision)
        else:
            self._alerts += 1
            waits = decision.bundle.due if decision.bundle else None
            new = Told(str(self._alerts), _keys(decision), sighting.feed_name, now, decision.level, waits)
            story.told[decision.channel].append(new)
            channel.by_day[now.astimezone(self._zone).date()] += 1
            _count(channel, decision, now)

    def results(self) -> tuple[ChannelResult, ...]:
        """What each channel would have been sent."""
        return tuple(
            ChannelResult(
                channel=name,
                alone=one.alone,
                summaries=dict(one.summaries),
                joined=one.joined,
                archived=one.archived,
                by_day=dict(sorted(one.by_day.items())),
            )
            for name, one in self._channels.items()
        )


def _count(channel: _Channel, decision: Decision, now: datetime) -> None:
    if decision.bundle:
        channel.summaries[decision.bundle.kind] += 1
        if decision.bundle.kind == "over limit":
            channel.over_limit_due = max(filter(None, (channel.over_limit_due, decision.bundle.due)))
        return
    channel.alone += 1
    if decision.priority != "urgent":
        channel.sent.append(Sent(now, _keys(decision)))


def _add_to_waiting(told: list[Told], taken: Told | None, decision: Decision) -> None:
    if taken:
        told[told.index(taken)] = replace(taken, watches=taken.watches | _keys(decision))


def _keys(decision: Decision) -> frozenset[str]:
    return frozenset(WatchPolicy(ref).key for ref in decision.watches)
