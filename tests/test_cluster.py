"""Many machines on one store: leases, turns, jobs, the whole way with two members, and the move from one to many."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, func, select, text

from monitor import store_care
from monitor.assemble import load_checked
from monitor.cli.db import command as db
from monitor.cli.once import command as once
from monitor.cli.run import command as run
from monitor.editing import CALM
from monitor.errors import LeaseLost, MonitorError, StoreError
from monitor.model import Feed
from monitor.shortid import encode
from monitor.store import Store, feeds, leases, members, open_store, outbox, watches
from monitor.store.schema import articles, deliveries, metadata
from monitor.store.schema import feeds as feed_rows
from tests.postgres import Server
from tests.world import World, world

if TYPE_CHECKING:
    from monitor.cluster import Member
    from monitor.cluster.member import Role

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=6)
URLS = ("https://example.org/a", "https://example.org/b")
TEXT = (
    "Drones were seen over the harbour of Port Merrow at noon, said captain Ferrier of the coast guard. "
    "The ministry said on Friday that the sighting would be examined by a committee before any decision is taken. "
    "Officials in the capital declined to comment further, and the opposition asked for a debate in parliament. "
    "The committee is to report within three weeks, after hearing experts from the industry and the armed forces."
)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url, create=True)
    with opened.write() as connection:
        feeds.sync(connection, [Feed(url) for url in URLS], dict.fromkeys(URLS, NOW), NOW)
    yield opened
    opened.close()


def due(connection: Connection) -> list[int]:
    return leases.due_feeds(connection, NOW, 10)


# ------------------------------------------------------------------------------------------------------- leases


def test_a_due_feed_is_claimed_by_one(store: Store) -> None:
    with store.claim() as connection:
        ids = due(connection)
        mine = leases.claim_feeds(connection, ids, "one", NOW)
        assert [state.url for state in mine] == list(URLS)
        assert leases.claim_feeds(connection, ids, "other", NOW) == []
        assert due(connection) == []
        assert [state.url for state in leases.claim_feeds(connection, ids, "other", LATER)] == list(URLS), "it ran out"


def test_a_poll_whose_lease_another_took_over_leaves_nothing(store: Store) -> None:
    with store.write() as connection:
        mine = leases.claim_feeds(connection, due(connection), "stopped", NOW)[0]
        leases.free(connection, "stopped")
        leases.claim_feeds(connection, [mine.id], "other", NOW)
    with pytest.raises(LeaseLost, match="another machine polls it"), store.write() as connection:
        leases.end_poll(connection, mine)
    with store.write() as connection:
        leases.end_poll(connection, replace(mine, polled_by="other"))
        assert mine.id in due(connection)


def test_what_a_member_lost_sight_of_is_free_and_the_rest_stays_its_own(store: Store) -> None:
    with store.write() as connection:
        kept, lost = leases.claim_feeds(connection, due(connection), "one", NOW)
        leases.keep(connection, "one", (kept.id,), (), LATER)
        assert leases.due_feeds(connection, LATER, 10) == [lost.id]


def test_what_is_claimed_while_it_waits_to_say_so_stays_its_own(store: Store) -> None:
    """Under load a write waits for seconds: what it was told to keep is older than what is claimed by now."""
    with store.write() as connection:
        claimed = leases.claim_feeds(connection, due(connection), "one", NOW + timedelta(seconds=3))
        leases.keep(connection, "one", (), (), NOW)
        assert due(connection) == []
        leases.keep(connection, "one", (), (), NOW + timedelta(seconds=4))
        assert due(connection) == [state.id for state in claimed]


def test_a_channel_is_sent_to_by_one_at_a_time(store: Store) -> None:
    with store.write() as connection:
        assert leases.take_channel(connection, "desk", "one", NOW)
        assert leases.take_channel(connection, "desk", "one", NOW)
        assert not leases.take_channel(connection, "desk", "other", NOW)
        leases.leave_channel(connection, "desk", "one")
        assert leases.take_channel(connection, "desk", "other", NOW)


def test_a_duty_passes_on_when_its_holder_is_silent(store: Store) -> None:
    lasts = timedelta(seconds=20)
    with store.write() as connection:
        assert leases.take_duty(connection, "scheduler", "one", NOW, lasts)
        assert not leases.take_duty(connection, "scheduler", "other", NOW + lasts / 2, lasts)
        assert leases.take_duty(connection, "scheduler", "one", NOW + lasts / 2, lasts)
        assert not leases.take_duty(connection, "scheduler", "other", NOW + lasts, lasts)
        assert leases.take_duty(connection, "scheduler", "other", NOW + 2 * lasts, lasts)
        assert not leases.take_duty(connection, "scheduler", "one", NOW + 2 * lasts, lasts), "it woke, and lost it"


def test_what_a_dead_member_had_claimed_is_free(store: Store) -> None:
    with store.write() as connection:
        for name in ("dead", "alive"):
            members.see(connection, members.Member(name, "all", "1", "w", NOW, NOW))
        leases.claim_feeds(connection, due(connection), "dead", NOW)
        outbox.add_notice(connection, ("desk", ""), {"title": "Test", "lines": []}, NOW)
        leases.take_channel(connection, "desk", "dead", NOW)
        assert outbox.claim(connection, "desk", "dead", NOW)
        soon = NOW + timedelta(minutes=1)
        members.see(connection, members.Member("alive", "all", "1", "w", NOW, soon))
        assert members.bury(connection, soon) == ["dead"]
        assert len(due(connection)) == 2
        assert leases.take_channel(connection, "desk", "alive", soon)
        assert not outbox.claim(connection, "desk", "alive", soon), "it may have arrived"
        assert outbox.claim(connection, "desk", "alive", LATER)
        assert [one.name for one in members.listing(connection, soon)] == ["alive"]


def test_a_host_is_asked_in_turns_by_all_together(store: Store) -> None:
    pace = members.Pace(1, timedelta(seconds=1))
    second = timedelta(seconds=1)

    def take(owner: str, at: datetime, *, is_spaced: bool = True) -> timedelta | None:
        return members.take_turn(connection, "example.org", owner, pace, at, is_spaced=is_spaced)

    with store.write() as connection:
        assert take("one", NOW) is None
        assert take("other", NOW + 2 * second), "one at a time"
        members.end_turn(connection, "example.org", "one", NOW + second / 2)
        assert take("other", NOW + second / 2) == second / 2, "and a second apart"
        assert take("other", NOW + second) is None
        assert take("one", NOW + 2 * members.TURN) is None, "whoever dies with a turn keeps nobody waiting"


# --------------------------------------------------------------------------------------------- jobs and members


def refused(command: click.Command, *arguments: str) -> str:
    """The sentence in which a command ends."""
    done = CliRunner().invoke(command, arguments)
    assert isinstance(done.exception, MonitorError), done.output
    return str(done.exception)


def count_jobs(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM monitor_jobs.procrastinate_jobs")).scalar_one())


def test_a_job_is_committed_with_its_rows_or_not_at_all(postgres_url: str) -> None:
    from monitor.cluster import jobs

    store = open_store(postgres_url, create=True)
    defer = jobs.Jobs().defer
    with store.write() as connection:
        jobs.install(connection)
        jobs.install(connection)
        assert defer(connection, jobs.POLL, [1, 2]) == 2
        assert defer(connection, jobs.POLL, [2, 3]) == 1, "one that waits already is enough"
    with pytest.raises(RuntimeError), store.write() as connection:
        defer(connection, jobs.POLL, [4])
        raise RuntimeError
    with store.read() as connection:
        assert count_jobs(connection) == 3
    store.close()


def test_a_job_that_cannot_be_deferred_is_the_stores_failure(postgres_url: str) -> None:
    from monitor.cluster import jobs

    store = open_store(postgres_url, create=True)
    with pytest.raises(StoreError, match="nobody can be woken .* does not exist"), store.write() as connection:
        jobs.install(connection)
        connection.execute(text("DROP FUNCTION monitor_jobs.procrastinate_defer_jobs_v1"))
        jobs.Jobs().defer(connection, jobs.POLL, [1])
    store.close()


@contextlib.asynccontextmanager
async def cluster(here: World, count: int) -> AsyncIterator[list[object]]:
    """Members as `monitor run` would start them, in one process."""
    from monitor.cluster import Member

    config = load_checked(str(here.write()))
    found = [Member(config, open_store(config.store, create=True)) for _ in range(count)]
    for one in found:
        await one.begin()

    async def tick() -> None:
        while True:
            for one in found:
                await one.poll_due()
                await one.start_delivering()
            await asyncio.sleep(0.05)

    ticking = asyncio.create_task(tick())
    try:
        yield list(found)
    finally:
        ticking.cancel()
        for one in found:
            await one.drain(4)


@contextlib.asynccontextmanager
async def one_member(here: World, role: Role = "scheduler") -> AsyncIterator[Member]:
    """A member whose ticks are the test's."""
    from monitor.cluster import Member

    config = load_checked(str(here.write()))
    one = Member(config, open_store(config.store, create=True), role)
    await one.begin()
    try:
        yield one
    finally:
        await one.drain(1)


