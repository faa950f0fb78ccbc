"""What a term finds and what it does not, case by case: designations, acronyms, scripts, accents, inflection."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.match import compile
from monitor.model import Document, Watch, Watchlist
from tests.matchers import CACHE, TABLES, found, matcher

CASES = Path(__file__).parent / "data" / "match_cases.tsv"


def cases() -> list[tuple[bool, str, str, str]]:
    """Whether it is found, the language, the term, the text."""
    read = []
    for line in CASES.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            sign, language, term, text = re.sub(
                r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\n", lambda m: chr(int(m[1] or m[2] or "a", 16)), line
            ).split("\t")
            read.append((sign == "+", language, term, text))
    return read


@pytest.mark.parametrize(("is_found", "language", "term", "text"), cases())
def test_term(is_found: bool, language: str, term: str, text: str) -> None:
    assert bool(found(term, text, language)) is is_found


def test_an_acronym_in_a_headline_of_capitals_needs_the_context() -> None:
    title = "TROOPS TOLD TO JOIN US IN THE CITY"
    assert found("US", "They asked people to come.", "en", title) == []
    assert found("US", "The US army said so.", "en", title) == ["US", "US"]
    hits = matcher("US").find(Document(title, "The US army said so.", language="en"))
    assert "all-capitals" in hits[0].evidence[0].note
    assert found("BRICS", "", "en", "LEADERS OF BRICS MEET AGAIN TODAY") == ["BRICS"]


def test_the_seed_article() -> None:
    path = Path(__file__).parents[1].parent / "shared" / "data" / "seed" / "article.fr.txt"
    if not path.exists():
        pytest.skip("the seed article is not beside the checkout")
    text = path.read_text("utf-8")
    terms = ("drones", "Su-35", "hélicoptère", "missile balistique", "Iran", "HIMARS", "924e centre")
    watches = tuple(Watch(term, "seed", any=(term,)) for term in (*terms, "Shahed", "university"))
    seed = compile([Watchlist("seed", "seed.yaml", watches)], cache=CACHE, tables=TABLES)
    assert [hit.watch for hit in seed.find(Document("", text))] == list(terms)
