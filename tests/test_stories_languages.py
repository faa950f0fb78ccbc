"""One event told in several languages is one story, by its numbers and names; another of the same matter is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from monitor.stories import Index, fingerprint
from tests.events import EVENTS

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAME = [
    (event, one, other)
    for event, told in EVENTS.items()
    for one, other in combinations(told, 2)
    if not event.endswith("before")
]
OTHER = [
    (event, one, other)
    for event, told in EVENTS.items()
    if event.endswith("before")
    for one in told
    for other in EVENTS[event.removesuffix(" before")]
    if one != other
]


def is_one(first: tuple[str, str], second: tuple[str, str], hours: float = 1) -> bool:
    index = Index()
    places = [
        index.add(str(number), NOW + number * timedelta(hours=hours), fingerprint(*article))
        for number, article in enumerate((first, second))
    ]
    return places[0].story_id == places[1].story_id


@pytest.mark.parametrize(("event", "one", "other"), SAME)
def test_an_event_told_in_two_languages_is_one_story(event: str, one: str, other: str) -> None:
    assert is_one(EVENTS[event][one], EVENTS[event][other])
    assert is_one(EVENTS[event][other], EVENTS[event][one])


@pytest.mark.parametrize(("event", "one", "other"), OTHER)
def test_another_event_of_the_same_matter_stays_apart_in_two_languages(event: str, one: str, other: str) -> None:
    assert not is_one(EVENTS[event][one], EVENTS[event.removesuffix(" before")][other])


def test_numbers_alone_tell_an_event_for_two_days_only() -> None:
    assert is_one(EVENTS["bank"]["en"], EVENTS["bank"]["ru"], hours=47)
    assert not is_one(EVENTS["bank"]["en"], EVENTS["bank"]["ru"], hours=49)


def test_figures_without_a_name_in_common_tell_no_event() -> None:
    """Two tables may hold the same numbers."""
    _, stranger = EVENTS["bank"]["en"]
    for name in ("National", "Bank", "Kravia", "Selma", "Ardit", "Tomas", "Hrell", "Governor", "Finance"):
        stranger = stranger.replace(name, "Xylo")
    assert not is_one(EVENTS["bank"]["ru"], ("A table", stranger))


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९"])
def test_numbers_are_the_same_in_every_script(digits: str) -> None:
    other = "48 115 930".translate({ord(str(value)): digit for value, digit in enumerate(digits)})
    assert fingerprint("", other).numbers == fingerprint("", "48 115 930").numbers != frozenset()
