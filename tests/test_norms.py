"""What is usual for a feed, and what is a departure: by documents and by silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Entry
from monitor.norms import Norm, Shown, after_document, marked, shown
from monitor.rhythm import History, observe, silence

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
USUAL = Shown(30, 2000, 0.0)


def after(documents: Sequence[Shown], norm: Norm | None = None, *, every: timedelta = HOUR) -> Norm:
    made = norm or Norm()
    for number, document in enumerate(documents):
        made = after_document(made, document, NOW + number * every)
    return made


@pytest.mark.parametrize(
    ("fallen", "kind"),
    [
        (Shown(5, 2000, 0), "shrunk"),
        (Shown(0, 0, 0), "shrunk"),
        (Shown(30, 120, 0), "stubs"),
        (Shown(30, 2000, 0.9), "damaged"),
    ],
)
def test_a_departure_begins_at_the_second_document_and_ends_with_the_first_good_one(fallen: Shown, kind: str) -> None:
    usual = after([USUAL] * 8)
    assert usual.since == {}
    assert after([fallen], usual).since == {}, "one may be an accident"
    assert kind in after([fallen] * 3, usual).since
    assert after([*[fallen] * 3, USUAL], usual).since == {}
    assert after([fallen] * 40, usual).items >= usual.items * 0.99, "what departs does not move the norm"


def test_a_departure_that_stands_for_a_fortnight_is_the_norm() -> None:
    fallen = after([Shown(5, 2000, 0)] * 20, after([USUAL] * 8), every=timedelta(days=1))
    assert fallen.since == {}
    assert fallen.items < 10


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([USUAL] * 3, Shown(2, 50, 0.9)),  # hardly known
        ([Shown(6, 300, 0.0)] * 9, Shown(1, 20, 0.0)),  # small anyway
        ([Shown(30, 2000, 0.5)] * 9, Shown(30, 2000, 0.9)),  # never was clean
    ],
)
def test_what_is_unknown_small_or_always_damaged_does_not_depart(before: list[Shown], now: Shown) -> None:
    assert after([now] * 2, after(before)).since == {}


def test_growth_is_no_departure() -> None:
    assert after([Shown(300, 90_000, 0.0)] * 5, after([USUAL] * 8)).since == {}


@given(st.lists(st.builds(Shown, st.integers(0, 500), st.floats(0, 1e5), st.floats(0, 1)), max_size=30))
def test_every_norm_survives_json(documents: list[Shown]) -> None:
    norm = marked(after(documents), "silent", NOW, stands=True)
    again = Norm.from_json(norm.to_json())
    assert again.to_json() == norm.to_json()
    assert again.since == norm.since
    assert "silent" not in marked(again, "silent", NOW, stands=False).since


def entry(text: str) -> Entry:
    return Entry((text,), None, "Title", content=text)


@pytest.mark.parametrize("text", ["Ã©tÃ© Ã  Paris", "donâ€™t", "caf\N{REPLACEMENT CHARACTER}", "Ð´Ñ€Ð¾Ð½"])
def test_damaged_characters_are_seen(text: str) -> None:
    assert shown([entry(text)]).damaged == 1


@pytest.mark.parametrize("text", ["été à Paris", "don’t", "ÃO PAULO", "дрон", "SÃO PAULO — NÃO", "Âge d’or"])
def test_rare_letters_are_no_damage(text: str) -> None:
    assert shown([entry(text)]).damaged == 0


# ---------------------------------------------------------------------------------------------------- silence


def posted(moments: Sequence[datetime]) -> History:
    history = History()
    for moment in moments:
        history = observe(history, [moment], moment)
    return history


def working_days(weeks: int) -> list[datetime]:
    """Two items an hour, nine to five, Monday to Friday."""
    start = datetime(2026, 9, 7, tzinfo=UTC)
    days = [start + timedelta(days=day) for day in range(7 * weeks) if day % 7 < 5]
    return [day + timedelta(hours=9, minutes=30 * half) for day in days for half in range(16)]


def test_nights_and_weekends_are_no_silence_and_three_weekends_are() -> None:
    items = working_days(4)
    history, last = posted(items), items[-1]
    for hours in range(0, 100, 7):
        assert silence(history, last + hours * HOUR) is None
    assert silence(observe(history, [], last + 200 * HOUR), last + 200 * HOUR) == 200 * HOUR


def test_a_feed_that_posts_by_the_minute_is_not_silent_before_a_day() -> None:
    items = [NOW + timedelta(minutes=20 * number) for number in range(72 * 20)]
    history = posted(items)
    assert silence(history, items[-1] + 23 * HOUR) is None
    assert silence(history, items[-1] + 25 * HOUR) is not None


def test_who_is_hardly_known_is_not_silent() -> None:
    assert silence(posted([NOW + number * HOUR for number in range(30)]), NOW + 200 * HOUR) is None
    assert silence(posted([NOW + number * 9 * HOUR * 10 for number in range(5)]), NOW + 9000 * HOUR) is None
    assert silence(History(), NOW) is None
