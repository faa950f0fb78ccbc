"""When to poll a feed next, and why in words: posting pattern, limits, the server's advice, back-off, jitter.

Pure arithmetic on frozen values; it must never read a clock or roll a die: `now` and `chance` are arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.model import ServerHints


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a feed's posting. `counts` are decayed items by hour of the week (UTC, 0 = Monday 00:00)."""

    counts: tuple[float, ...] = (0.0,) * 168
    since: datetime | None = None  # first observation
    updated: datetime | None = None  # the moment `counts` are decayed to
    last_items: tuple[datetime, ...] = ()  # newest last, at most 16

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for the feed's row."""
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> History:
        """The inverse of `to_json`; anything unreadable gives an empty history, never an error."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Pace:
    """What bounds a feed's polling: the user's settings and what the last polls showed."""

    every: timedelta | None = None  # Feed.every or polling.every; None: auto
    fastest: timedelta = timedelta(minutes=2)
    slowest: timedelta = timedelta(hours=1)
    price: float = 600.0  # item-seconds of delay that a request may cost; see price()
    conditional: bool = True  # False: the server gives no validators
    overlaps: bool = False  # every poll so far overlapped the one before, with room
    gap: bool = False  # the last poll may have missed items
    pushed: bool = False  # a live WebSub subscription


@dataclass(frozen=True, slots=True)
class Due:
    """When to poll next and why, in words for `monitor feeds`."""

    at: datetime
    reason: str


def observe(history: History, items: Iterable[datetime], now: datetime) -> History:
    """The history after a poll at `now` that showed new items with these times (publication, or `now` if unknown)."""
    raise NotImplementedError


def next_poll(history: History, hints: ServerHints, now: datetime, chance: float, pace: Pace = Pace()) -> Due:
    """When to poll after a successful poll at `now`; `chance` in [0, 1) spreads feeds."""
    raise NotImplementedError


def back_off(
    failures: int, now: datetime, chance: float, pace: Pace = Pace(), wait: timedelta | None = None
) -> Due:
    """When to try after `failures` (>= 1) failed polls in a row; `wait` is a Retry-After."""
    raise NotImplementedError


def first_poll(url: str, now: datetime, span: timedelta) -> Due:
    """A phase within `span` after `now`, by hash of the URL, so that a start or a return is no burst."""
    raise NotImplementedError


def price(rates: Iterable[float], per_hour: float, pace: Pace = Pace()) -> float:
    """The price of a request at which feeds of these posting rates (items per hour) make `per_hour` requests."""
    raise NotImplementedError
