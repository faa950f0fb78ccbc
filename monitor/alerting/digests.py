"""When digests are due and quiet hours end, in the user's zone, once per local day over daylight saving.

It must not read a clock: the time is an argument.
"""

from __future__ import annotations

from datetime import datetime

from monitor.alerting.policy import Quiet
from monitor.model import When


def next_digest(when: When, zone: str, after: datetime) -> datetime:
    """The first time after `after` (aware) at which a digest of `when` is due, in UTC; for `now`: `after` itself."""
    raise NotImplementedError


def quiet_until(quiet: Quiet | None, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours that hold at `now` end, in UTC; None outside of them."""
    raise NotImplementedError