async def tick(one: Member) -> None:
    """A beat, and the duties that it began."""
    await one.poll_due()
    await asyncio.gather(*one.beside.tasks)


async def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.05)


def test_two_members_tell_each_story_once(tmp_path: Path, postgres_url: str) -> None:
    async def live(here: World) -> None:
        async with cluster(here, 2):
            await until(lambda: len(here.hooks) == 1)  # what is watched, and that nothing was found yet
            for name in ("a", "b"):
                here.publish(name, f"Drones over Port Merrow, report {name}", TEXT)
            with open_store(postgres_url, create=False).write() as connection:
                connection.execute(feed_rows.update().values(next_poll_at=NOW))
            await until(lambda: len(here.hooks) == 2)
            await asyncio.sleep(0.3)
            assert len(here.hooks) == 2, "one story, whoever read which of its reports"
            assert here.site.count("/a") == here.site.count("/b") == 1

    with world(tmp_path, postgres_url) as here:
        asyncio.run(live(here))
        store = open_store(postgres_url, create=False)
        assert not store.is_held()
        with store.read() as connection:
            assert connection.execute(select(func.count()).where(feed_rows.c.polled_by.is_not(None))).scalar() == 0
            assert members.listing(connection, datetime.now(UTC)) == []
        store.close()


LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def seen(store_url: str) -> list[str]:
    store = open_store(store_url, create=False)
    with store.read() as connection:
        found = [one.name for one in members.listing(connection, LONG_AGO)]  # the dead too, if nobody buried them
    store.close()
    return found


