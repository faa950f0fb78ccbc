"""What becomes of a delivery after an attempt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.retry import Attempt, Record, after, patience

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def record(**changes: object) -> Record:
    values: dict[str, object] = {"kind": "webhook", "attempts": 0, "trying_since": NOW} | changes
    return Record(**values)  # type: ignore[arg-type]


def test_accepted_is_sent() -> None:
    assert after(Attempt("accepted"), record(), NOW, 0.5).state == "sent"


def test_refused_is_given_up_at_once() -> None:
    assert after(Attempt("refused"), record(), NOW, 0.5).state == "given up"


@pytest.mark.parametrize(
    ("kind", "least"), [("webhook", timedelta(hours=75)), ("slack", timedelta(hours=75)), ("email", timedelta(days=4))]
)
def test_a_message_that_fails_by_itself_is_tried_for_days(kind: str, least: timedelta) -> None:
    now, attempts = NOW, 0
    while (verdict := after(Attempt("failed"), record(kind=kind, attempts=attempts), now, 0.0)).state == "pending":
        assert verdict.at is not None
        assert verdict.at > now
        assert verdict.pause is None, "one message that fails holds up no other"
        now, attempts = verdict.at, attempts + 1
    assert verdict.state == "given up"
    assert now - NOW >= least


def test_mail_is_tried_half_an_hour_apart_at_least() -> None:
    verdict = after(Attempt("failed"), record(kind="email"), NOW, 0.0)
    assert verdict.at is not None
    assert verdict.at - NOW >= timedelta(minutes=30)


def test_a_channel_that_is_down_is_paused_longer_each_time_up_to_half_an_hour() -> None:
    pauses = []
    for failures in range(10):
        verdict = after(Attempt("channel down"), record(channel_failures=failures), NOW, 0.0)
        assert verdict.state == "pending"
        assert verdict.pause is not None
        pauses.append(verdict.pause - NOW)
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=30)


@pytest.mark.parametrize(("asked", "given"), [(30, 30), (1, 1), (10**9, 86400)])
def test_a_receivers_order_is_obeyed_up_to_a_day(asked: int, given: int) -> None:
    verdict = after(Attempt("channel down", timedelta(seconds=asked)), record(), NOW, 0.0)
    assert verdict.pause == NOW + timedelta(seconds=given)


@pytest.mark.parametrize(("asked", "given"), [(1, 5), (3600, 3600), (10**9, 86400)])
def test_an_order_for_one_message_only_ever_puts_its_next_try_off(asked: int, given: int) -> None:
    verdict = after(Attempt("failed", timedelta(seconds=asked)), record(), NOW, 0.0)
    assert (verdict.at, verdict.pause) == (NOW + timedelta(seconds=given), None)


def test_a_message_waits_for_its_channel_for_days_and_is_then_given_up() -> None:
    late = record(trying_since=NOW - patience("webhook"))
    assert after(Attempt("channel down"), record(trying_since=NOW - timedelta(hours=70)), NOW, 0.0).state == "pending"
    assert after(Attempt("channel down"), late, NOW, 0.0).state == "given up"


def test_chance_only_ever_delays() -> None:
    early = after(Attempt("failed"), record(), NOW, 0.0).at
    later = after(Attempt("failed"), record(), NOW, 0.999).at
    assert early is not None
    assert later is not None
    assert early < later < early + timedelta(seconds=1)
