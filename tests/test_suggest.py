"""Suggestions for a watch: other spellings of its names, other designations, and no words that only look alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.language.tables import table
from monitor.model import Watch, Watchlist
from monitor.search import Outlets
from monitor.store import Store
from monitor.suggest import Suggestion, suggest
from tests.stored import fresh_store
from tests.test_search import NOW, fill

FLEET = (
    "Inspectors said the {} fighters at the Skarvik airfield carried missiles, the Norland ministry confirmed.",
    "Norland pilots flew the {} over Skarvik while inspectors counted missiles on the apron.",
    "The ministry in Norland says six {} wait at the airfield of Skarvik for their missiles.",
    "Missiles for the {} came to Skarvik by rail, two inspectors of the ministry wrote.",
)
ORCHARDS = (
    "Farmers apply for the subsidy in ample time, the council of the valley said about orchards and cider.",
    "Growers apply less spray when rain is ample, and the valley's orchards bear more fruit for the cider press.",
    "An aple a day, writes the valley's paper about orchards: cider keeps the doctor at the press.",
    "The aple harvest in the orchards of the valley was pressed into cider.",
)


@pytest.fixture
def store(tmp_path: object) -> Iterator[Store]:
    opened = fresh_store(tmp_path)
    yield opened
    opened.close()


def proposed(store: Store, *terms: str) -> dict[str, Suggestion]:
    table("en")  # a dictionary that is not there yet is not asked
    lists = [Watchlist("Arms", "arms.yaml", tuple(Watch(term, "Arms", any=(term,)) for term in terms))]
    with store.read() as connection:
        found = suggest(connection, lists, Outlets(), NOW)
    return {one.text.casefold(): one for one in found if one.kind == "form"}


def test_a_neighbour_is_proposed_where_it_keeps_the_company_of_the_hits(store: Store) -> None:
    of_kestrel = [text.format("Kestral" if at > 3 else "Kestrel") for at, text in enumerate(FLEET * 2)]
    birds = ["The kestrol is a gentle dance of the harvest, with flutes and ribbons."] * 3
    fill(store, *of_kestrel, *birds)
    found = proposed(store, "Kestrel")
    assert set(found) == {"kestral"}
    assert found["kestral"].why.startswith("one step from Kestrel, beside ")
    assert found["kestral"].why.endswith(" as the hits are")


def test_designations_one_figure_away_are_proposed_where_they_keep_company(store: Store) -> None:
    fill(store, *(text.format(name) for name in ("Su-35", "Su-34") for text in FLEET), *["Bus line Su-36 is late."] * 3)
    assert set(proposed(store, "Su-35")) == {"su-34"}


def test_words_of_the_dictionary_are_no_spellings_of_one_another(store: Store) -> None:
    apples = [text.replace("aple", "apple").replace("apply", "eat apples and") for text in ORCHARDS]
    fill(store, *apples, *ORCHARDS, *ORCHARDS)
    assert proposed(store, "apple") == {}
    assert "ample" not in proposed(store, "Apple")
