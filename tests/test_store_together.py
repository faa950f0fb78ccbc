"""Writes that share a commit: each stands or falls alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from unittest.mock import ANY

import pytest
from sqlalchemy import Connection, text

from monitor.errors import StoreError
from monitor.store import AsyncStore, Store, aio, articles, bulk, open_store
from monitor.store.aio import MOST_TOGETHER
from monitor.store.schema import stories
from tests.world import START


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url, create=True)
    with opened.write() as connection:
        connection.execute(text("CREATE TABLE notes (note text)"))
    yield opened
    opened.close()


def _note(connection: Connection, note: str) -> str:
    connection.execute(text("INSERT INTO notes VALUES (:note)"), {"note": note})
    if note.startswith("fail"):
        raise ValueError(note)
    if note.startswith("break"):
        connection.execute(text("INSERT INTO nowhere VALUES (1)"))
    return note


def _notes(store: Store) -> list[str]:
    with store.read() as connection:
        return sorted(connection.execute(text("SELECT note FROM notes")).scalars())


async def _write(store: Store, notes: list[str]) -> list[object]:
    shared = AsyncStore(store)
    return await asyncio.gather(*(shared.write(_note, note) for note in notes), return_exceptions=True)


async def test_one_that_fails_undoes_only_itself(store: Store) -> None:
    notes = [f"note {number}" for number in range(9)]
    found = await _write(store, [*notes[:5], "fail", *notes[5:]])
    assert [one for one in found if isinstance(one, str)] == notes
    assert isinstance(found[5], ValueError)
    assert _notes(store) == notes


async def test_one_in_which_the_database_fails_costs_no_other(store: Store) -> None:
    notes = [f"note {number}" for number in range(9)]
    found = await _write(store, [*notes[:5], "break", *notes[5:]])
    assert [one for one in found if isinstance(one, str)] == notes
    assert isinstance(found[5], StoreError)
    assert _notes(store) == notes


async def test_an_error_at_the_end_of_a_commit_keeps_nobody_waiting(store: Store) -> None:
    def fail(connection: Connection) -> None:
        raise ValueError("nobody can be woken")

    store.on_commit = fail
    async with asyncio.timeout(20):
        found = await _write(store, [f"note {number}" for number in range(3 * MOST_TOGETHER)])
    assert {type(one) for one in found} == {ValueError}
    assert _notes(store) == []


async def test_a_commit_that_lasts_leaves_the_rest_to_the_next(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[Connection] = []
    store.on_commit = commits.append
    monkeypatch.setattr(aio, "LONGEST_S", 0.0)
    notes = [f"note {number}" for number in range(5)]
    assert await _write(store, [*notes, "fail"]) == [*notes, ANY]
    assert _notes(store) == notes
    assert len(commits) == len(notes)


async def test_what_somebody_waits_for_is_written_before_what_waits(store: Store) -> None:
    shared, order = AsyncStore(store), list[int]()
    writes = (shared.write, shared.write, shared.write_first)
    await asyncio.gather(*(write(lambda _, which: order.append(which), which) for which, write in enumerate(writes)))
    assert order == [2, 0, 1]


async def test_who_gives_up_waiting_writes_nothing(store: Store) -> None:
    shared = AsyncStore(store)
    first = asyncio.ensure_future(shared.write(_note, "first"))
    second = asyncio.ensure_future(shared.write(_note, "second"))
    await asyncio.sleep(0)
    second.cancel()
    assert await first == "first"
    assert await shared.write(_note, "third") == "third"
    assert _notes(store) == ["first", "third"]


def test_ids_of_many_rows_are_nobody_elses(store: Store) -> None:
    names = ("id", "title", "first_seen", "last_seen")
    with store.write() as connection:
        for _ in range(3):
            ids = bulk.new_ids(connection, stories, 4)
            bulk.insert(connection, stories, names, [(one, "A story", START, START) for one in ids])
        assert len(set(connection.execute(text("SELECT id FROM stories")).scalars())) == 12
        assert articles.before_edits(connection, range(100_000)) == {}
