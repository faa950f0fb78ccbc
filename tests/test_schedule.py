"""When a feed is polled next, and why: limits, advice, orders, rhythm, back-off, spread."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import ServerHints
from monitor.schedule import (
    THROTTLED,
    Due,
    History,
    Pace,
    back_off,
    budget,
    fair_price,
    next_poll,
    observe,
    price,
    rate,
    spread,
    words,
)

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)  # a Wednesday
NOTHING = ServerHints()
USUAL = Pace()
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def posting(per_hour: float, days: int = 10, hours: range = range(24)) -> History:
    """A feed observed for `days` up to NOW, with items at an even pace in those hours of the day."""
    history = observe(History(), (), NOW - days * DAY)
    moment, items = NOW - days * DAY, list[datetime]()
    while moment < NOW:
        if moment.hour in hours:
            items.append(moment)
        moment += HOUR / per_hour
    return observe(history, items, NOW)


def wait(history: History, hints: ServerHints = NOTHING, pace: Pace = USUAL, chance: float = 0.0) -> timedelta:
    return next_poll(history, hints, NOW, chance, pace).at - NOW


def test_livelier_feeds_are_polled_oftener_by_the_square_root_of_their_rate() -> None:
    once, four, sixteen = (wait(posting(per_hour)) for per_hour in (1, 4, 16))
    assert once / four == pytest.approx(2, rel=0.25)
    assert four / sixteen == pytest.approx(2, rel=0.25)
    assert 10 * MINUTE < once < 20 * MINUTE


def test_the_hour_of_the_day_is_learnt() -> None:
    by_day = posting(6, hours=range(7, 20))
    at_night = NOW.replace(hour=1) + DAY
    assert next_poll(by_day, NOTHING, at_night, 0).at - at_night > 2 * wait(by_day)


def test_the_weekday_is_learnt() -> None:
    history = observe(History(), (), NOW - 28 * DAY)
    items = [NOW - 28 * DAY + n * HOUR for n in range(28 * 24) if (NOW - 28 * DAY + n * HOUR).weekday() < 5]
    history = observe(history, items, NOW)
    saturday = NOW + 3 * DAY
    assert next_poll(history, NOTHING, saturday, 0).at - saturday > 1.4 * wait(history)


def test_recent_weeks_count_more() -> None:
    old, new = observe(History(), (), NOW - 28 * DAY), observe(History(), (), NOW - 28 * DAY)
    old = observe(old, [NOW - 27 * DAY + n * HOUR for n in range(100)], NOW)
    new = observe(new, [NOW - 5 * DAY + n * HOUR for n in range(100)], NOW)
    assert rate(new, NOW) > 1.5 * rate(old, NOW)


def test_a_burst_is_followed() -> None:
    calm = posting(1)
    busy = observe(calm, [NOW - n * 10 * MINUTE for n in range(12)], NOW)
    assert wait(busy) < 0.8 * wait(calm)


def test_a_first_document_tells_the_rhythm_at_once() -> None:
    first = observe(History(), [NOW - n * 5 * MINUTE for n in range(30)], NOW)
    assert wait(first) < 6 * MINUTE
    assert rate(first, NOW) == pytest.approx(12, rel=0.3)


def test_old_items_in_a_first_document_do_not_hide_the_new_ones() -> None:
    first = observe(History(), [NOW - 2000 * DAY, *(NOW - n * 5 * MINUTE for n in range(30))], NOW)
    assert wait(first) < 6 * MINUTE


@pytest.mark.parametrize("per_hour", [0.001, 0.1, 1, 30, 600])
def test_the_limits_hold(per_hour: float) -> None:
    pace = Pace(fastest=5 * MINUTE, slowest=20 * MINUTE)
    assert 5 * MINUTE <= wait(posting(per_hour), pace=pace) <= 20 * MINUTE
    assert wait(posting(per_hour), pace=pace, chance=0.999) <= 22 * MINUTE


def test_a_small_window_is_polled_before_it_rolls_over() -> None:
    history = posting(60)
    assert wait(history, pace=Pace(price=1e6, window=10, fastest=MINUTE)) <= 6 * MINUTE


def test_a_gap_makes_polling_denser() -> None:
    assert wait(posting(1), pace=Pace(gap=True)) == wait(posting(1)) / 2


def test_explicit_beats_advice_and_rhythm_but_not_an_order() -> None:
    pace = Pace(every=10 * MINUTE)
    hints = ServerHints(max_age=HOUR, ttl=HOUR, skip_hours=frozenset(range(24)))
    assert wait(posting(100), hints, pace) == 10 * MINUTE
    assert wait(posting(100), pace=Pace(every=timedelta(seconds=5))) == MINUTE
    assert wait(posting(100), ServerHints(retry_after=2 * HOUR), pace) == 2 * HOUR
    assert "as configured" in next_poll(History(), hints, NOW, 0, pace).reason


@pytest.mark.parametrize("asked", [timedelta(minutes=30), HOUR, 7 * DAY, 3650 * DAY])
def test_advice_is_followed_up_to_an_hour(asked: timedelta) -> None:
    for hints in (ServerHints(max_age=asked), ServerHints(ttl=asked)):
        assert wait(posting(100), hints) == min(asked, HOUR)


def test_all_hours_skipped_starve_nobody() -> None:
    everything = ServerHints(skip_hours=frozenset(range(24)), skip_days=frozenset(range(7)))
    assert wait(posting(100), everything) == HOUR
    assert wait(posting(100), ServerHints(skip_hours=frozenset({3}))) < 5 * MINUTE


def test_a_hostile_order_silences_for_a_day_at_most() -> None:
    for ordered in (timedelta(seconds=999_999_999), 3 * DAY):
        assert wait(posting(1), ServerHints(retry_after=ordered)) <= DAY
        assert back_off(1, NOW, 0.5, wait=ordered).at - NOW < 25 * HOUR
    assert wait(posting(1), ServerHints(retry_after=-HOUR)) == wait(posting(1))


def test_without_validators_a_quarter_of_an_hour() -> None:
    assert wait(posting(100), pace=Pace(conditional=False)) == 15 * MINUTE
    assert "validators" in next_poll(posting(100), NOTHING, NOW, 0, Pace(conditional=False)).reason


def test_only_the_long_silent_with_proven_overlap_wait_for_hours() -> None:
    silent = observe(observe(History(), [NOW - 60 * DAY], NOW - 60 * DAY), (), NOW)
    assert wait(silent, pace=Pace(overlaps=True)) > 3 * HOUR
    assert wait(silent, pace=Pace(overlaps=True)) <= 6 * HOUR
    assert wait(silent) <= HOUR
    assert wait(posting(1), pace=Pace(overlaps=True)) < HOUR


def test_pushed_feeds_are_still_polled() -> None:
    assert wait(posting(10), pace=Pace(pushed=True)) == HOUR


def test_back_off_doubles_up_to_a_day_and_never_stops() -> None:
    waits = [back_off(failures, NOW, 0).at - NOW for failures in (1, 2, 3, 9, 10, 1000, 10**9)]
    assert waits == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 1280 * MINUTE, DAY, DAY, DAY]
    moment, requests = NOW, 0
    while moment < NOW + 7 * DAY:
        requests += 1
        moment = back_off(requests, moment, 0).at
    assert requests <= 15
    assert back_off(1, NOW, 0, Pace(every=HOUR)).at - NOW == HOUR


def test_a_throttle_without_a_time_is_an_hour() -> None:
    due = back_off(1, NOW, 0, wait=THROTTLED)
    assert due.at - NOW == HOUR
    assert "held by the server" in due.reason


def test_a_thousand_overdue_feeds_are_spread() -> None:
    urls = [f"https://example.org/{n}" for n in range(1000)]
    at = spread(urls, NOW)
    slots = [int((moment - NOW) / MINUTE) for moment in at.values()]
    assert max(slots.count(slot) for slot in range(60)) <= 3 * 1000 / 60
    assert at == spread(reversed(urls), NOW)


def test_a_few_overdue_feeds_come_at_once() -> None:
    assert max(spread([f"https://example.org/{n}" for n in range(12)], NOW).values()) - NOW < timedelta(seconds=15)


def test_feeds_share_a_budget() -> None:
    few = [1.0] * 12
    assert fair_price(few, USUAL) == fair_price([], USUAL) == USUAL.price
    many = [0.1] * 1500 + [5.0] * 1500
    cost = fair_price(many, USUAL)
    assert cost > USUAL.price
    seconds = [min(max((2 * cost / (each / 3600)) ** 0.5, 120), 3600) for each in many]
    assert sum(3600 / each for each in seconds) == pytest.approx(budget(3000, USUAL), rel=0.01)
    assert budget(3000, USUAL) == 7200
    assert budget(100, USUAL) == 400
    assert budget(10_000, USUAL) == 10_000, "every feed is polled as often as `slowest` says"


def test_a_budget_has_a_price() -> None:
    rates = [0.1, 1, 1, 10, 100]
    pace = Pace(fastest=timedelta(seconds=1), slowest=1000 * HOUR)
    for allowed in (1.0, 20.0, 300.0):
        cost = price(rates, allowed, pace)
        made = sum(3600 / (2 * cost / (each / 3600)) ** 0.5 for each in rates)
        assert made == pytest.approx(allowed, rel=0.01)


@given(
    st.lists(st.floats(-40, 2).map(lambda days: NOW + days * DAY), max_size=30),
    st.lists(st.floats(0, 30), max_size=4),
    st.floats(0, 0.999),
    st.sampled_from([Pace(), Pace(conditional=False, gap=True), Pace(overlaps=True, pushed=True, window=3)]),
)
def test_every_history_gives_a_moment_ahead_and_survives_json(
    items: list[datetime], gaps: list[float], chance: float, pace: Pace
) -> None:
    moment, history = NOW, History()
    for gap in [0.0, *gaps]:
        moment += gap * DAY
        history = observe(history, items, moment)
    due = next_poll(history, NOTHING, moment, chance, pace)
    assert pace.fastest <= due.at - moment <= timedelta(hours=6.6)
    assert due.reason
    again = History.from_json(json.loads(json.dumps(history.to_json())))
    assert again.since == history.since
    assert again.counts == pytest.approx(history.counts, abs=1e-3)


@pytest.mark.parametrize(
    "junk",
    [None, {}, {"counts": 3}, {"counts": {"999": 1}}, {"since": "x"}, {"last_items": [1]}, {"counts": {"a": "b"}}],
)
def test_an_unreadable_history_is_an_empty_one(junk: dict[str, object] | None) -> None:
    assert sum(History.from_json(junk).counts) == 0


def test_no_chance_no_earlier() -> None:
    chance = random.Random(1)
    early = wait(posting(1))
    assert all(early <= wait(posting(1), chance=chance.random()) <= early * 1.1 for _ in range(20))


@pytest.mark.parametrize(
    ("span", "said"), [(45, "45 s"), (720, "12 min"), (5400, "90 min"), (9000, "2 h 30 min"), (172800, "2 d")]
)
def test_durations_in_words(span: int, said: str) -> None:
    assert words(timedelta(seconds=span)) == said


def test_due_is_a_value() -> None:
    assert Due(NOW, "x") == Due(NOW, "x")


def test_a_refusal_is_put_again_once_and_then_hourly_at_most() -> None:
    waits = [(back_off(failures, NOW, 0.0, is_refusal=True).at - NOW) for failures in range(1, 9)]
    assert waits[0] == timedelta(minutes=5)
    assert set(waits[1:4]) == {timedelta(hours=1)}
    assert waits[7] == (back_off(8, NOW, 0.0).at - NOW)
