"""Exactly once: nothing new is missed, nothing known comes again, nothing is merged."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.identity import identify, select_new
from monitor.model import Entry

HOME = "https://example.org/"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEXT = "The committee met on Tuesday and decided after long debate that the bridge would be rebuilt in stone. "


def entry(number: int = 1, **changed: object) -> Entry:
    made = Entry(
        identities=(),
        url=f"https://example.org/news/story-{number}",
        title=f"Story number {number}",
        guid=f"tag:example.org,2026:{number}",
        published=NOON - timedelta(hours=number),
        summary=f"{TEXT} {number}",
    )
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


def edited(changed: dict[str, object]) -> Entry:
    return dataclasses.replace(entry(), **changed)  # type: ignore[arg-type]


class Memory:
    """What a store remembers of one feed."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def poll(self, entries: Sequence[Entry]) -> list[str]:
        """The titles of what is new."""
        selection = select_new(identify(entries, HOME), self.known)
        self.known.update(name for one in selection.new for name in one.identities)
        self.known.update(selection.learned)
        return [one.title for one in selection.new]


OTHERS = [entry(number) for number in range(10, 15)]


@pytest.mark.parametrize("company", [[], OTHERS], ids=["alone", "among others"])
@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Corrected: story"},
        {"published": NOON, "updated": NOON},
        {"summary": "Rewritten from the first word to the last."},
        {"title": "Corrected: story", "published": NOON, "summary": "Rewritten."},
        {"guid": "tag:example.org,2026:other"},
        {"guid": None},
        {"url": "http://www.example.org/news/story-1/?utm_source=rss#x"},
        {"url": "https://example.org/2026/moved/elsewhere-entirely"},
        {"url": "https://new.example/a-1", "guid": "https://new.example/a-1"},
    ],
    ids=lambda changed: "+".join(changed),
)
def test_an_edited_item_is_known(company: list[Entry], changed: dict[str, object]) -> None:
    memory = Memory()
    memory.poll([entry(), *company])
    assert memory.poll([*company, edited(changed)]) == []


def test_what_was_learnt_of_a_known_item_counts() -> None:
    memory = Memory()
    memory.poll([entry(), *OTHERS])
    memory.poll([entry(guid="tag:example.org,2026:second"), *OTHERS])
    assert memory.poll([entry(guid="tag:example.org,2026:second", url="https://example.org/moved-7"), *OTHERS]) == []


def test_an_item_that_leaves_and_returns_is_known() -> None:
    memory = Memory()
    memory.poll([entry(), *OTHERS])
    memory.poll(OTHERS)
    assert memory.poll([entry(title="Back again"), *OTHERS]) == []


def different(**same: object) -> list[Entry]:
    return [entry(number, **same) for number in range(1, 5)]


@pytest.mark.parametrize(
    "items",
    [
        different(guid="0"),
        different(guid="https://example.org/"),
        different(guid="tag:example.org,2026:feed"),
        different(url=HOME),
        different(url=HOME, guid=None),
        different(url="https://example.org/live", guid=None),
        different(url="https://example.org/live"),
        different(url=None, guid=None),
        different(title="Alert"),
        different(title="Alert", published=NOON),
        different(title="Alert", url=HOME, guid="0"),
        different(title="Alert", url=None, guid=None, summary=""),
        different(url=HOME, guid="tag:example.org,2026:feed", published=None),
        [entry(n, guid=str(n), url=f"https://example.org/x?id={n}") for n in range(1, 5)],
        [entry(n, guid=f"https://example.org/live#post-{n}", url="https://example.org/live") for n in range(1, 5)],
        [entry(n, guid=None, url=f"https://example.org/live#post-{n}", title="Live") for n in range(1, 5)],
    ],
)
def test_different_items_are_never_merged(items: list[Entry]) -> None:
    together = Memory()
    assert len(together.poll(items)) == len(items)
    assert together.poll(list(reversed(items))) == []


@pytest.mark.parametrize("window", [2, 3])
@pytest.mark.parametrize(
    "items",
    [
        [entry(n) for n in range(1, 9)],
        [entry(n, guid=None) for n in range(1, 9)],
        [entry(n, url=None) for n in range(1, 9)],
        [entry(n, url=HOME) for n in range(1, 9)],
        [entry(n, url=None, guid=None) for n in range(1, 9)],
        [entry(n, guid=str(n % 3)) for n in range(1, 9)],
        [entry(n, url=None, guid=None, title="Alert") for n in range(1, 9)],
    ],
    ids=["all", "no guid", "no link", "home", "neither", "positions as guids", "same title"],
)
def test_a_sliding_window_tells_each_item_once(items: list[Entry], window: int) -> None:
    memory = Memory()
    told = [title for start in range(len(items) - window + 1) for title in memory.poll(items[start : start + window])]
    assert len(told) == len(items)


def test_an_item_listed_twice_is_one() -> None:
    memory = Memory()
    assert memory.poll([entry(), *OTHERS, entry()]) == ["Story number 1", *(one.title for one in OTHERS)]


def test_numbers_that_are_positions_are_no_identity() -> None:
    memory = Memory()
    memory.poll([entry(number, guid=str(number)) for number in (1, 2, 3)])
    assert memory.poll([entry(4, guid="1"), entry(1, guid="2"), entry(2, guid="3")]) == ["Story number 4"]


HOSTILE = [
    "",
    " ",
    "\x00",
    "0",
    "1",
    "x" * 5000,
    "https://example.org/",
    "http://example.org/a",
    "\u202egnp",
    "A-1",
    "a-1",
    None,
]
ENTRIES = st.builds(
    Entry,
    identities=st.just(()),
    url=st.sampled_from(
        [None, HOME, "http://example.org/a", "https://example.org/a?utm_x=1", "https://example.org/b-1"]
    ),
    title=st.sampled_from(["Alert", "One", "Two"]),
    guid=st.sampled_from(HOSTILE),
    published=st.sampled_from([None, NOON, NOON + timedelta(days=1)]),
    summary=st.sampled_from(["", "short", TEXT]),
)


@given(st.lists(ENTRIES, max_size=12), st.integers())
def test_a_document_served_again_in_any_order_has_nothing_new(entries: list[Entry], seed: int) -> None:
    memory = Memory()
    memory.poll(entries)
    shuffled = entries * 2
    random.Random(seed).shuffle(shuffled)
    assert memory.poll(entries) == []
    assert memory.poll(shuffled) == []


@given(st.lists(ENTRIES, min_size=1, max_size=12))
def test_every_entry_has_a_name_and_a_short_one(entries: list[Entry]) -> None:
    identified = identify(entries, HOME)
    assert identified
    for one in identified:
        assert one.identities
        assert all(len(name) == 32 for name in one.identities)
