"""How much a channel takes: its limit, the share that the noisiest watch may use of it, the order of what is folded.

It must not know what an alert says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from monitor.alerting.policy import AlertsPolicy, ChannelPolicy, ChannelState

Item = TypeVar("Item")


def held_over_limit(
    channel: ChannelPolicy, alerts: AlertsPolicy, state: ChannelState, watches: Iterable[str], now: datetime
) -> datetime | None:
    """When the summary is due into which an alert of these watches is folded; None if it may go by itself."""
    raise NotImplementedError


def summary_order(items: Sequence[Item], watches_of: Callable[[Item], Sequence[str]]) -> list[Item]:
    """Items of a summary so that every watch is heard: one of each watch in turn, the noisiest watch first."""
    raise NotImplementedError
