"""One event told in several languages is one story, by its numbers and names; another of the same matter is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from monitor.stories import Head, Index, fingerprint
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


def is_one(first: tuple[str, str], second: tuple[str, str], hours: float = 1, *, languages: str = "xy") -> bool:
    index = Index()
    places = [
        index.add(str(number), NOW + number * timedelta(hours=hours), fingerprint(*article), Head(article[0], language))
        for number, (article, language) in enumerate(zip((first, second), languages, strict=True))
    ]
    return places[0].story_id == places[1].story_id


#: The headline has no survivor in capitals (Arabic has none): the texts alone are not trusted.
UNNAMED = {("ferry", one, other) for one, other in [("en", "ar"), ("fr", "ar"), ("ru", "ar"), ("ar", "de")]}


@pytest.mark.parametrize(("event", "one", "other"), [pair for pair in SAME if pair not in UNNAMED])
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


TABLE = (
    "Nikkei 38,412.55, Hang Seng 24,117.08, Kospi 2,611.90, Sensex 79,004.31, FTSE 8,233.74, Dax 19,210.66, "
    "Brent 74.20, Tokyo, Seoul, Mumbai, London, Frankfurt."
)
FOOTER = (
    "Ostwerk AG (ISIN DE0007199905, WKN 719990) employs 12,437 people in 43 countries and earned 3.27 billion euros. "
    "Contact: Petra Schulte, Tel. +49 40 55512-347, Hamburg."
)


def test_a_table_that_two_reports_share_makes_them_no_event() -> None:
    opening = (
        "Shares slipped on Monday, said Ito of Sakura, after Premier Honda spoke of duties with Clarke. Makers "
        "such as Hoshino and Kitagawa fell, banks like Mirae rose, and dealers in Osaka and Busan wait for Lima. "
    )
    other = (
        "Le laboratoire Farmoria a chuté lundi après un essai, selon Dupont de Clairval. Les rivaux Medix et Aurelis "
        "ont gagné, tandis que le ministre Lambert et la présidente Morel demandent une enquête à Bruxelles et Lyon. "
    )
    assert not is_one(("Asian shares slip", opening + TABLE), ("Farmoria chute après un essai", other + TABLE))


def test_what_stands_under_every_release_makes_no_event() -> None:
    opening = (
        "In Ghent a terminal is opened by Martin Keller with Mayor Peeters and Minister Visser. Ships from Busan "
        "and Mumbai call there, trains of Linea leave for Duisburg, Basel and Milan. Stravo and Vincent built it. "
    )
    recall = (
        "After a fire in Gdansk all cranes of the series are inspected, said Sabine Hoffmann. Poland and Turkey "
        "ask for it; operators in Marseille, Valencia and Izmir stop charging, and Kowalski of Warsaw is liable. "
    )
    first = ("Ostwerk opens terminal in Ghent", opening + FOOTER)
    second = ("Ostwerk ruft Kräne zurück", recall + FOOTER)
    assert not is_one(first, second, hours=30)
    assert not is_one(first, ("Ostwerk recalls cranes", recall + FOOTER), hours=30, languages="xx")


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९"])
def test_numbers_are_the_same_in_every_script(digits: str) -> None:
    other = "48 115 930".translate({ord(str(value)): digit for value, digit in enumerate(digits)})
    assert fingerprint("", other).numbers == fingerprint("", "48 115 930").numbers != frozenset()
