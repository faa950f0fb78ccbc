"""What `monitor explain` is made of: single things that happened, or did not, each with its reason.

It holds values only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, or did not. `what` is one of polled, seen, read, edited, found, marked, grouped,
    decided, told, alert (not told yet), tried, due, kept; for what was never seen: site, feed, polls, obstacle.
    `order` is where it belongs where no time of its own is known."""

    what: str
    said: str
    at: datetime | None = None
    is_bad: bool = False
    order: datetime | None = None
