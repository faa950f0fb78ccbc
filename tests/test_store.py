"""The store: opening it, what makes it refuse, its lock and its schema."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from monitor import archives
from monitor.errors import StoreError
from monitor.model import Entry, Feed
from monitor.search import Outlets
from monitor.store import Store, articles, feeds, open_store, stories
from monitor.store.migrations import HEAD, revisions
from monitor.store.schema import metadata
from tests import stocked
from tests.matchers import matcher
from tests.postgres import PASSWORD, Server, guarded

#: What only a file has, or only a server.
of_a_file = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def url(store_url: str, tmp_path: Path) -> str:
    """A file is not made yet: to open it is what is tested here."""
    (tmp_path / "monitor.db").unlink(missing_ok=True)
    return store_url


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


@of_a_file
def test_only_its_owner_may_read_it(store: Store) -> None:
    assert store.path is not None
    assert os.stat(store.path).st_mode & 0o077 == 0


@of_a_file
def test_every_connection_has_its_pragmas(store: Store) -> None:
    with store.read() as one, store.read() as other:
        for connection in (one, other):
            said = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
            assert said == ["wal", 2, 1]


@of_a_file
def test_a_missing_store_is_not_made_by_a_question(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at .*monitor run"):
        open_store(url, create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="the folder .*nowhere of the store does not exist"):
        open_store(f"sqlite:///{tmp_path}/nowhere/monitor.db", create=True)


@of_a_file
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


@of_a_file
def test_a_damaged_file_is_named_and_left_alone(url: str, tmp_path: Path) -> None:
    (tmp_path / "monitor.db").write_bytes(b"this is no database at all, but long enough" * 100)
    with pytest.raises(StoreError, match="damaged.*restore a backup"):
        open_store(url, create=True)
    assert (tmp_path / "monitor.db").read_bytes().startswith(b"this is no database")


def test_a_second_service_is_refused(store: Store, url: str) -> None:
    assert not store.is_held()
    store.lock()
    second = open_store(url, create=True)
    with pytest.raises(StoreError, match=rf"held by a running service \(.*pid {os.getpid()}\)"):
        second.lock()
    assert second.is_held()
    second.close()


def test_the_lock_ends_with_its_holder(store: Store, url: str) -> None:
    store.lock()
    store.close()
    second = open_store(url, create=False)
    second.lock()
    second.close()


@of_a_file
def test_a_full_disk_ends_in_one_sentence(store: Store) -> None:
    with pytest.raises(StoreError, match="the disk of the store .* is full"), store.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")
        for number in range(1000):
            connection.exec_driver_sql(
                "INSERT INTO stories (title, first_seen, last_seen) VALUES (?, 0, 0)", ("x" * 900 + str(number),)
            )


@of_a_file
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


# ------------------------------------------------------------------------------------------------- on a server


def test_a_database_of_another_program_on_a_server_is_refused(postgres: Server) -> None:
    with postgres.database() as name:
        with psycopg.connect(postgres.of(name)) as other:
            other.execute("CREATE TABLE recipes (name TEXT)")
        with pytest.raises(StoreError, match=f"{name} is a database of another program"):
            open_store(postgres.of(name), create=True)


def test_a_question_makes_no_tables_on_a_server(postgres: Server) -> None:
    with postgres.database() as name:
        with pytest.raises(StoreError, match="there is no store at .*monitor run"):
            open_store(postgres.of(name), create=False)
        with psycopg.connect(postgres.of(name)) as other:
            assert other.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_a_database_that_does_not_keep_every_letter_is_refused(postgres: Server) -> None:
    name = "monitor_test_latin"
    postgres.run("DROP DATABASE IF EXISTS {}", name)
    postgres.run("CREATE DATABASE {} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", name)
    try:
        with pytest.raises(StoreError, match="keeps texts as LATIN1; make a database with: createdb -E UTF8"):
            open_store(postgres.of(name), create=True)
    finally:
        postgres.run("DROP DATABASE {}", name)


def test_what_keeps_a_server_from_answering_is_one_sentence_without_the_password(postgres: Server) -> None:
    pytest.importorskip("psycopg")
    nobody = "postgresql://monitor:hunter22secret@127.0.0.1:9/monitor"
    with pytest.raises(StoreError, match="127.0.0.1:9/monitor cannot be reached, it is tried again") as refused:
        open_store(nobody, create=True)
    assert "hunter22secret" not in str(refused.value)
    assert "\n" not in str(refused.value)
    with pytest.raises(StoreError, match="there is no database at .*; make it there with: createdb nowhere"):
        open_store(postgres.of("nowhere"), create=True)


def test_the_store_has_no_password_to_show(postgres_url: str) -> None:
    with_password = postgres_url.replace("postgres@", "postgres:hunter22secret@")
    store = open_store(with_password, create=False)
    assert "hunter22secret" not in f"{store!r} {store.url} {store.where} {vars(store)}"
    store.close()


def test_other_processes_open_a_store_that_needs_a_password(
    postgres: Server, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "WORTH_PROCESSES", 1)
    monkeypatch.setattr(stocked, "LANGUAGES", ("en",))
    with guarded(postgres, postgres_url) as url:
        store = open_store(url, create=False)
        stocked.stock(store, datetime.now(UTC))
        archive = archives.StoreArchive(store, Outlets.of([]), processes=2)
        found = list(archive.find(matcher("harbour"), lambda done, of: None))
        shown = f"{store.address} {archive}"
        store.close()
    assert found
    assert PASSWORD not in shown


def test_a_server_that_ends_a_session_is_asked_again(postgres: Server, postgres_url: str) -> None:
    store = open_store(postgres_url, create=False)
    database = postgres_url.rpartition("/")[2]
    with pytest.raises(StoreError), store.write() as connection:
        with psycopg.connect(postgres.url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,))
        connection.exec_driver_sql("SELECT 1")
    with store.write() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    store.close()


def test_one_writer_at_a_time_over_all_machines(postgres_url: str) -> None:
    one, other = (open_store(postgres_url, create=False) for _ in range(2))
    order: list[str] = []
    with one.write():
        waiting = threading.Thread(target=lambda: _write(other, order))
        waiting.start()
        with other.claim() as connection:  # which waits for nobody
            connection.exec_driver_sql("SELECT 1")
        order.append("one")
    waiting.join(10)
    assert order == ["one", "other"]
    one.close()
    other.close()


def _write(store: Store, order: list[str]) -> None:
    with store.write():
        order.append("other")


def test_a_character_that_postgresql_cannot_keep_is_left_out(store: Store) -> None:
    with store.write() as connection:
        number = stories.begin(connection, "A\x00B", datetime.now(UTC))
        title = connection.exec_driver_sql(f"SELECT title FROM stories WHERE id = {number}").scalar()
    assert title in ("A\x00B", "AB")


def test_an_address_of_any_length_is_found(store: Store) -> None:
    long = "https://example.org/" + "".join(chr(97 + number * 7 % 26) + str(number) for number in range(2000))
    now = datetime.now(UTC)
    with store.write() as connection:
        feeds.sync(connection, [Feed("https://example.org/feed")], {"https://example.org/feed": now}, now)
        first = articles.add_waiting(connection, 1, Entry((), long, "Title"), long, now, is_first_look=False)
        (waiting,) = articles.waiting(connection, 5, [first])
    assert waiting.canonical_url == long
