"""What becomes of a delivery after an attempt: sent, tried again later, or given up; and of its channel.

Pure: it must not send, store, read a clock or roll a die.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

#: Waits between attempts, 75 h in all: the schedule of Standard Webhooks 1.0.0
#: (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
WEBHOOK_WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
#: Mail: at least 30 minutes apart, for four to five days (RFC 5321 section 4.5.4.1).
MAIL_WAITS = tuple(timedelta(minutes=minutes) for minutes in (30, 30, 60, 120, *[240] * 26))

#: Pauses of a channel that fails by itself, by failures in a row: it is probed, not hammered.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 300, 900, 1800))
LONGEST_ORDER = timedelta(hours=24)  # of a receiver's Retry-After


#: So many different messages that fail in a row (500, 501, …) are the channel's failure, not theirs.
STUMBLES = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended: accepted, refused for good, failed by itself, or the channel failed.

    `in_doubt`: it may have arrived all the same. `is_answered` is False where this program itself failed at it.
    """

    outcome: Literal["accepted", "refused", "failed", "channel down", "channel gone"]
    wait: timedelta | None = None  # the receiver's order
    in_doubt: bool = False
    is_answered: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to record. `at` is the next attempt; `pause` holds the whole channel until then."""

    state: Literal["sent", "pending", "given up"]
    at: datetime | None = None
    pause: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of the delivery and its channel before this attempt is counted."""

    kind: str  # of the channel
    attempts: int  # made before this one that failed by the message itself
    trying_since: datetime
    channel_failures: int = 0  # of the channel, in a row
    stumbled: int = 0  # other messages that the channel failed at since it last accepted one


def after(attempt: Attempt, record: Record, now: datetime, chance: float) -> Verdict:
    """The delivery's fate at `now`; `chance` in [0, 1) spreads retries by up to a tenth."""
    if attempt.outcome == "accepted":
        return Verdict("sent")
    if attempt.outcome == "refused":
        return Verdict("given up")
    if attempt.outcome == "failed" and not _is_of_channel(attempt, record):
        return _try_again(attempt.wait, record, now, chance)
    pause = now + _pause(attempt, record) * (1 + chance / 10)
    if now - record.trying_since >= patience(record.kind):
        return Verdict("given up", pause=pause)
    return Verdict("pending", at=pause, pause=pause)


def patience(kind: str) -> timedelta:
    """How long a message waits for a channel that is down before it is given up (and kept)."""
    return sum(_waits(kind), timedelta())


def _is_of_channel(attempt: Attempt, record: Record) -> bool:
    """Mail servers put off one recipient or mail at a time (RFC 5321 section 4.2.1), so that they are not counted."""
    return attempt.is_answered and record.kind != "email" and record.stumbled + 1 >= STUMBLES


def _waits(kind: str) -> tuple[timedelta, ...]:
    return MAIL_WAITS if kind == "email" else WEBHOOK_WAITS


def _try_again(order: timedelta | None, record: Record, now: datetime, chance: float) -> Verdict:
    """The schedule goes on, but never sooner than the receiver ordered."""
    waits = _waits(record.kind)
    if record.attempts >= len(waits):
        return Verdict("given up")
    wait = max(waits[record.attempts], min(order or timedelta(), LONGEST_ORDER))
    return Verdict("pending", at=now + wait * (1 + chance / 10))


def _pause(attempt: Attempt, record: Record) -> timedelta:
    if attempt.wait is not None:
        return min(attempt.wait, LONGEST_ORDER)
    if attempt.outcome == "channel gone":  # only a person can mend it: asking twice an hour notices when one has
        return PAUSES[-1]
    return PAUSES[min(record.channel_failures, len(PAUSES) - 1)]
