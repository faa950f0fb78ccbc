"""What may befall a store: killed upgrades, cut journals, flipped bits, a full disk, age; and copies of it."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import event

from monitor.cli import main
from monitor.errors import StoreError
from monitor.match.wanted import Has
from monitor.store import open_store, search
from monitor.store.backup import back_up, check, empty_journal
from monitor.store.engine import Store
from monitor.store.migrations import HEAD
from monitor.store.postgres import PostgresStore
from monitor.store.sqlite import network_filesystem
from tests.loopback import Reply
from tests.news import ARTICLES
from tests.postgres import Server
from tests.world import World, world

MIGRATIONS = Path(open_store.__code__.co_filename).parent / "migrations"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def opened(folder: Path, *, create: bool = False) -> Store:
    return open_store(f"sqlite:///{folder}/monitor.db", create=create)


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def found(path: Path, word: str) -> list[int]:
    store = open_store(f"sqlite:///{path}", create=False)
    with store.read() as connection:
        assert search.unindexed(connection) == 0
        ids = search.candidates(connection, Has(frozenset({word})))
    store.close()
    return ids


def older(folder: Path) -> Path:
    """A store of the first released schema with a feed in it."""
    make_older(opened_empty(folder))
    return folder / "monitor.db"


def make_older(store: Store) -> None:
    with store.write() as connection:
        store.mark(connection, is_migrated=False)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        store.mark(connection, is_migrated=True)
        values = "'https://example.org/', '', TRUE, 1, 1, '', 0, '', 0, FALSE, 0, 0, 0"
        connection.exec_driver_sql(
            "INSERT INTO feeds (url, title, is_active, added_at, next_poll_at, next_reason, failures, error, "
            f'moved_times, is_stuck, entries, "overlaps", gaps) VALUES ({values})'
        )
    store.close()


def opened_empty(folder: Path) -> Store:
    from monitor.store.sqlite import SqliteStore

    return SqliteStore(f"sqlite:///{folder}/monitor.db")


# ------------------------------------------------------------------------------------------------------ copies


def test_a_copy_made_under_writing_is_whole_and_works_in_the_place_of_a_lost_store(here: World) -> None:
    here.round()
    here.publish("a", *ARTICLES[0])
    here.round()
    store = opened(here.folder)
    copy = here.folder / "copy.db"
    with store.write() as connection:  # a transaction that is under way is not in it
        connection.exec_driver_sql("UPDATE feeds SET title = 'half'")
        back_up(here.folder / "monitor.db", copy)
    store.close()
    assert copy.stat().st_mode & 0o077 == 0
    for name in ("monitor.db", "monitor.db-wal", "monitor.db-shm"):
        (here.folder / name).unlink(missing_ok=True)
    shutil.copy(copy, here.folder / "monitor.db")
    told = len(here.hooks)
    here.publish("b", *ARTICLES[1])
    here.round()
    assert len(here.hooks) == told + 1, "the story of before is not told again, the new one is"
    check(here.folder / "monitor.db")


def test_a_copy_never_replaces_a_file(here: World, capsys: pytest.CaptureFixture[str]) -> None:
    here.round()
    target = here.folder / "precious"
    target.write_text("precious")
    with pytest.raises(SystemExit) as exited:
        main(["db", "backup", str(target), "--config", str(here.folder / "monitor.yaml")])
    assert exited.value.code == 1
    assert "exists already" in capsys.readouterr().err
    assert target.read_text() == "precious"
    with pytest.raises(SystemExit) as exited:
        main(["db", "backup", str(here.folder / "new.db"), "--config", str(here.folder / "monitor.yaml")])
    assert "checked" in capsys.readouterr().out
    assert sorted(path.name for path in here.folder.glob("*new.db*")) == ["new.db"]


# ---------------------------------------------------------------------------------------------------- upgrades


def test_an_upgrade_keeps_a_copy_first_and_says_the_way_back(tmp_path: Path) -> None:
    older(tmp_path)
    store = opened(tmp_path, create=True)
    store.close()
    copy = tmp_path / "monitor.db.schema-0001"
    assert str(copy) in store.upgraded
    assert count(copy, "feeds") == count(tmp_path / "monitor.db", "feeds") == 1
    check(copy)


def test_an_older_program_refuses_and_names_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older(tmp_path)
    opened(tmp_path, create=True).close()
    monkeypatch.setattr("monitor.store.migrations.HEAD", "0001")
    monkeypatch.setattr("monitor.store.migrations.revisions", lambda: {"0001"})
    with pytest.raises(StoreError, match=r"newer version of this program .*put the copy .*monitor\.db\.schema-0001"):
        opened(tmp_path, create=True)


def test_what_was_read_out_of_sentences_has_a_column_after_the_upgrade(tmp_path: Path) -> None:
    path = older(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            """
            INSERT INTO stories (id, title, first_seen, last_seen) VALUES (1, '', 1, 1);
            INSERT INTO articles (id, feed_id, url, title, first_seen, is_first_look, state, matched_on, note, story_id,
                tries, rematches) VALUES (1, 1, 'u', 't', 1, 0, 'done', 'headline', '', 1, 0, 0);
            INSERT INTO alerts (id, story_id, article_id, channel, watches, priority, reason, why, outlet, level,
                created_at) VALUES (1, 1, 1, 'desk', '[]', 'normal', 'new story',
                'held until Tue 24 Nov 07:30: new story; digest of desk', '', 0, 1);
            INSERT INTO deliveries (id, channel, target, kind, reason, state, due_at, attempts, failed, in_doubt,
                created_at, answer) VALUES ('msg_1', 'desk', '', 'summary', 'digest', 'pending', 77, 0, 0, 0, 1, '');
            INSERT INTO delivery_alerts VALUES ('msg_1', 1);
            INSERT INTO decisions (article_id, channel, action, why, decided_at) VALUES
                (1, 'desk', 'bundle', 'held until Tue 24 Nov 07:30: new story; digest of desk', 1),
                (1, 'boss', 'archive', 'silenced until 22:00: watch drones', 1), (1, 'hook', 'tell', 'new story', 1);
            """
        )
    opened(tmp_path, create=True).close()
    with closing(sqlite3.connect(path)) as connection:
        said = connection.execute("SELECT why, held_until, cause FROM decisions ORDER BY id").fetchall()
        told = connection.execute("SELECT why, held_until FROM alerts").fetchall()
    assert told == [("new story; digest of desk", 77)]
    silenced = ("silenced until 22:00: watch drones", None, "silenced")
    assert said == [(*told[0], None), silenced, ("new story", None, None)]


@pytest.fixture
def bare_url(postgres: Server) -> Iterator[str]:
    """An empty database on a server."""
    with postgres.database() as name:
        yield postgres.of(name)


KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from monitor.store import open_store

@event.listens_for(Engine, "after_cursor_execute")
def kill(connection, cursor, statement, *rest):
    if "UPDATE alembic_version" in statement and "'0003'" in str((statement, rest)):
        os.kill(os.getpid(), signal.SIGKILL)

open_store(sys.argv[1], create=True)
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_upgrade_that_is_killed_midway_begins_anew(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{older(tmp_path)}"
    else:
        url = request.getfixturevalue("bare_url")
        make_older(PostgresStore(url))
    done = subprocess.run([sys.executable, "-c", KILLED, url], capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with pytest.raises(StoreError, match="older than this program; run 'monitor db upgrade'"):
        open_store(url, create=False)
    store = open_store(url, create=True)
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
        assert connection.exec_driver_sql("SELECT count(*) FROM feeds").scalar() == 1
    store.close()
    if store.path is not None:
        check(store.path)


# ----------------------------------------------------------------------------------------------------- disasters


def test_any_prefix_of_the_journal_opens_with_what_was_acknowledged(tmp_path: Path) -> None:
    """A power cut leaves a prefix of what was written: every one opens, and what a sync had acknowledged is there."""
    store = opened(tmp_path, create=True)
    path, journal = tmp_path / "monitor.db", tmp_path / "monitor.db-wal"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    acknowledged = []
    for number in range(8):
        with store.write() as connection:
            connection.exec_driver_sql(f"INSERT INTO facts VALUES ('{number}', '1', 1)")
        acknowledged.append(journal.stat().st_size)
    whole, base = journal.read_bytes(), path.read_bytes()
    store.close()
    for end in range(0, len(whole) + 1, 512 * 17):
        cut = tmp_path / "cut"
        cut.mkdir(exist_ok=True)
        (cut / "monitor.db").write_bytes(base)
        (cut / "monitor.db-wal").write_bytes(whole[:end])
        (cut / "monitor.db-shm").unlink(missing_ok=True)
        assert count(cut / "monitor.db", "facts") >= sum(size <= end for size in acknowledged)
        check(cut / "monitor.db")


def test_flipped_bytes_are_said_or_harmless_and_never_make_a_new_store(tmp_path: Path) -> None:
    opened(tmp_path, create=True).close()
    path = tmp_path / "monitor.db"
    good = path.read_bytes()
    rng = random.Random(1)
    said = 0
    for _ in range(25):
        bad = bytearray(good)
        for _ in range(64):
            bad[rng.randrange(len(bad))] ^= 0xFF
        path.write_bytes(bytes(bad))
        (tmp_path / "monitor.db-wal").unlink(missing_ok=True)
        try:
            store = opened(tmp_path, create=True)
            store.close()
        except StoreError as error:
            said += "monitor.db" in str(error)
        try:
            check(path)
        except StoreError:
            said += 1
        assert path.stat().st_size >= len(good), "never replaced by an empty one"
    assert said > 25


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ("/dev/sda1 / ext4 rw 0 0\nserver:/x {place} nfs4 rw 0 0\n", "nfs4"),
        ("server:/x / nfs rw 0 0\n/dev/sda1 {place} ext4 rw 0 0\n", None),
        ("//server/x {place} cifs rw 0 0\n", "cifs"),
        ("", None),
    ],
)
def test_a_network_file_system_is_refused(tmp_path: Path, mounts: str, kind: str | None) -> None:
    table = tmp_path / "mounts"
    table.write_text(mounts.format(place=tmp_path))
    assert network_filesystem(tmp_path / "monitor.db", table) == kind


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [("max_page_count=1", "max_page_count=1073741823", "full"), ("query_only=1", "query_only=0", "read-only")],
    ids=["full", "read-only"],
)
def test_a_store_that_takes_nothing_loses_nothing_and_mends_itself(
    here: World, wrong: str, right: str, said: str
) -> None:
    """SQLite is told that there is no room for another page, or to write nothing: what it then says is what it says
    of a full disk, and of one that the system has made read-only."""

    async def serve() -> None:
        app = await here.open()
        pragma = wrong

        def narrow(raw: sqlite3.Connection, *_: object) -> None:
            raw.execute(f"PRAGMA {pragma}")

        try:
            await app.once(is_all=True)
            event.listen(app._file.engine, "checkout", narrow)
            here.publish("long", "Calm at sea", "The harbour was calm. " * 3000)
            here.publish("a", *ARTICLES[0])
            here.now += timedelta(minutes=10)
            with pytest.raises(StoreError, match=said):
                await app.once(is_all=True)
            pragma = right
            here.now += timedelta(minutes=10)
            await app.once(is_all=True)
        finally:
            await app.close()

    here.more = "alerts: {to: [hook]}"
    here.watchlist = "watches: [drones, the]"
    asyncio.run(serve())
    assert here.hooks, "told after all"
    check(here.folder / "monitor.db")


def test_a_reader_that_is_stuck_blocks_no_writer_and_the_journal_is_emptied_when_it_ends(tmp_path: Path) -> None:
    store = opened(tmp_path, create=True)
    path, journal = tmp_path / "monitor.db", tmp_path / "monitor.db-wal"
    with closing(sqlite3.connect(path)) as stuck:
        stuck.execute("BEGIN")
        stuck.execute("SELECT count(*) FROM facts").fetchone()
        for number in range(60):
            with store.write() as connection:
                connection.exec_driver_sql("INSERT INTO facts VALUES (?, ?, 1)", (str(number), "x" * 100_000))
        assert not empty_journal(path)
        grown = journal.stat().st_size
        assert grown > 6_000_000
    assert empty_journal(path)
    assert journal.stat().st_size == 0
    store.close()
    assert count(path, "facts") == 60


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc").exists(), reason="needs a file system with permissions")
def test_a_store_that_another_holds_is_locked_in_words(tmp_path: Path) -> None:
    store = opened(tmp_path, create=True)
    event.listen(store.engine, "checkout", lambda raw, *_: raw.execute("PRAGMA busy_timeout=50"))
    with closing(sqlite3.connect(tmp_path / "monitor.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program"), store.write():
            pass
    store.close()


# ------------------------------------------------------------------------------------------------------------ age


def test_what_is_old_goes_and_is_never_told_again(here: World) -> None:
    here.more = "keep: {articles: 30d}\nalerts: {to: [hook]}"
    here.round()
    here.publish("a", *ARTICLES[0])
    here.publish("b", "Rain at sea", "It rained all day long, and no one was out at sea or on the beach.")
    here.round()
    told = len(here.hooks)

    async def months_later() -> None:
        app = await here.open()
        try:
            here.now += timedelta(days=45)
            await app.maintain()
            await app.once(is_all=True)
        finally:
            await app.close()

    asyncio.run(months_later())
    path = here.folder / "monitor.db"
    assert count(path, "texts") == count(path, "fingerprints") == 1, "what was told is evidence, and stays"
    assert count(path, "articles") == 2
    assert found(path, "beach") == [], "a text that is gone is not found"
    assert len(found(path, "rain")) == 1, "its headline still is"
    assert count(path, "identities") > 0
    here.site.pages["/feed.xml"] = Reply(500)
    here.round(minutes=60)
    here.serve()
    here.round(minutes=60)
    assert len(here.hooks) == told


def test_the_words_of_what_goes_are_found_by_workers(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    here.more = "keep: {articles: 30d}\nalerts: {to: [hook]}"
    here.round()
    here.publish("b", "Rain at sea", "It rained all day long, and no one was out at sea or on the beach.")
    here.round()

    def fail(article: object) -> None:
        raise AssertionError("looked for within the transaction")

    async def months_later() -> None:
        app = await here.open()
        try:
            monkeypatch.setattr("monitor.store.retention.words_of", fail)
            here.now += timedelta(days=45)
            await app.maintain()
            await app.indexer.catch_up()
        finally:
            await app.close()

    asyncio.run(months_later())
    path = here.folder / "monitor.db"
    assert count(path, "texts") == 0
    assert found(path, "beach") == []


def test_evidence_goes_when_that_is_asked_for(here: World) -> None:
    here.more = "keep: {articles: 30d, evidence: 60d}\nalerts: {to: [hook]}"
    here.round()
    here.publish("a", *ARTICLES[0])
    here.round()
    path, left = here.folder / "monitor.db", []

    async def later() -> None:
        app = await here.open()
        try:
            for days in (45, 30):
                here.now += timedelta(days=days)
                await app.maintain()
                left.append(count(path, "texts"))
        finally:
            await app.close()

    asyncio.run(later())
    assert left == [1, 0]
    assert count(path, "hits") > 0
    assert count(path, "alerts") == 1
