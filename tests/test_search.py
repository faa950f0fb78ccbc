"""The archive searched, tested against and explained, as a person calls the commands and as the pages call them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import InputError
from monitor.jsonl import Line
from monitor.language.indexing import ToIndex, words_of
from monitor.match import Matcher
from monitor.match.wanted import Both, Has, Need
from monitor.model import Document
from monitor.search import Outlets, question, search
from monitor.store import Store, open_store
from monitor.store import search as index
from monitor.store.imports import take

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def holds(need: Need, words: frozenset[str]) -> bool:
    """What the index is asked, answered by a set."""
    if need is None:
        return True
    if isinstance(need, Has):
        begins = tuple(word[:-1] for word in need.words if word.endswith("*"))
        return not need.words.isdisjoint(words) or any(word.startswith(begins) for word in words if begins)
    return (all if isinstance(need, Both) else any)(holds(part, words) for part in need.parts)


TERMS = (
    "Su-35", "T-72", "Shahed-136", "9M729", "924e", "US", "NATO", "AI", "drone", "drohn*", "*drohne", '"drone racing"',
    "无人机", "ドローン", "โดรน", "дрон", "БПЛА", '="S-400s"', "Mueller", "AN/TPY-2", "F-16C", "=U.S.",
)  # fmt: skip
PIECES = (
    "Su‑35SE", "SU 35", "Су-35", "su35", "T-72B3", "Shahed-131/136", "9M729", "924e centre", "U.S.A.", "US", "us",
    "NATO's", "A.I.", "AI-led", "drones", "Drohnenkrieg", "Kampfdrohnen", "drone racing", "racing drones", "F-16C/D",
    "中国无人机出口", "日本のドローンが", "โดรนของกองทัพ", "дронами", "БПЛА", "S-400s", "Müller", "AN/TPY-2", "F16C",
)  # fmt: skip
LANGUAGES = ("en", "de", "ru", "zh", "ja", "th")
KNOWN: dict[str, tuple[Matcher, Need]] = {}


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(TERMS), st.lists(st.sampled_from(PIECES), min_size=1, max_size=5), st.sampled_from(LANGUAGES))
def test_what_the_matcher_finds_is_always_a_candidate(term: str, pieces: list[str], language: str) -> None:
    if term not in KNOWN:
        matcher = question(f'="{term[1:]}"' if term.startswith("=U") else term).with_tables({"en": 1, "de": 1})
        KNOWN[term] = matcher, matcher.wanted((*LANGUAGES, "fr", "uk"))
    matcher, need = KNOWN[term]
    text = " – ".join(pieces)
    if matcher.find(Document("", text, language=language), snippets=False):
        assert holds(need, words_of(ToIndex(1, "", text, "", "", language)).words)


# ------------------------------------------------------------------------------------------------------- a store


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url, create=True)
    yield opened
    opened.close()


def fill(store: Store, *texts: str, is_indexed: bool = True) -> None:
    """One article a text, ten days old and older, each an hour before the next."""
    first = NOW - timedelta(days=10) - timedelta(hours=len(texts))
    lines = [
        Line(
            at + 1,
            str(at),
            f"Story {at}",
            text,
            f"https://example.org/{at}",
            None,
            "en",
            first + timedelta(hours=at),
            "Courier",
        )
        for at, text in enumerate(texts)
    ]
    with store.write() as connection:
        take(connection, lines, NOW, timedelta(hours=48), name="x")
        if is_indexed:
            index.enter(connection, [words_of(one) for one in index.waiting(connection, 1000)])


def found(store: Store, query: str, limit: int = 20, before: int | None = None) -> list[str]:
    with store.read() as connection:
        return [one.title for one in search(connection, question(query), Outlets(), limit=limit, before=before).found]


@pytest.mark.parametrize("is_indexed", [True, False])
def test_the_newest_are_found_first_in_the_language_of_watches(store: Store, is_indexed: bool) -> None:
    fill(store, "Two drones.", "A drone race.", "Grain.", "Su-35SE and drones in the U.S.", is_indexed=is_indexed)
    assert found(store, "drone") == ["Story 3", "Story 1", "Story 0"]
    assert found(store, "drone AND NOT race") == ["Story 3", "Story 0"]
    assert found(store, "NOT drone") == ["Story 2"]
    assert found(store, "Su-35 OR grain*") == ["Story 3", "Story 2"]
    assert found(store, "US") == ["Story 3"]
    assert found(store, 'feed:Courier AND "drone race"') == ["Story 1"]


def test_a_page_ends_where_the_next_begins(store: Store) -> None:
    fill(store, *(f"drone {number}" for number in range(7)))
    with store.read() as connection:
        first = search(connection, question("drone"), Outlets(), limit=4)
        rest = search(connection, question("drone"), Outlets(), limit=4, before=first.before)
    assert [one.title for one in (*first.found, *rest.found)] == [f"Story {at}" for at in range(6, -1, -1)]
    assert rest.before is None


def test_words_are_marked_and_the_headline_is_not_said_twice(store: Store) -> None:
    fill(store, "Story 0\nTwo drones were seen.")
    with store.read() as connection:
        (one,) = search(connection, question("drone OR story"), Outlets()).found
    assert [span.text for span in one.headline if span.is_marked] == ["Story"]
    assert ["".join(span.text for span in sentence) for sentence in one.sentences] == ["Two drones were seen."]


def test_what_leaves_the_index_is_not_found(store: Store) -> None:
    fill(store, "drone one", "drone two")
    with store.write() as connection:
        index.forget(connection, [words_of(one) for one in index.texts_of(connection, [1])])
    assert found(store, "drone") == ["Story 1"]


@pytest.mark.parametrize("query", ["drone racing", "$nothing", "(", "drone AND", "lang:english"])
def test_a_question_that_cannot_be_read_is_answered_in_words(query: str) -> None:
    with pytest.raises(InputError, match="cannot be read: ."):
        question(query)


def test_what_was_imported_is_not_imported_again(store: Store) -> None:
    fill(store, "drone one", "drone two")
    line = Line(1, "new id", "Story 0", "drone", "http://www.example.org/0?utm_source=x", None, "en", NOW, "Other")
    with store.write() as connection:
        again = take(connection, [line], NOW, timedelta(hours=48), name="x")
    assert (again.known, again.archived, again.fresh) == (1, 0, 0)


def test_only_what_is_fresh_may_be_told(store: Store) -> None:
    old = Line(1, "a", "Old", "drone", None, None, "en", NOW - timedelta(days=3))
    undated = Line(2, "b", "Undated", "drone")
    fresh = Line(3, "c", "Fresh", "drone", None, None, "en", NOW - timedelta(hours=3))
    with store.write() as connection:
        done = take(connection, [old, undated, fresh], NOW, timedelta(hours=48), name="x")
    assert (done.archived, done.fresh) == (2, 1)


def test_a_vocabulary_counts_articles(store: Store) -> None:
    fill(store, "Gerbera", "Gerbera and Gerberas", "Gerda")
    with store.read() as connection:
        assert index.vocabulary(connection, "gerb") == {"gerbera": 2, "gerberas": 1}


def test_json_lines_survive_what_files_hold(tmp_path: Path) -> None:
    from monitor.jsonl import Bad, read

    bad = [
        b"{",
        b"[1]",
        b'{"id": true, "title": "x"}',
        b'{"id": 1}',
        b'{"id":1,"title":2}',
        b"\xff\xfe",
        b"[" * 100_000,
    ]
    good = [
        json.dumps({"id": 7, "title": "x\0y", "published": 1395000000000}).encode(),
        b'{"id":"a","text":"\\ud800 t"}',
    ]
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join([*bad, *good, b'{"id":1,"title":"x","published":"yesterday"}', b"", b"9" * 90_000]))
    with path.open("rb") as file:
        read_ = list(read(file))
    lines = [one for one in read_ if not isinstance(one, Bad)]
    assert [one.number for one in lines] == [8, 9]
    assert lines[0].title == "xy"
    assert lines[0].published == datetime(2014, 3, 16, 20, 0, tzinfo=UTC)
    assert len(read_) == 11


def test_lines_of_impossible_dates_and_languages_are_read_without() -> None:
    """A date in year 1 broke every page that reckoned back from it."""
    from monitor.jsonl import Line, read

    dates = ("0001-01-01T00:00:00Z", "1989-12-31", "9999-12-31T23:59:59Z", -6e10, 2e11)
    lines = [json.dumps({"id": 1, "title": "x", "published": date, "language": "../../x"}) for date in dates]
    lines.append(json.dumps({"id": 1, "title": "x", "published": "2026-11-22", "language": "pt_BR"}))
    found = list(read(io.BytesIO("\n".join(lines).encode())))
    told = [(one.published, one.language) for one in found if isinstance(one, Line)]
    assert told == [*[(None, None)] * len(dates), (datetime(2026, 11, 22, tzinfo=UTC), "pt-BR")]
