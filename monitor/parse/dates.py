"""Dates of feeds as aware UTC times, or None for what is no date.

It must not know the present: whether a date can be true is for the caller, who has a clock.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from time import struct_time


def from_iso(text: str | None) -> datetime | None:
    """An ISO 8601 time; without a zone it is read as UTC, a date alone as its midnight."""
    try:
        return as_utc(datetime.fromisoformat(text.strip())) if text else None
    except (ValueError, OverflowError):
        return None


def from_struct(parsed: struct_time | None) -> datetime | None:
    """A UTC time tuple as feedparser gives it; one outside the calendar (year 0) is None."""
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def from_any(text: str | None) -> datetime | None:
    """A date in any format that feedparser reads (RFC 822, ISO 8601, asctime, Korean, Greek, Hungarian …)."""
    if not text:
        return None
    found = from_iso(text)
    if found is None:
        from feedparser.datetimes import _parse_date

        try:
            found = from_struct(_parse_date(text[:200]))
        except (ValueError, OverflowError, AttributeError, TypeError):
            return None
    return found


def as_utc(moment: datetime) -> datetime | None:
    """The same moment in UTC; None where the zone would leave the calendar."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
