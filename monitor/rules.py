"""The configuration in force as the pipeline needs it: who is told what, from which feeds, by which watchlists.

A value, replaced as a whole on reload, so that one article is never judged by half of an edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.alerting import AlertsPolicy, ChannelPolicy, WatchPolicy
from monitor.intake import Terms
from monitor.model import Feed, When
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
