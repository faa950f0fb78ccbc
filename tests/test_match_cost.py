"""What a text may cost: the matcher's time grows with the text, not with its square, whatever the text repeats."""

from __future__ import annotations

import gc
import time
from functools import lru_cache

import pytest

from monitor.match import Matcher, compile
from monitor.match.evaluate import Facts, judge
from monitor.match.rules import Leaf, Nearby
from monitor.model import Document, Watch, Watchlist
from tests.matchers import CACHE, TABLES

TERMS = ("drone", "Su-35", "US", "IT", "БПЛА", "無人機", "イラン", "*copter", "Mueller", "drone strike", "طائرة")
EXPRESSIONS = ("(Shahed OR drone) NEAR/30 (Iran OR Tehran)", "Su-35 NEAR/5 IT", "drone NEAR/3 drone")
REPEATED = (
    "drone in Iran ", "Su-35 ", "US IT DRONE SU 35 ", "無人機攻擊伊朗", "イラン", "طائرة", "و", "-", "\u200b",
    "\u0301\u0323", "e\u0301\u0323", "İ", "copter", "U.S.", "drone strike of the ",
)  # fmt: skip
SIZE = 20_000  # characters
MOST_GROWTH = 10  # for four times the text; a square would be 16
TOO_QUICK_S = 0.3  # below it the clock tells nothing


@lru_cache(maxsize=1)
def watching_much() -> Matcher:
    watches = [Watch(term, "t", any=(term,)) for term in TERMS]
    watches += [Watch(match, "t", match=match) for match in EXPRESSIONS]
    return compile([Watchlist("t", "t.yaml", tuple(watches))], cache=CACHE, tables=TABLES)


def cost(document: Document) -> float:
    """CPU seconds: the least of three, without the collector, so that only a square is a square."""
    gc.disable()
    try:
        return min(_cost(document) for _ in range(3))
    finally:
        gc.enable()


def _cost(document: Document) -> float:
    started = time.process_time()
    watching_much().find(document)
    return time.process_time() - started


@pytest.mark.parametrize("repeated", REPEATED)
def test_four_times_the_text_costs_no_sixteen_times_as_much(repeated: str) -> None:
    texts = (repeated * (size // len(repeated)) for size in (SIZE, 4 * SIZE))
    small, large = (Document(text, text.lower()) for text in texts)
    assert _cost(large) < TOO_QUICK_S or cost(large) < max(TOO_QUICK_S, MOST_GROWTH * cost(small))


def test_near_over_many_places_looks_at_each_a_few_times() -> None:
    counted = 0

    class Words(list[int]):
        def __getitem__(self, at: object) -> int:  # type: ignore[override]
            nonlocal counted
            counted += 1
            return super().__getitem__(at)  # type: ignore[call-overload,no-any-return]

        def __len__(self) -> int:
            nonlocal counted
            counted += 1
            return super().__len__()

    words = Words(range(0, 40_000, 2))
    places = [[(start, start + 1, "") for start in range(offset, 40_000, 4)] for offset in (0, 2)]
    facts = Facts({"text": dict(enumerate(places))}, {"text": words})
    rule = Nearby(Leaf(0, ("text",), "a"), Leaf(1, ("text",), "b"), 30, "near")
    assert len(judge(rule, facts) or ()) == 20_000
    assert counted < 20_000 * 60  # a few searches by halves for each; each with each would be 100 million


def test_a_term_that_stands_everywhere_is_still_near_at_the_end() -> None:
    text = "Su-35 " * 300 + "word " * 20 + "Su-35 Iran"
    watch = Watch("w", "t", match="Su-35 NEAR/2 Iran")
    (hit,) = compile([Watchlist("t", "t.yaml", (watch,))], cache=CACHE, tables=TABLES).find(Document("", text))
    assert [piece.text for piece in hit.evidence] == ["Su-35", "Iran"]
