"""Which watches a channel hears, and what readers silenced.

It must not know when anything is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from monitor.alerting.policy import AlertsPolicy, ChannelPolicy, Sighting, Silence, WatchPolicy


def heard_by(watches: Iterable[WatchPolicy], channel: ChannelPolicy, alerts: AlertsPolicy) -> tuple[WatchPolicy, ...]:
    """The watches routed to a channel: `to` of the watch (or its watchlist) replaces that of `alerts`; an `only:
    urgent` channel hears urgent watches only.
    """
    return tuple(
        watch
        for watch in watches
        if _is_routed(watch, channel, alerts) and (watch.ref.priority == "urgent" or not channel.only_urgent)
    )


def _is_routed(watch: WatchPolicy, channel: ChannelPolicy, alerts: AlertsPolicy) -> bool:
    to = watch.to if watch.to is not None else alerts.to
    return to is None or channel.name in to


def silence_of(sighting: Sighting, silences: Iterable[Silence], now: datetime) -> Silence | None:
    """The longest silence in force of the sighting's story, feed or of everything."""
    names = {
        "story": {sighting.story_id},
        "feed": {sighting.feed_name, sighting.feed_url},
        "everything": {"", "everything"},
        "watch": set[str](),
    }
    return _longest(silence for silence in silences if silence.until > now and silence.name in names[silence.kind])


def loud(watches: Sequence[WatchPolicy], silences: Iterable[Silence], now: datetime) -> tuple[WatchPolicy, ...]:
    """The watches that nobody silenced."""
    silent = {silence.name for silence in silences if silence.kind == "watch" and silence.until > now}
    return tuple(watch for watch in watches if watch.key not in silent and watch.ref.name not in silent)


def silence_of_watches(watches: Sequence[WatchPolicy], silences: Iterable[Silence], now: datetime) -> Silence | None:
    """The longest silence in force of one of these watches."""
    names = {watch.key for watch in watches} | {watch.ref.name for watch in watches}
    return _longest(
        silence for silence in silences if silence.kind == "watch" and silence.until > now and silence.name in names
    )


def _longest(silences: Iterable[Silence]) -> Silence | None:
    return max(silences, key=lambda silence: silence.until, default=None)
