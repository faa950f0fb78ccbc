"""An edited article is matched again: once an edit, without a second page, telling only what is new in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.assemble import load_checked
from monitor.edits import MOST, Before, plan, shown
from monitor.model import Entry
from monitor.store import articles, open_store
from tests.test_main_way import text_with
from tests.world import World, world

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ENTRY = Entry(("a",), "https://example.org/a", "Talks in the capital", summary="They went on all night.")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def edit(here: World, old: str, new: str) -> None:
    here._items = [item.replace(old, new) for item in here._items]
    here.serve()


def test_an_edited_headline_alerts_for_the_watch_it_now_hits(here: World) -> None:
    here.round()
    here.publish("a", "Talks in the capital", text_with("They went on all night."))
    here.round()
    assert here.hooks == []
    edit(here, "<title>Talks in the capital", "<title>Talks in the capital on Su-35 fighters")
    assert here.round().alerts == 3
    (body,) = here.bodies()
    assert [watch["name"] for watch in body["data"]["watches"]] == ["Su-35"]
    assert body["data"]["article"]["title"] == "Talks in the capital on Su-35 fighters"
    assert body["data"]["article"]["matched_on"] == "full article"
    assert here.site.count("/a") == 1, "the page is asked for once"


def test_an_edit_tells_only_watches_that_did_not_hit_before(here: World) -> None:
    here.round()
    here.publish("a", "Drones at sea", text_with("Drones were seen."))
    here.round()
    edit(here, "<title>Drones at sea", "<title>Drones, many drones at sea")
    here.round()
    assert len(here.hooks) == 1
    edit(here, "<title>Drones, many drones at sea", "<title>Drones and a Su-35 at sea")
    here.round()
    second = here.bodies()[1]["data"]
    assert second["alert"]["reason"] == "new watch"
    assert [watch["name"] for watch in second["watches"]] == ["Su-35"]
    edit(here, "Drones and a Su-35 at sea", "A Su-35 and drones at sea")
    here.round()
    assert len(here.hooks) == 2
    store = open_store(load_checked(str(here.write())).store, create=False)
    with store.read() as connection:
        found = [piece for hit in articles.hits_of(connection, 1) for piece in hit.evidence if piece.field == "title"]
    store.close()
    assert ["A Su-35 and drones at sea"[piece.start : piece.end] for piece in found] == ["drones", "Su-35"], (
        "where a word stands is said of the title as it is now"
    )


def test_an_edited_summary_counts_where_the_page_was_refused(here: World) -> None:
    from tests.loopback import Reply

    here.round()
    here.publish("a", "Talks", text_with("x"), page=Reply(403))
    here.round()
    edit(here, "<description>The ministry", "<description>Drones! The ministry")
    here.round()
    assert here.bodies()[0]["data"]["article"]["matched_on"] == "summary"


def test_a_killed_round_leaves_the_edit_for_the_next(here: World) -> None:
    import asyncio

    here.round()
    here.publish("a", "Talks in the capital", text_with("They went on."))
    here.round()
    edit(here, "<title>Talks", "<title>Drones: talks")

    async def poll_only() -> None:
        from monitor.store import feeds

        app = await here.open()
        for state in await app.store.look(feeds.everything_active, here.now):
            await app.poller.poll(state)
        await app.close()

    asyncio.run(poll_only())
    assert here.hooks == []
    here.round(is_all=False)
    assert len(here.hooks) == 1


def test_a_clock_in_the_text_is_damped() -> None:
    before, matched = Before("done", shown(ENTRY), 0, NOW), 0
    for minute in range(100):
        entry = dataclasses.replace(ENTRY, summary=f"It is {minute} past twelve.")
        for made in plan([(1, entry)], {1: before}):
            matched += made.what == "match"
            before = dataclasses.replace(before, shown=made.shown, rematches=before.rematches + 1)
    assert matched == MOST == 24


def test_case_and_space_are_no_edit() -> None:
    entry = dataclasses.replace(ENTRY, title="TALKS in the capital", summary=" They  went on all night. ")
    assert plan([(1, entry)], {1: Before("done", shown(ENTRY), 0, NOW)}) == []


@pytest.mark.parametrize(
    ("state", "date", "what"),
    [
        ("waiting", None, "replace"),
        ("archived", NOW - timedelta(days=9), "note"),
        ("archived", None, "note"),
        ("archived", NOW + timedelta(hours=1), "read"),
        ("failed", None, "note"),
        ("done", None, "match"),
    ],
)
def test_what_an_edit_asks_for(state: str, date: datetime | None, what: str) -> None:
    entry = dataclasses.replace(ENTRY, title="Other words", updated=date)
    (made,) = plan([(1, entry)], {1: Before(state, shown(ENTRY), 0, NOW)})
    assert made.what == what


def test_of_an_item_shown_twice_the_first_counts() -> None:
    other = dataclasses.replace(ENTRY, title="Other words")
    assert plan([(1, ENTRY), (1, other)], {1: Before("done", shown(ENTRY), 0, NOW)}) == []
