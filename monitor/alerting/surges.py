"""A watch against its own history: many more stories than usual, or none where there used to be some.

It must not compare one watch with another.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import mean, pvariance

#: Days of history without which nothing is said.
LEAST_DAYS = 7
#: Stories a day under which nothing is a surge.
LEAST_STORIES = 5
DEVIATIONS = 4.0
#: A watch has fallen silent when so many of its usual stories are missing.
MISSED_STORIES = 10.0


def surge(name: str, history: Sequence[int], today: int) -> str | None:
    """A line for the next message if `today`'s stories are many more than usual, else None.

    `history` is stories a day, oldest first, without today. Many more: at least 5, more than twice the busiest of
    half its days, and 4 deviations over the mean, where the deviation is at least that of chance (Poisson).
    """
    if len(history) < LEAST_DAYS or today < LEAST_STORIES:
        return None
    usual = mean(history)
    deviation = sqrt(max(pvariance(history), usual, 1.0))
    if today <= usual + DEVIATIONS * deviation or today < 2 * usual:
        return None
    return f"{name}: {today} stories today, usually {_a_day(usual)}"


def fell_silent(name: str, history: Sequence[int]) -> str | None:
    """A line for `health.to` if a watch that used to hit has stopped; `history` is stories a day, oldest first.

    Stopped: the days without a story at the end would have brought 10 at its usual rate, and are three times as
    many as its longest pause before.
    """
    quiet = _trailing_zeros(history)
    before = history[: len(history) - quiet]
    if len(before) < LEAST_DAYS or not quiet:
        return None
    usual = mean(before)
    if usual * quiet < MISSED_STORIES or quiet < 3 * _longest_pause(before):
        return None
    rate = _a_day(usual)
    return f"{name}: no story in {quiet} days, usually {rate}; see 'monitor status' and its terms"


def _trailing_zeros(history: Sequence[int]) -> int:
    count = 0
    for stories in reversed(history):
        if stories:
            break
        count += 1
    return count


def _longest_pause(history: Sequence[int]) -> int:
    longest = pause = 0
    for stories in history:
        pause = 0 if stories else pause + 1
        longest = max(longest, pause)
    return longest


def _a_day(usual: float) -> str:
    return f"{usual:.0f} a day" if usual >= 1.5 else f"{usual * 7:.0f} a week"
