"""What the headers of an answer mean: validators, how long to wait, WebSub links; and which may be sent.

Pure; it takes names in lower case (httpx's Headers), tolerates junk and never raises on what a server sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.model import ServerHints

FEED_ACCEPT = (
    "application/atom+xml,application/rss+xml,application/rdf+xml,application/feed+json,"
    "application/xml;q=0.9,text/xml;q=0.9,application/json;q=0.8,*/*;q=0.1"
)
PAGE_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.1"

#: Headers that a feed's configuration may not set: framing, our own validators, and identities that a reverse
#: proxy vouches for (CVE-2025-46341).
_FRAMING = {
    *("host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive"),
    *("expect", "proxy-authorization", "proxy-connection", "accept-encoding", "content-encoding"),
}
_OURS = {"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range", "a-im"}
_IDENTITIES = {
    *(
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-user",
        "x-real-ip",
    ),
    *("remote-user", "x-remote-user", "x-webauth-user", "x-auth-request-user", "x-authenticated-user"),
}
FORBIDDEN = frozenset(_FRAMING | _OURS | _IDENTITIES)

#: One hostile answer must not silence a feed for longer (CVE-2025-68148).
LONGEST = timedelta(hours=24)
_TOO_MANY = 2**31  # RFC 9111 section 1.2.2
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(-?\d+)", re.IGNORECASE)
_NO_CACHE = re.compile(r"(?:^|[,\s])no-(?:cache|store)(?:$|[,\s=])", re.IGNORECASE)
_SECONDS = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?\Z")
_LINK = re.compile(r"<([^<>]{1,2000})>((?:\s*;\s*[^\s=;,<>]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s\";,]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\";,]+))", re.IGNORECASE)


def hints(headers: Mapping[str, str], now: datetime) -> ServerHints:
    """When to come again, as far as the HTTP headers say (RFC 9111 sections 4.2 and 5, RFC 9110 section
    10.2.3)."""
    return ServerHints(max_age=_fresh_for(headers, now), retry_after=retry_after(headers, now))


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Seconds, or a date against the server's own clock; at most a day, not below zero."""
    text = headers.get("retry-after", "").strip()
    if _SECONDS.match(text):
        return _span(float(text))
    if (until := date(text)) is not None:
        return _span((until - (date(headers.get("date", "")) or now)).total_seconds())
    return None


def _fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    control = headers.get("cache-control", "")
    if _NO_CACHE.search(control):
        return None
    if found := _MAX_AGE.search(control):
        age = headers.get("age", "").strip()
        aged = min(int(age), _TOO_MANY) if age.isascii() and age.isdigit() and len(age) < 40 else 0
        return _span(min(int(found[1][:40]), _TOO_MANY) - aged) or None
    if (until := date(headers.get("expires", ""))) is not None:
        return _span((until - (date(headers.get("date", "")) or now)).total_seconds()) or None
    return None


def _span(seconds: float) -> timedelta:
    return timedelta(seconds=max(0.0, min(seconds, LONGEST.total_seconds())))


def date(text: str) -> datetime | None:
    """An HTTP-date (RFC 9110 section 5.6.7) or anything like it, as aware UTC."""
    if not text or len(text) > 100:
        return None
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def exact(raw: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """The last value of a header byte for byte, as the text that is sent back as the same bytes; None if
    absent or if it cannot be sent back exactly (not UTF-8): a validator is never invented."""
    found = [value for key, value in raw if key.lower() == name]
    if not found:
        return None
    try:
        text = found[-1].decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text and text.isprintable() and len(text) <= 8192 else None


def links(headers: Mapping[str, str]) -> dict[str, str]:
    """rel -> target of the Link headers (RFC 8288), the first of each rel; not yet made absolute."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(headers.get("link", "")[:16384]):
        if rel := _REL.search(parameters):
            for name in (rel[1] or rel[2] or "").lower().split():
                found.setdefault(name, target.strip())
    return found


#: Headers that belong to one session, or may hold what opens it: never kept.
_SESSION = re.compile(r"cookie|auth|token|session|secret|[cx]srf|api-?key|password|signature|credential", re.IGNORECASE)
_MOST_KEPT, _LONGEST_KEPT = 60, 1000


def kept(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The headers of an answer as they may be kept with it, bounded in number and length."""
    found = [(name.lower(), value) for name, value in headers.items() if not _SESSION.search(name)]
    return tuple((name[:100], value[:_LONGEST_KEPT]) for name, value in found[:_MOST_KEPT])
