"""The one decision about an article: for each channel tell, bundle, join or archive, with the reason in words.

It must not know a store, a channel's type or the time other than as arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.alerting.policy import AlertsPolicy, ChannelPolicy, ChannelState, Decision, Sighting, Silence


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
    raise NotImplementedError
