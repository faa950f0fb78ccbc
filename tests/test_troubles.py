"""Troubles of the program itself: each told once when it lasts, once when it is over, daily while it flaps."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.app import App
from monitor.errors import StoreError
from monitor.store import watches
from monitor.troubles import HOLD, Memory, Say, Trouble, after
from tests.loopback import Reply
from tests.world import World, world

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def told(presence: list[bool], step: timedelta = MINUTE) -> list[tuple[timedelta, Say]]:
    """What is said and when, of a trouble that is looked at every `step`."""
    memory: Memory | None = None
    said = []
    since = NOW
    for number, is_there in enumerate(presence):
        now = NOW + number * step
        since = now if is_there and not (number and presence[number - 1]) else since
        memory, say = after(memory, Trouble("x", since, "t", (), "over") if is_there else None, now)
        if say:
            said.append((now - NOW, say))
    return said


def test_a_blip_is_nobodys_business() -> None:
    assert told([True] * 4 + [False] * 300) == []


def test_what_lasts_is_told_once_and_its_end_once() -> None:
    assert told([True] * 3000 + [False] * 3000) == [(HOLD, "begin"), (3000 * MINUTE + HOLD, "end")]


def test_what_flaps_is_told_once_and_then_daily() -> None:
    said = told(([True] * 7 + [False] * 7) * 3 * 103)  # three days
    assert [say for _, say in said][:2] == ["begin", "end"]
    assert 4 <= len(said) <= 7
    assert {say for _, say in said[2:]} <= {"flaps", "end"}


def test_what_comes_back_and_stands_is_told_again_the_same_day() -> None:
    said = told([True] * 10 + [False] * 10 + [True] * 120)
    assert [say for _, say in said] == ["begin", "end", "begin"]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 400)), max_size=40))
def test_never_more_than_a_few_messages_a_day(stretches: list[tuple[bool, int]]) -> None:
    presence = [is_there for is_there, minutes in stretches for _ in range(minutes)]
    said = told(presence)
    days = len(presence) * MINUTE / timedelta(days=1) + 1
    assert len(said) <= 10 * days
    pairs = pairwise(said)
    assert all(one != other or one == "flaps" for (_, one), (_, other) in pairs), "begin and end alternate"


# ------------------------------------------------------------------------------------------------ the whole way


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.more = "health: {to: [boss, desk]}\nalerts: {to: [hook]}"
        yield made


def mails(here: World) -> list[str]:
    return [str(mail["Subject"]) for mail in here.mails()]


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


def test_a_channel_that_fails_is_told_after_a_quarter_of_an_hour_and_its_return_once(here: World) -> None:
    here.round()
    here.hook_answers = [Reply(503)] * 3
    here.publish("a", "Drones at sea", "Drones were seen at sea today, the coast guard of Merrow said.")
    here.round()
    assert mails(here) == []
    here.round(minutes=16)
    (subject,) = mails(here)
    assert "Channel hook refuses since 22 Nov 12:20" in subject
    text = " ".join(body(here.mails()[0]).split())
    assert "1 message is kept and will be sent" in text
    assert "monitor channels test hook" in text
    for _ in range(4):
        here.round(minutes=60)
    assert len(mails(here)) == 2
    assert "Channel hook works again" in mails(here)[1]


def test_a_channel_that_only_a_person_can_mend_is_told_of_after_the_hold(here: World) -> None:
    async def serve() -> None:
        app = await here.open()
        try:
            await app.once(is_all=True)
            for _ in range(7):
                here.now += timedelta(minutes=1)
                await app.vitals.report()
                await app.deliver()
                minutes.append(len(mails(here)))
        finally:
            await app.close()

    minutes: list[int] = []
    here.round()
    here.hook_answers = [Reply(404, body="no_service")] * 9
    here.publish("a", "Drones at sea", "Drones were seen at sea today, the coast guard of Merrow said.")
    asyncio.run(serve())
    assert minutes == [0, 0, 0, 0, 1, 1, 1]
    assert "Channel hook refuses since 22 Nov 12:10" in mails(here)[0]


def test_no_good_poll_for_a_quarter_of_an_hour_is_told(here: World) -> None:
    async def serve() -> None:
        app = await here.open()
        try:
            await app.once(is_all=True)
            here.site.pages["/feed.xml"] = Reply(500)
            for _ in range(3):
                here.now += timedelta(minutes=10)
                await app.once(is_all=True)
        finally:
            await app.close()

    asyncio.run(serve())
    assert len([one for one in mails(here) if "No feed could be read" in one]) == 1


def test_a_store_that_fails_is_told_without_it(here: World) -> None:
    async def serve() -> None:
        app = await here.open()
        try:
            for _ in range(9):
                await app.care.note_failure(StoreError("the disk of the store is full; make room"))
                here.now += timedelta(minutes=1)
            await app.vitals.report()
            await app.vitals.report()
            await app.deliver()
        finally:
            await app.close()

    asyncio.run(serve())
    assert [one for one in mails(here) if "store" in one.lower()] == [
        "The store cannot be written",
        "The store can be written again",
    ]


def test_what_a_failed_write_would_have_told_is_told_by_the_next(here: World) -> None:
    async def serve() -> None:
        app = await here.open()
        write = app.store.write

        async def undone(function: Callable[..., object], *arguments: object) -> object:
            def work(connection: object) -> None:
                function(connection, *arguments)
                raise StoreError("the disk is full")

            return await write(work)

        try:
            app.vitals.health.also = ("The store can be written again", ())
            app.store.write = undone  # type: ignore[method-assign,assignment]
            with pytest.raises(StoreError):
                await app.vitals.report()
            app.store.write = write  # type: ignore[method-assign]
            await app.vitals.report()
            await app.vitals.report()
            await app.deliver()
        finally:
            await app.close()

    asyncio.run(serve())
    assert mails(here).count("The store can be written again") == 1


async def test_upkeep_does_not_wait_for_the_look_at_the_whole_store(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, is_over = threading.Event(), threading.Event()

    def check(path: Path, *, is_quick: bool) -> None:
        looked.set()
        is_over.wait(20)
        raise StoreError("it is damaged")

    monkeypatch.setattr("monitor.store.backup.check", check)
    app = await here.open()
    try:
        await app.maintain()
        here.now += timedelta(days=8)
        async with asyncio.timeout(10):
            await app.maintain()
        await asyncio.to_thread(looked.wait, 10)
        is_over.set()
        await asyncio.wait(app.beside.tasks, timeout=10)
        assert app.care.damage == "it is damaged"
    finally:
        is_over.set()
        await app.close()


@contextmanager
def another_program_reads(path: Path) -> Iterator[None]:
    """As a report that somebody left open: a read transaction in a process that is none of ours."""
    script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN');"
    script += "c.execute('SELECT count(*) FROM facts').fetchone(); print('reads', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield


def test_a_reader_of_another_program_is_told_of_and_the_journal_is_short_again_when_it_ends(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.worries.JOURNAL_BYTES", 3e6)
    monkeypatch.setattr("monitor.store_care.JOURNAL_BYTES", 1_000_000)

    async def maintain(app: App, times: int) -> None:
        for _ in range(times):
            here.now += timedelta(minutes=1)
            await app.store.write(watches.note, "x", "x" * 1_000_000, here.now)
            await app.maintain()

    async def serve() -> None:
        app = await here.open()
        try:
            await maintain(app, 1)
            with another_program_reads(here.folder / "monitor.db"):
                await maintain(app, 12)
                grown = app.care.journal_bytes()
            await maintain(app, 8)
            assert app.care.journal_bytes() < 3e6 < grown
            await app.deliver()
        finally:
            await app.close()

    asyncio.run(serve())
    told = {str(mail["Subject"]): " ".join(body(mail).split()) for mail in here.mails() if "journal" in mail["Subject"]}
    assert list(told) == ["The store's journal grows", "The store's journal is short again"]
    assert "close that program ('fuser -v' on the store's file names it)" in told["The store's journal grows"]


def test_a_disk_that_fills_is_told_with_its_days_and_a_journal_that_grows_with_its_cause(here: World) -> None:
    here.publish("a", "Rain at sea", "It rained all day long, and no one was out at sea or on the beach.")

    async def serve() -> None:
        app = await here.open()
        try:
            await app.once(is_all=True)
            size = app.care.bytes()
            app.care.free = lambda: (3.0 * size, 0.04)  # type: ignore[method-assign]
            app.care.journal_bytes = lambda: 300_000_000  # type: ignore[method-assign]
            app.care.bytes = lambda: size  # type: ignore[method-assign]
            for _ in range(8):
                await app.vitals.report()
                here.now += timedelta(minutes=1)
            await app.deliver()
        finally:
            await app.close()

    asyncio.run(serve())
    told = {str(mail["Subject"]): " ".join(body(mail).split()) for mail in here.mails()}
    assert "enough for 3 days" in told["The disk of the store is nearly full"]
    assert "300 MB: another program reads the store" in told["The store's journal grows"]
