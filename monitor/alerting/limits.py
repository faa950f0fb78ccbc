"""How much a channel takes: its limit, the share that the noisiest watch may use of it, the order of what is
folded.

It must not know what an alert says.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.alerting.policy import ChannelPolicy, ChannelState, Limit, Sent

Item = TypeVar("Item")

#: One watch of several may use this share of a limit; the rest is kept for the others.
SHARE = 0.75


def held_over_limit(
    channel: ChannelPolicy, state: ChannelState, watches: Iterable[str], now: datetime
) -> datetime | None:
    """When the summary is due into which an alert of these watches is folded; None if it may go by itself.

    A window opens with the first alert that counts and ends with the summary, if one became necessary. What the
    noisiest watch may not use is open to the others, so that one bad term never hides another; only when the whole
    limit is used does everything wait.
    """
    limit = channel.at_most
    if limit is None:
        return None
    sent = _counted(limit, state, now)
    if len(sent) < limit.count and not _is_over_share(limit, channel, sent, set(watches)):
        return None
    if state.over_limit_due is not None and state.over_limit_due > now:
        return state.over_limit_due
    opened = sent[0].at if sent else now
    return opened + limit.window


def _counted(limit: Limit, state: ChannelState, now: datetime) -> list[Sent]:
    """What counts now: a pending summary keeps its window open, a past one closed the window before it."""
    since = now - limit.window + timedelta.resolution
    if state.over_limit_due is not None:
        is_pending = state.over_limit_due > now
        since = state.over_limit_due - limit.window if is_pending else max(since, state.over_limit_due)
    return sorted((sent for sent in state.sent if sent.at >= since), key=lambda sent: sent.at)


def _is_over_share(limit: Limit, channel: ChannelPolicy, sent: Sequence[Sent], watches: set[str]) -> bool:
    """Whether the alert names only watches that have used up one watch's share of the limit."""
    if channel.watches < 2 or limit.count < 2:
        return False
    uses = Counter(watch for one in sent for watch in one.watches)
    share = max(1, int(limit.count * SHARE))
    return all(uses[watch] >= share for watch in watches)


def summary_order(items: Sequence[Item], watches_of: Callable[[Item], Sequence[str]]) -> list[Item]:
    """Items of a summary so that every watch is heard: one of each in turn, the noisiest watch first.

    An item counts for the first of its watches. Items of one watch keep their order.
    """
    queues: defaultdict[str, deque[Item]] = defaultdict(deque)
    for item in items:
        names = watches_of(item)
        queues[names[0] if names else ""].append(item)
    noisiest = sorted(queues, key=lambda name: (-len(queues[name]), name))
    ordered: list[Item] = []
    while len(ordered) < len(items):
        ordered.extend(queues[name].popleft() for name in noisiest if queues[name])
    return ordered