def test_a_member_says_that_it_is_there_while_others_keep_all_writers_waiting(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under much load a write waits for longer than a member may be silent."""
    from monitor.cluster import member

    def last_seen() -> datetime:
        with other.read() as connection:
            return members.listing(connection, datetime.now(UTC))[0].seen_at

    async def live(here: World) -> None:
        async with one_member(here) as first:
            with other.write():
                await first.poll_due()
                before = last_seen()
                await first.poll_due()
                assert last_seen() > before
            await tick(first)

    other = open_store(postgres_url, create=False)
    monkeypatch.setattr(member, "BEAT", timedelta())
    monkeypatch.setattr(member, "TIDY", timedelta())
    with world(tmp_path, postgres_url) as here:
        asyncio.run(asyncio.wait_for(live(here), 20))
    other.close()


def test_whoever_comes_back_first_buries_nobody(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage of the store nobody was seen for long."""
    from monitor.cluster import member

    async def live(here: World) -> None:
        async with one_member(here) as first:
            long_ago = datetime.now(UTC) - timedelta(minutes=5)
            with open_store(postgres_url, create=False).write() as connection:
                members.see(connection, members.Member("other", "all", "1", "w", long_ago, long_ago))
            for _ in range(3):
                await tick(first)
            assert "other" in seen(postgres_url)
            monkeypatch.setattr(members, "GONE_AFTER", timedelta(seconds=0.2))
            await asyncio.sleep(0.2)
            await tick(first)  # the gap since the beat before makes it begin anew
            assert "other" in seen(postgres_url)
            while "other" in seen(postgres_url):
                await tick(first)

    monkeypatch.setattr(member, "BEAT", timedelta())
    monkeypatch.setattr(member, "TIDY", timedelta())
    with world(tmp_path, postgres_url) as here:
        asyncio.run(asyncio.wait_for(live(here), 20))


def test_a_takeover_that_fails_is_begun_anew(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.cluster import member

    def run(statement: str) -> list[object]:
        store = open_store(postgres_url, create=False)
        with store.write() as connection:
            done = connection.execute(text(statement))
            found = list(done.scalars()) if done.returns_rows else []
        store.close()
        return found

    async def live(here: World) -> None:
        async with one_member(here) as first, one_member(here) as other:
            run("DELETE FROM feeds")
            run("ALTER TABLE feeds RENAME TO away")
            run("DELETE FROM duties")
            await tick(other)
            run("ALTER TABLE away RENAME TO feeds")
            assert run("SELECT url FROM feeds") == []
            await tick(other)
            assert run("SELECT url FROM feeds") == here.feeds
            await tick(first)

    monkeypatch.setattr(member, "BEAT", timedelta())
    monkeypatch.setattr(member, "REST_S", 0.0)
    with world(tmp_path, postgres_url) as here:
        asyncio.run(asyncio.wait_for(live(here), 20))


def test_an_edit_is_seen_to_by_one_and_not_again_after_a_takeover(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.cluster import member

    def change(work: Callable[[Connection], object]) -> None:
        store = open_store(postgres_url, create=False)
        with store.write() as connection:
            work(connection)
        store.close()

    async def live(here: World) -> None:
        async with one_member(here) as first, one_member(here) as other:
            await first.resume_editing()
            here.watchlist = "watches: [drones, Su-35, convoys]"
            for one in (first, other):
                await one.replace(load_checked(str(here.write())))
            assert [first.editing.has_news, other.editing.has_news] == [True, False]
            await until(lambda: first.editing.is_calm(first.clock() + CALM))
            change(lambda connection: watches.set_floods(connection, {("arms", "convoys"): 200}))
            await tick(other)
            assert other.editing.floods == {("arms", "convoys"): 200}
            change(lambda connection: connection.execute(text("DELETE FROM duties")))
            await tick(other)
            await tick(first)
            assert [first.editing.has_news, other.editing.has_news] == [False, False]

    monkeypatch.setattr(member, "BEAT", timedelta())
    monkeypatch.setattr(member, "TIDY", timedelta())
    with world(tmp_path, postgres_url) as here:
        asyncio.run(asyncio.wait_for(live(here), 30))


def test_a_worker_says_only_of_a_failure_that_lasts_that_the_store_fails(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.cluster import member

    async def live(here: World) -> None:
        async with one_member(here, "worker") as worker:
            await worker.care.note_failure(StoreError("gone"))
            await tick(worker)
            await asyncio.sleep(0.3)
            await worker.care.note_failure(StoreError("gone"))
            assert here.hooks == [], "it worked in between"
            await asyncio.sleep(0.3)
            await worker.care.note_failure(StoreError("gone"))
            assert len(here.hooks) == 1
            await tick(worker)
            await until(lambda: b'sends_total{channel="hook",state="sent"} 1.0' in worker.metrics.text())

    monkeypatch.setattr(member, "BEAT", timedelta())
    monkeypatch.setattr(store_care, "HOLD", timedelta(seconds=0.25))
    with world(tmp_path, postgres_url) as here:
        here.more = "health: {to: hook}"
        asyncio.run(asyncio.wait_for(live(here), 30))
        assert "The store can be written again" in json.dumps(here.bodies())


def test_a_round_beside_a_service_says_so(tmp_path: Path, postgres_url: str) -> None:
    service = open_store(postgres_url, create=True)
    service.lock(is_shared=True)
    with world(tmp_path, postgres_url) as here:
        said = refused(once, "--config", str(here.write()))
    service.close()
    assert "held by a running service" in said


def test_services_share_and_a_round_is_alone(postgres_url: str) -> None:
    one, other = (open_store(postgres_url, create=True) for _ in range(2))
    one.lock(is_shared=True)
    other.lock(is_shared=True)
    assert one.is_held()
    one.close()
    assert other.is_held()
    other.close()
    third = open_store(postgres_url, create=False)
    third.lock()
    with pytest.raises(StoreError, match="held by a running service"):
        other.lock(is_shared=True)
    third.close()
    other.close()


def test_a_lock_that_was_lost_is_taken_again_once_it_is_free(postgres: Server, postgres_url: str) -> None:
    service, copy = (open_store(postgres_url, create=True) for _ in range(2))
    service.lock(is_shared=True)
    here = postgres_url.rpartition("/")[2]
    postgres.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{here}'")
    copy.lock()
    for _ in range(2):
        with pytest.raises(StoreError, match="is held by another"):
            service.keep_lock()
    copy.close()
    asyncio.run(until(lambda: is_kept(service)))  # the server takes its time to end a session
    with pytest.raises(StoreError, match="held by a running service"):
        copy.lock()
    service.close()


def is_kept(store: Store) -> bool:
    try:
        store.keep_lock()
    except StoreError:
        return False
    return True


def test_a_role_needs_a_store_that_is_shared(tmp_path: Path) -> None:
    with world(tmp_path) as here:
        said = refused(run, "--role", "worker", "--config", str(here.write()))
    assert said == "--role worker needs a store that several can share: store: postgresql://…"


# ----------------------------------------------------------------------------------------------------- the move


def move(source: str, target: str) -> None:
    done = CliRunner().invoke(db, ["copy", source, target])
    assert done.exit_code == 0, done.output or done.exception
    assert done.stderr == "", "a bar is for terminals"


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    store = open_store(url, create=False)
    with store.read() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }
    store.close()
    return found


def test_an_installation_moves_and_nothing_is_lost_or_told_again(tmp_path: Path, postgres_url: str) -> None:
    file = f"sqlite:///{tmp_path}/monitor.db"
    with world(tmp_path) as here:
        here.round()
        here.publish("a", "Drones over Port Merrow", TEXT)
        here.round()
        told = len(here.hooks)
        move(file, postgres_url)
        before = contents(file)
        assert contents(postgres_url) == before
        here.store = postgres_url
        here.round()
        assert len(here.hooks) == told, "nothing is told again"
        here.publish("b", "A Su-35 for Ruritania", "A Su-35 landed at the airport of Ruritania on Friday.")
        here.round()
        assert len(here.hooks) == told + 1, "new rows follow those that came"
        back = f"sqlite:///{tmp_path}/back.db"
        move(postgres_url, back)
        assert contents(back) == contents(postgres_url)


def test_a_move_onto_something_or_beside_a_service_is_refused(tmp_path: Path, postgres_url: str) -> None:
    file = f"sqlite:///{tmp_path}/monitor.db"
    with world(tmp_path) as here:
        here.round()
    service = open_store(file, create=False)
    service.lock()
    assert "held by a running service" in refused(db, "copy", file, postgres_url)
    service.close()
    move(file, postgres_url)
    assert "is not empty" in refused(db, "copy", file, postgres_url)


def test_deliveries_stay_pending_over_a_move(tmp_path: Path, postgres_url: str) -> None:
    file = f"sqlite:///{tmp_path}/monitor.db"
    store = open_store(file, create=True)
    with store.write() as connection:
        outbox.add_notice(connection, ("desk", ""), {"title": "Test", "lines": ["nul \x00 byte"]}, NOW)
        assert outbox.claim(connection, "desk", "pid 1", NOW)
    store.close()
    move(file, postgres_url)
    moved = open_store(postgres_url, create=False)
    with moved.write() as connection:
        assert outbox.claim(connection, "desk", "one", NOW), "whoever had it is not here"
        assert connection.execute(select(deliveries.c.in_doubt)).scalar_one(), "but it may have arrived"
        assert connection.execute(select(func.count()).select_from(articles)).scalar_one() == 0
    moved.close()


# ------------------------------------------------------------------------------------------------- asking on PostgreSQL

QUESTIONS = (
    *("status", "alerts", "alerts --held", "alerts --atom", "stories", "deliveries", "feeds", "feeds list --json"),
    *(
        "silence",
        "search drones",
        "backtest --since 30d",
        "suggest",
        f"explain {encode('N', 1)}",
        "explain https://example.org/never",
    ),
)


@pytest.fixture
def told(tmp_path: Path, postgres_url: str) -> Iterator[World]:
    with world(tmp_path, postgres_url) as here:
        here.now = datetime.now(UTC)
        here.round()
        here.publish("a", "Drones over Port Merrow", TEXT)
        here.round(minutes=1)
        yield here


def test_every_question_has_its_answer(told: World, capsys: pytest.CaptureFixture[str]) -> None:
    from monitor.cli import main

    told.hooks.clear()
    unanswered = {}
    for question in QUESTIONS:
        with pytest.raises(SystemExit) as ended:
            main([*question.split(), "--config", str(told.folder / "monitor.yaml")])
        said = capsys.readouterr()
        if ended.value.code not in (0, None, 3) or "cannot be used" in said.err + said.out:
            unanswered[question] = said.err or said.out
    assert unanswered == {}


def test_status_says_what_a_cluster_lacks(told: World, capsys: pytest.CaptureFixture[str]) -> None:
    from monitor.cli import main

    store = open_store(told.store, create=False)
    now = datetime.now(UTC)
    with store.write() as connection:
        members.see(connection, members.Member("one", "worker", "1.1.0", "a", now, now))
        members.see(connection, members.Member("other", "web", "1.1.0", "b", now, now))
        killed = now - members.GONE_AFTER - timedelta(seconds=1)  # and nobody is left who would bury it
        members.see(connection, members.Member("dead", "scheduler", "1.1.0", "a", killed, killed))
    store.close()
    with pytest.raises(SystemExit):
        main(["status", "--config", str(told.folder / "monitor.yaml")])
    said = capsys.readouterr().out
    assert "no machine decides what is due; start 'monitor run --role scheduler' on one" in said
    assert "machines have different watchlists" in said
    assert "no machine polls or delivers" not in said
