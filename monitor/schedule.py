"""When to poll a feed next, and why in words: posting pattern, limits, the server's advice, back-off, jitter.

Pure arithmetic on frozen values; it must never read a clock or roll a die: `now` and `chance` are arguments.

The rule is that of Sia, Cho and Cho (Efficient Monitoring Algorithm for Fast News Alerts, IEEE TKDE 2007),
solved forward: items are expected at a rate that changes with hour and weekday; waiting costs the delay
that they pile up; a feed is polled when that reaches the price of a request. At a constant rate r this
gives the interval sqrt(2 * price / r), so requests go to feeds by the square root of their rate, and one
price is one global budget.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.model import ServerHints
from monitor.rhythm import DAY, History, burst, hour_of_week, hourly_rates, observe, rate

__all__ = [
    "THROTTLED",
    "Due",
    "History",
    "Pace",
    "back_off",
    "budget",
    "fair_price",
    "next_poll",
    "observe",
    "phased",
    "price",
    "rate",
    "rhythm",
    "spread",
    "words",
]

HOUR = timedelta(hours=1)
#: Advice (max-age, Expires, ttl, sy:, skipHours) is followed up to here, Retry-After up to a day
#: (CVE-2025-68148).
MOST_ADVICE = HOUR
MOST_ORDER = DAY
#: What a 429 or 503 without Retry-After is taken to ask for.
THROTTLED = HOUR
#: An explicit `every:` is followed down to here; a server without validators is asked no oftener than the
#: second.
LEAST_EVERY = timedelta(minutes=1)
LEAST_UNCONDITIONAL = timedelta(minutes=15)
DORMANT_AFTER = 14 * DAY
MOST_DORMANT = timedelta(hours=6)
#: Between two overdue feeds, and for all of them: no more than three times the usual load (1,000 feeds an hour).
APART = timedelta(seconds=1.2)
MOST_SPREAD = timedelta(minutes=20)
MOST_PER_HOUR = 7200.0
_FIRST_RETRY = timedelta(minutes=5)
_STEP_S = 60.0
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Pace:
    """What bounds a feed's polling: the user's settings and what the last polls showed."""

    every: timedelta | None = None  # Feed.every or polling.every; None: auto
    fastest: timedelta = timedelta(minutes=2)
    slowest: timedelta = HOUR
    price: float = 120.0  # item-seconds of delay that a request may cost; see price()
    conditional: bool = True  # False: the server gives no validators
    overlaps: bool = False  # every poll so far overlapped the one before, with room
    gap: bool = False  # the last poll may have missed items
    pushed: bool = False  # a live WebSub subscription
    window: int = 0  # entries that the feed shows at once; 0: unknown


_USUAL = Pace()


@dataclass(frozen=True, slots=True)
class Due:
    """When to poll next and why, in words for `monitor feeds`."""

    at: datetime
    reason: str


def next_poll(history: History, hints: ServerHints, now: datetime, chance: float, pace: Pace = _USUAL) -> Due:
    """When to poll after a successful poll at `now`; `chance` in [0, 1) spreads feeds. Never before an order
    (Retry-After), never outside the user's limits but for the server's advice and the dormant."""
    if pace.every is not None:
        wait, reason = max(pace.every, LEAST_EVERY), f"every {words(pace.every)}, as configured"
    else:
        wait, reason = _automatic(history, hints, now, pace)
    wait *= 1 + 0.1 * chance  # only ever later: an interval asked for is never undercut
    if hints.retry_after is not None and min(hints.retry_after, MOST_ORDER) > wait:
        wait = min(hints.retry_after, MOST_ORDER)
        reason = f"the server ordered a pause of {words(wait)} (Retry-After)"
    return Due(now + wait, reason)


def back_off(
    failures: int,
    now: datetime,
    chance: float,
    pace: Pace = _USUAL,
    wait: timedelta | None = None,
    *,
    is_refusal: bool = False,
) -> Due:
    """When to try after `failures` (>= 1) failed polls in a row: 5 minutes doubled each time, up to a day,
    for ever; an explicit `every:` is not undercut. `wait` is a Retry-After, followed up to a day; pass
    THROTTLED for a 429 or 503 that has none. A refusal (404, 403: the same question gets the same answer) is put
    again after 5 minutes once, as it may be an accident, and then no oftener than every hour."""
    doubled = min(_FIRST_RETRY * 2 ** min(max(failures, 1) - 1, 20), DAY)
    least = HOUR if is_refusal and failures > 1 else timedelta(0)
    pause = max(doubled, least, min(pace.every or LEAST_EVERY, DAY))
    ordered = min(wait, MOST_ORDER) if wait is not None else timedelta(0)
    if ordered >= pause:
        return Due(now + ordered * (1 + 0.02 * chance), f"held by the server for {words(ordered)} (Retry-After)")
    times = "once" if failures <= 1 else f"{failures} times in a row"
    return Due(now + pause * (1 + 0.1 * chance), f"failed {times}; next try after {words(pause)}")


def spread(urls: Iterable[str], now: datetime, apart: timedelta = APART) -> dict[str, datetime]:
    """When each of many overdue feeds is polled: evenly, `apart` from each other, all within 20 minutes.

    A return after downtime is no burst, at the sources or here; the order is by hash of the URL, so that feeds of one
    host do not stand together.
    """
    ordered = sorted(set(urls), key=_phase)
    step = min(apart, MOST_SPREAD / max(len(ordered), 1))
    return {url: now + place * step for place, url in enumerate(ordered)}


def phased(url: str, begin: datetime, span: timedelta) -> datetime:
    """A moment within `span` after `begin`, by hash of the URL."""
    return begin + span * (_phase(url) / 2**64)


def rhythm(history: History, now: datetime) -> str:
    """How often the feed posts, over the whole week, in words; without an item nothing is known of that."""
    if not any(history.counts):
        return "no item lately" if history.since else ""
    return f"about {_amount(rate(history, now))}"


def _phase(url: str) -> int:
    return int.from_bytes(hashlib.blake2b(url.encode("utf-8", "replace"), digest_size=8).digest())


def budget(feeds: int, pace: Pace = _USUAL) -> float:
    """Requests an hour that this many feeds may make together.

    Four times what polling each as seldom as `slowest` allows would make (built in: once in a quarter of an hour each,
    as a fixed interval would), so that what quiet feeds leave goes to lively ones; at most two requests a second in
    all, which one process does without hurry, but never less than `slowest` itself demands.
    """
    least = feeds * (HOUR / pace.slowest)
    return max(min(4 * least, MOST_PER_HOUR), least)


def fair_price(rates: Sequence[float], pace: Pace = _USUAL) -> float:
    """The price of a request for feeds of these rates at their budget. Never below the built-in one: few feeds are
    not polled oftener because there are few."""
    return max(_USUAL.price, price(rates, budget(len(rates), pace), pace)) if rates else _USUAL.price


def price(rates: Iterable[float], per_hour: float, pace: Pace = _USUAL) -> float:
    """The price of a request at which feeds of these posting rates (items per hour) make `per_hour`
    requests together, as far as fastest and slowest allow. In item-seconds."""
    known = [max(rate, 1e-6) / 3600 for rate in rates]
    low, high = 1e-3, 1e9
    for _ in range(60):
        middle = math.sqrt(low * high)
        if _requests_per_hour(known, middle, pace) > per_hour:
            low = middle
        else:
            high = middle
    return high


def words(span: timedelta) -> str:
    """A duration as people say it: 45 s, 12 min, 1 h 30 min, 2 d."""
    seconds = round(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{round(seconds / 60)} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours >= 48:
        return f"{round(hours / 24)} d"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def _automatic(history: History, hints: ServerHints, now: datetime, pace: Pace) -> tuple[timedelta, str]:
    wait, reason = _learnt(history, now, pace)
    if pace.gap:
        wait, reason = max(wait / 2, pace.fastest), f"{reason}; doubled, as items may have been missed"
    if pace.pushed and wait < pace.slowest:
        wait, reason = pace.slowest, "the hub pushes; this poll only makes sure"
    if not pace.conditional and wait < LEAST_UNCONDITIONAL:
        wait, reason = (
            LEAST_UNCONDITIONAL,
            "the server gives no validators, so every poll costs it the whole feed",
        )
    return _advised(wait, reason, hints, now)


def _advised(wait: timedelta, reason: str, hints: ServerHints, now: datetime) -> tuple[timedelta, str]:
    for asked, name in ((hints.max_age, "Cache-Control or Expires"), (hints.ttl, "the feed's ttl")):
        if asked is not None and min(asked, MOST_ADVICE) > wait:
            wait, reason = min(asked, MOST_ADVICE), f"the server asks for {words(asked)} ({name})"
            if asked > MOST_ADVICE:
                reason += f", followed up to {words(MOST_ADVICE)}"
    if _is_skipped(now + wait, hints) and wait < MOST_ADVICE:
        wait, reason = MOST_ADVICE, "the feed asks not to be polled at this time (skipHours, skipDays)"
    return wait, reason


def _is_skipped(at: datetime, hints: ServerHints) -> bool:
    moment = at.astimezone(UTC)
    return moment.hour in hints.skip_hours or moment.weekday() in hints.skip_days


def _learnt(history: History, now: datetime, pace: Pace) -> tuple[timedelta, str]:
    quiet = now - history.last_items[-1] if history.last_items else None
    if pace.overlaps and quiet is not None and quiet > DORMANT_AFTER:
        wait = min(MOST_DORMANT, pace.slowest * (quiet / DORMANT_AFTER))
        return max(wait, pace.slowest), f"no item for {words(quiet)}"
    rates, livelier = hourly_rates(history, now), burst(history, now)
    seconds = _seconds_until_worth([each * livelier / 3600 for each in rates], now, pace)
    expected = rates[hour_of_week(now)]
    wait = min(max(timedelta(seconds=seconds), pace.fastest), max(pace.slowest, pace.fastest))
    if history.since is None:
        return wait, "nothing known of its rhythm yet"
    return wait, f"about {_amount(expected)} at this hour of a {_DAY_NAMES[now.astimezone(UTC).weekday()]}"


def _amount(per_hour: float) -> str:
    if per_hour >= 0.95:
        return f"{per_hour:.0f} item{'s' * (round(per_hour) != 1)} an hour"
    per_day = per_hour * 24
    return f"{per_day:.0f} item{'s' * (round(per_day) != 1)} a day" if per_day >= 0.95 else "less than an item a day"


def _seconds_until_worth(rates: Sequence[float], now: datetime, pace: Pace) -> float:
    """When the delay that expected items have piled up reaches the price, or half the feed's window may be
    filled. `rates` are items a second for each hour of the week."""
    items = delay = passed = 0.0
    most = pace.slowest.total_seconds()
    hour, since_hour = hour_of_week(now), now.timestamp() % 3600
    while passed < most:
        step = min(_STEP_S, most - passed)
        per_second = rates[(hour + int((since_hour + passed) // 3600)) % len(rates)]
        delay += (items + per_second * step / 2) * step
        items += per_second * step
        passed += step
        if delay >= pace.price or (pace.window and items >= pace.window / 2):
            break
    return passed


def _requests_per_hour(rates_s: Sequence[float], cost: float, pace: Pace) -> float:
    fastest, slowest = pace.fastest.total_seconds(), pace.slowest.total_seconds()
    return sum(3600 / min(max(math.sqrt(2 * cost / each), fastest), slowest) for each in rates_s)
