"""Who is told what, and when: pure decisions from what we knew, what we saw and now, each with its reason in words.

It holds no channel, store or clock; the pipeline carries decisions out and the store applies them in one
transaction.
"""

from __future__ import annotations

from monitor.alerting.decide import decide, takes_in
from monitor.alerting.digests import next_digest, quiet_until
from monitor.alerting.limits import summary_order
from monitor.alerting.outages import Held, catch_up
from monitor.alerting.policy import (
    AlertsPolicy,
    Bundle,
    ChannelPolicy,
    ChannelState,
    Decision,
    Limit,
    Quiet,
    Report,
    Sent,
    Sighting,
    Silence,
    Told,
    WatchPolicy,
    watch_policy,
)
from monitor.alerting.routes import heard_by
from monitor.alerting.surges import fell_silent, surge

__all__ = [
    "AlertsPolicy",
    "Bundle",
    "ChannelPolicy",
    "ChannelState",
    "Decision",
    "Held",
    "Limit",
    "Quiet",
    "Report",
    "Sent",
    "Sighting",
    "Silence",
    "Told",
    "WatchPolicy",
    "catch_up",
    "decide",
    "fell_silent",
    "heard_by",
    "next_digest",
    "quiet_until",
    "summary_order",
    "surge",
    "takes_in",
    "watch_policy",
]
