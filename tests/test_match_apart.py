"""Watches that are matched together find what each finds alone, whatever the others are and whatever the text is."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.match import Matcher, compile
from monitor.model import Document, Watch, Watchlist
from tests.matchers import CACHE, TABLES

POOL: dict[str, dict[str, Any]] = {
    "word": {"any": ("drone",)}, "same word": {"any": ("drones", "Iran")}, "phrase": {"any": ("Iran deal",)},
    "longer": {"any": ("the Iran deal said",)}, "near": {"match": "drone NEAR/2 Iran"}, "not": {"match": "NOT Iran"},
    "and not": {"match": "drone AND NOT deal"}, "title": {"match": "title:drone OR url:iran"},
    "spelled": {"any": ("Шахед", "Iran"), "spellings": frozenset({"translit"})}, "open": {"any": ("dron*", "*ran")},
    "vetoed": {"any": ("deal",), "not_forms": ("deals",)}, "exact": {"any": ('="The Iran"', "US")},
    "designation": {"any": ("Su-35", "Su-35 deal")}, "run": {"any": ("無人機", "イラン")},
}  # fmt: skip


def _pool(*names: str) -> Matcher:
    watches = tuple(Watch(name, "t", **POOL[name]) for name in names)
    return compile([Watchlist("t", "t.yaml", watches)], cache=CACHE, tables=TABLES)


TOGETHER, ALONE = _pool(*POOL), {name: _pool(name) for name in POOL}
some_words = st.lists(
    st.sampled_from(
        ("drone", "drones", "dronebuster", "Iran", "iran,", "The", "the", "deal", "deals.", "said", "U.S.", "us", "US",
         "Su", "35", "Su-35SE", "шахеда", "無人機")
    ),
    max_size=12,
).map(" ".join)  # fmt: skip


@given(some_words, some_words, st.sampled_from(["en", "fr", "uk", "ja", None]))
@settings(max_examples=80, deadline=None)
def test_no_watch_has_a_part_in_what_another_finds(title: str, text: str, language: str | None) -> None:
    document = Document(title, text, url="https://example.org/iran", language=language)
    alone = [hit for name in POOL for hit in ALONE[name].find(document)]
    assert list(TOGETHER.find(document)) == alone
    assert TOGETHER.read(document)[1] == [found for name in POOL for found in ALONE[name].read(document)[1]]
