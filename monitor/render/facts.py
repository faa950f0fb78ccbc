"""What every receiver is told about an alert, in words: outlet, dates, how it was read, why, with which evidence.

It must not know any receiver's mark-up or limits; texts come out cleaned, never escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo


@dataclass(frozen=True, slots=True)
class Style:
    """How the user wants messages written: the time zone of all times, and how many sentences of evidence (0 to 3)."""

    zone: tzinfo = UTC
    sentences: int = 3
