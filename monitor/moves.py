"""Where a feed is asked, and whether it still is: moves, ends, and servers that say 304 for ever.

Pure: what the row holds and what the server answered go in, what the row is to hold comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Validators

#: Good polls in a row that a permanent redirect has to lead to the same place (RFC 9110 section 15.4.2 only says
#: that future references ought to use it; a login page or a mistake is undone within a day or two).
MOVED_AFTER = 3
#: Failures in a row after which a feed is asked at its configured address again.
BACK_AFTER = 3
#: 410 counts once it is answered again this much later (RFC 9110 section 15.5.11).
GONE_AFTER = timedelta(hours=24)
#: A feed that is nothing but 304 for this long is asked once without validators.
PROBE_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Place:
    """`address` is where the feed is asked, None as configured; `to` where permanent redirects led `times` times."""

    address: str | None = None
    to: str | None = None
    times: int = 0


AS_CONFIGURED = Place()


def after_answer(place: Place, permanent_url: str | None, *, may_move: bool) -> Place:
    """The place after a good poll whose redirects, if any, were all permanent and led to `permanent_url`.

    `may_move` is False for feeds with credentials: they were given for the configured address.
    """
    if permanent_url is None or not may_move:
        return Place(place.address)
    times = place.times + 1 if permanent_url == place.to else 1
    if times >= MOVED_AFTER:
        return Place(permanent_url)
    return Place(place.address, permanent_url, times)


def after_failure(place: Place, failures: int, status: int | None) -> Place:
    """The place after `failures` failed polls in a row: back to the configured one where the new one does not hold."""
    if place.address is not None and (failures >= BACK_AFTER or status in (404, 410)):
        return AS_CONFIGURED
    return Place(place.address)


def is_over(gone_since: datetime | None, now: datetime) -> bool:
    """Whether a 410 answered now ends the polling: only where it was answered a day ago already."""
    return gone_since is not None and now - gone_since >= GONE_AFTER


def wants_pardon(last_new_at: datetime | None, now: datetime) -> bool:
    """Whether a server that said 304 of a feed that had changed is tried again: with the week's first new item."""
    return last_new_at is None or last_new_at.isocalendar()[:2] != now.isocalendar()[:2]


def wants_probe(body_at: datetime | None, validators: Validators, now: datetime) -> bool:
    """Whether to ask without validators, at most once a week: some servers answer 304 although the feed changed."""
    is_conditional = bool(validators.etag or validators.last_modified)
    return is_conditional and body_at is not None and now - body_at >= PROBE_AFTER
