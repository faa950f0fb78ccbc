"""Dates of feeds as aware UTC times, or None for what is no date.

It must not know the present: whether a date can be true is for the caller, who has a clock.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta
from time import struct_time

_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_ENGLISH = {name: number for number, name in enumerate(_NAMES.split(), 1)}
_RFC822 = re.compile(
    rf"\s*(?:[A-Z][a-z]{{2}}, )?(\d{{1,2}}) ({'|'.join(_ENGLISH)}) (\d{{4}}) (\d\d):(\d\d)(?::(\d\d))?"
    r" (?:GMT|UTC|UT|Z|([+-])(\d\d):?(\d\d))\s*\Z",
    re.ASCII,
)
_WORDED = re.compile(
    r"(\d{1,2})\.?[\s-]+(?:de\s+)?([^\W\d_]{3,12})\.?[\s-]+(?:de\s+)?(\d{4})(?:,?\s+(\d{1,2}:\d{2}.*))?\Z"
)
#: How the months begin in English, French, German, Italian, Spanish, Portuguese, Dutch, Polish, Russian,
#: Ukrainian, Swedish, Turkish; longer beginnings first where a shorter one means another month.
_MONTH_STARTS = """
Jul juil jul lug lip июл лип tem
Jun juin jun giu cze июн чер haz
Jan jan gen ene sty янв січ oca
Feb feb fév fev lut фев лют şub
Mar mar mär maa mrt мар бер
Apr apr avr abr kwi апр кві nis
May may mai mag mei maj май мая тра
Aug aug aoû aou ago sie авг сер ağu
Sep sep set wrz сен вер eyl
Oct oct okt ott out paź окт жов eki
Nov nov lis ноя лис kas
Dec dec déc dez dic gru дек гру ara
"""
_MONTHS = tuple(
    (start, english) for english, *starts in map(str.split, _MONTH_STARTS.strip().splitlines()) for start in starts
)


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
    """A date in any format that feedparser reads (RFC 822, ISO 8601, asctime, Korean, Greek, Hungarian …),
    or as RFC 822 has it with the month's name in another language of Europe."""
    if not text:
        return None
    return (
        _from_rfc822(text)
        or from_iso(text)
        or _from_feedparser(text[:200])
        or _from_feedparser(_in_english(text[:200]))
    )


def _from_rfc822(text: str) -> datetime | None:
    """The usual form of RSS, read here because feedparser tries a dozen others first."""
    found = _RFC822.match(text)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    try:
        moment = datetime(int(year), _ENGLISH[month], int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC)
        return moment - timedelta(hours=int(hours), minutes=int(minutes)) * int(f"{sign}1") if sign else moment
    except (ValueError, OverflowError):
        return None


def _from_feedparser(text: str) -> datetime | None:
    from feedparser.datetimes import _parse_date

    try:
        return from_struct(_parse_date(text))
    except (ValueError, OverflowError, AttributeError, TypeError):
        return None


def _in_english(text: str) -> str:
    """ "mer, 16 nov 2022 00:38:15 +0100" without its weekday and with an English month; "" if it is not like
    that."""
    found = _WORDED.search(text)
    if found is None:
        return ""
    day, word, year, rest = found.groups()
    month = next((english for start, english in _MONTHS if word.lower().startswith(start)), None)
    return f"{day} {month} {year} {rest or '00:00:00 GMT'}" if month else ""


def as_utc(moment: datetime) -> datetime | None:
    """The same second in UTC; None where the zone would leave the calendar."""
    try:
        whole = moment.replace(microsecond=0)
        return whole.replace(tzinfo=UTC) if whole.tzinfo is None else whole.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
