"""The store: opening it, what makes it refuse, its lock and its schema."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from monitor.errors import StoreError
from monitor.store import Store, open_store
from monitor.store.migrations import HEAD, revisions
from monitor.store.schema import metadata


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/monitor.db"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, create=True)
    yield opened
    opened.close()


def test_the_migrations_make_the_schema(store: Store) -> None:
    def is_ours(thing: object, name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and str(name).startswith("search_"))  # written by hand: it differs by database

    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_head() -> None:
    assert max(revisions()) == HEAD


def test_only_its_owner_may_read_it(store: Store) -> None:
    assert store.path is not None
    assert os.stat(store.path).st_mode & 0o077 == 0


def test_every_connection_has_its_pragmas(store: Store) -> None:
    with store.read() as one, store.read() as other:
        for connection in (one, other):
            said = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
            assert said == ["wal", 2, 1]


def test_a_missing_store_is_not_made_by_a_question(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at .*monitor run"):
        open_store(url, create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="the folder .*nowhere of the store does not exist"):
        open_store(f"sqlite:///{tmp_path}/nowhere/monitor.db", create=True)


def test_a_database_of_another_program_is_refused(url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "monitor.db") as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreError, match="is a database of another program"):
        open_store(url, create=True)


def test_a_newer_schema_is_refused(store: Store, url: str) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version of this program"):
        open_store(url, create=True)


def test_a_damaged_file_is_named_and_left_alone(url: str, tmp_path: Path) -> None:
    (tmp_path / "monitor.db").write_bytes(b"this is no database at all, but long enough" * 100)
    with pytest.raises(StoreError, match="damaged.*restore a backup"):
        open_store(url, create=True)
    assert (tmp_path / "monitor.db").read_bytes().startswith(b"this is no database")


def test_a_second_service_is_refused(store: Store, url: str) -> None:
    assert not store.is_held()
    store.lock()
    second = open_store(url, create=True)
    with pytest.raises(StoreError, match=rf"held by a running service \(pid {os.getpid()}\)"):
        second.lock()
    assert second.is_held()
    second.close()


def test_the_lock_ends_with_its_holder(store: Store, url: str) -> None:
    store.lock()
    store.close()
    second = open_store(url, create=False)
    second.lock()
    second.close()


def test_a_full_disk_ends_in_one_sentence(store: Store) -> None:
    with pytest.raises(StoreError, match="the disk of the store .* is full"), store.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")
        for number in range(1000):
            connection.exec_driver_sql(
                "INSERT INTO stories (title, first_seen, last_seen) VALUES (?, 0, 0)", ("x" * 900 + str(number),)
            )


def test_a_locked_store_ends_in_one_sentence(store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("monitor.store.sqlite", fromlist=["PRAGMAS"]).PRAGMAS, "busy_timeout", 50)
    second = open_store(url, create=False)
    with store.write(), pytest.raises(StoreError, match="locked by another program"), second.write():
        pass
    second.close()


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as connection:
        connection.exec_driver_sql("INSERT INTO stories (title, first_seen, last_seen) VALUES ('x', 0, 0)")
        raise RuntimeError
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM stories").scalar() == 0
