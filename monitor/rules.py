"""The configuration in force as the pipeline needs it: who is told what, from which feeds, by which watchlists.

A value, replaced as a whole on reload, so that one article is never judged by half of an edit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from monitor.alerting import AlertsPolicy, ChannelPolicy, WatchPolicy, watch_policy
from monitor.alerting.digests import USUAL_DIGEST
from monitor.intake import Terms
from monitor.model import Feed, Watchlist, When
from monitor.schedule import Pace
from monitor.tasks import Watches


@dataclass(frozen=True, slots=True)
class Rules:
    """`feeds` by their keys; `watch_policies` by (watchlist, watch); `targets` are a channel's recipients, ("",) where
    it has just one."""

    feeds: Mapping[str, Feed]
    watches: Watches
    watch_policies: Mapping[tuple[str, str], WatchPolicy]
    alerts: AlertsPolicy
    channels: tuple[ChannelPolicy, ...]
    targets: Mapping[str, tuple[str, ...]]
    intake: Terms
    pace: Pace
    amending: frozenset[str] = frozenset()  # channels whose messages can be edited in place
    health: tuple[str, ...] = ()  # channels told how the program itself fares
    health_summary: When | None = None
    callbacks: str | None = None  # where the addresses that WebSub hubs call begin; None: nobody pushes

    def feed(self, key: str) -> Feed:
        """The feed as configured; one that has left the configuration while its articles were read has no settings."""
        return self.feeds.get(key) or Feed(key)

    def name(self, key: str, title: str) -> str:
        """What people call the feed: the user's name for it, its own title, or its address."""
        from monitor.urls import display

        return self.feed(key).name or title or display(key)


def policies(lists: Iterable[Watchlist]) -> dict[tuple[str, str], WatchPolicy]:
    """Who is told of what each watch finds, and when, as its file says."""
    return {(one.name, watch.name): watch_policy(watch, one) for one in lists for watch in one.watches}


def hold_back(rules: Rules, floods: Collection[tuple[str, str]], lists: Iterable[Watchlist]) -> Rules:
    """Watches that would flood go into a digest, but for those whose owner says that they may; what floods no longer
    goes as its file says."""
    lists = tuple(lists)
    may = {(one.name, watch.name) for one in lists for watch in one.watches if watch.may_flood}
    given = policies(lists)
    held = {
        key: replace(policy, when=USUAL_DIGEST)
        for key, policy in given.items()
        if key in floods and key not in may and (policy.when is None or policy.when.kind == "now")
    }
    return replace(rules, watch_policies=given | held)
