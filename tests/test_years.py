"""A service over days and years: clocks that are set, daylight saving, long outages, what watches over it."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor import probes, versions
from monitor.alerting.digests import next_digest
from monitor.app import App
from monitor.cli import main
from monitor.config import load
from monitor.daemon import Service
from monitor.errors import InputError, StoreError
from monitor.model import When
from monitor.pulse import ROUND_S, Pulse
from monitor.store import articles, feeds, leases, outbox, push, reports, silences, times, watches
from monitor.store.schema import subscriptions
from tests.loopback import Reply
from tests.news import ARTICLES
from tests.world import World, world

DAY = timedelta(days=1)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def polls(here: World) -> int:
    return here.site.count("/feed.xml")


async def settled(app: App) -> None:
    """Polls that are due have ended."""
    await app.poll_due()
    while app.rounds.busy or app.beside.tasks:  # noqa: ASYNC110  polls end by themselves
        await asyncio.sleep(0.01)


# ------------------------------------------------------------------------------------------------------- clocks


@pytest.mark.parametrize("jump", [DAY, -DAY, 3650 * DAY, -3650 * DAY], ids=["+1d", "-1d", "+10y", "-10y"])
def test_a_clock_that_was_set_makes_no_storm_and_no_stall(here: World, jump: timedelta) -> None:
    async def run() -> None:
        app = await here.open()
        try:
            await settled(app)
            here.now += timedelta(minutes=5)
            before = polls(here)
            here.now += jump
            await app.put_times_right(jump)
            for _ in range(3):
                await settled(app)
            assert polls(here) - before <= 1, "a storm"
            for _ in range(8):
                here.now += timedelta(minutes=10)
                await settled(app)
            assert polls(here) - before >= 1, "a stall"
        finally:
            await app.close()

    asyncio.run(run())


def test_a_machine_without_a_clock_begins_in_1970_and_goes_on_when_it_knows_the_time(here: World) -> None:
    now = here.now
    here.more = 'alerts: {to: [hook], when: "daily 07:30"}'
    here.now = datetime(1970, 1, 1, 0, 2, tzinfo=UTC)

    async def run() -> None:
        app = await here.open()
        try:
            await settled(app)
            here.now = now
            await app.put_times_right(now - datetime(1970, 1, 1, tzinfo=UTC))
            here.publish("a", *ARTICLES[0])
            for _ in range(3):
                here.now += timedelta(hours=1)
                await settled(app)
            here.now += DAY
            await app.maintain()
            await app.deliver()
        finally:
            await app.close()

    asyncio.run(run())
    stories = [alert for body in here.bodies() for alert in body["data"].get("alerts", ())]
    assert len(stories) == 1


async def test_what_a_clock_ahead_left_holds_up_nothing_for_years(here: World) -> None:
    ahead, hour = here.now + 400 * DAY, timedelta(hours=1)
    here.publish("a", *ARTICLES[0])
    app = await here.open()
    try:
        (feed,) = await app.store.look(feeds.everything_active, here.now)
        read = (await app.poller.poll(feed)).new
        with app.store.store.write() as connection:
            leases.claim_articles(connection, read, "another", ahead)
            silences.begin(connection, silences.Subject("everything"), ahead + hour, ahead)
            watches.note(connection, "store checked", True, ahead)
            outbox.add_notice(connection, ("desk", ""), {"title": "x", "lines": []}, ahead, reason="given up: hook")
            sub = {"feed_id": feed.id, "hub": "https://h.example/", "topic": "https://a.example/", "mode": "subscribe"}
            when = {"asked_at": ahead, "verified_at": ahead, "next_at": ahead + 9 * DAY, "expires_at": ahead + 10 * DAY}
            connection.execute(subscriptions.insert().values(token="t", **sub, **when))
            times.put_right(connection, here.now)
        with app.store.store.read() as connection:
            assert articles.left_over(connection, here.now + leases.LEASE, 9, ()) == list(read)
            assert [one.until for one in silences.active(connection, here.now)] == [here.now + hour]
            assert watches.fact(connection, "store checked") == (True, here.now)
            assert reports.last_notice(connection, "given up: hook") == here.now
            kept = push.by_token(connection, "t")
        assert kept is not None
        assert (kept.next_at, kept.expires_at) == (here.now + 9 * DAY, here.now + 10 * DAY)
    finally:
        await app.close()


def test_a_delivery_is_not_given_up_because_the_clock_was_set_forward(here: World) -> None:
    here.more = "alerts: {to: [hook]}"
    here.round()
    here.hook_answers = [Reply(503)] * 2
    here.publish("a", *ARTICLES[0])
    here.round()

    async def run() -> None:
        app = await here.open()
        try:
            here.now += 3650 * DAY
            await app.put_times_right(3650 * DAY)
            await app.deliver()
            here.now += timedelta(hours=2)
            await app.deliver()
        finally:
            await app.close()

    asyncio.run(run())
    assert len(here.hooks) == 3, "refused, refused after the jump, then taken: not given up"


def test_a_digest_comes_once_when_the_clock_is_put_back_over_it(here: World) -> None:
    here.more = 'alerts: {to: [hook], when: "daily 13:00"}'
    here.round()

    async def run() -> None:
        app = await here.open()
        try:
            await app.maintain()
            here.now = here.now.replace(hour=13, minute=5)
            await app.deliver()
            here.now -= timedelta(hours=2)
            await app.put_times_right(timedelta(hours=-2))
            here.publish("a", *ARTICLES[0])
            await app.once(is_all=True)
            for _ in range(4):
                await app.maintain()
                here.now += timedelta(hours=1)
                await app.deliver()
            seen.append(len(digests()))
            here.now += DAY
            await app.deliver()
        finally:
            await app.close()

    def digests() -> list[dict[str, Any]]:
        return [body for body in here.bodies() if body["data"].get("reason") == "digest"]

    seen: list[int] = []
    asyncio.run(run())
    assert seen == [1], "one a local day, whatever is found meanwhile"
    assert [len(body["data"]["alerts"]) for body in digests()] == [0, 1], "what was found then is in the next day's"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"])
@pytest.mark.parametrize("at", ["00:00", "01:45", "02:30"])
def test_a_digest_comes_once_a_local_day_all_the_year_round(zone: str, at: str) -> None:
    when = When("daily", datetime.strptime(at, "%H:%M").time())  # noqa: DTZ007  a local time of day
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    days = []
    while moment < datetime(2027, 1, 1, tzinfo=UTC):
        moment = next_digest(when, zone, moment)
        days.append(moment.astimezone(ZoneInfo(zone)).date())
    assert len(days) == len(set(days))
    assert len(days) in (365, 366)


def test_sixty_hours_without_the_receiver_lose_no_alert(here: World) -> None:
    here.more = "alerts: {to: [hook], at_most: null}"
    here.round()
    down = True
    accepted: list[dict[str, Any]] = []

    def answer(request: Any) -> Reply:
        if not down:
            accepted.append(json.loads(request.body))
        return Reply(503) if down else Reply(204)

    here.site.pages["/hook"] = answer
    for number in range(3):
        here.publish(f"n{number}", *ARTICLES[number])
        here.round(minutes=20 * 60)
    down = False
    here.round(minutes=60)
    titles = {body["data"]["article"]["title"] for body in accepted if body["type"] == "alert.created"}
    hits = {title for title, text in ARTICLES[:3] if "drone" in f"{title} {text}".lower() or "Su-35" in text}
    assert titles >= hits
    assert len(titles) == len([body for body in accepted if body["type"] == "alert.created"])


# ------------------------------------------------------------------------------------------------- watching over


def test_what_hangs_is_named_and_what_only_waits_is_not() -> None:
    pulse = Pulse({"poll": 100.0})
    pulse.beat("polling", 0.0)
    assert pulse.stuck(ROUND_S - 1) == ()
    assert "polling has not come round" in pulse.stuck(ROUND_S + 1)[0]
    pulse.beat("polling", 1000.0)
    with pulse.during("poll", lambda: 900.0):
        assert pulse.stuck(999.0) == ()
        assert "no poll has ended" in pulse.stuck(1001.0)[0]
        with pulse.during("poll", lambda: 1001.0):
            pass
        assert pulse.stuck(1002.0) == (), "another poll ended meanwhile"


@pytest.mark.parametrize("hangs", ["polling", "delivery"])
async def test_a_loop_that_hangs_ends_the_pings(
    here: World, hangs: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(tmp_path / "notify"))
    listener.setblocking(False)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    app = await here.open()
    service = Service(app, lambda: load(str(here.write())))
    try:
        await service._poll()
        await service._deliver()
        await service._watch()
        assert listener.recv(100) == b"WATCHDOG=1"

        async def hang() -> None:
            await asyncio.sleep(3600)

        setattr(app, "poll_due" if hangs == "polling" else "start_delivering", hang)
        stuck = asyncio.create_task(service._poll() if hangs == "polling" else service._deliver())
        await asyncio.sleep(0)
        later = time.monotonic() + ROUND_S + 1
        app.pulse.beat("delivery" if hangs == "polling" else "polling", later)
        monkeypatch.setattr("monitor.daemon.time", SimpleNamespace(monotonic=lambda: later, time=time.time))
        await service._watch()
        with pytest.raises(BlockingIOError):
            listener.recv(100)
        stuck.cancel()
    finally:
        listener.close()
        await app.close()


async def test_a_store_that_fails_is_no_reason_to_be_killed(here: World) -> None:
    app = await here.open()
    service = Service(app, lambda: load(str(here.write())))

    async def fail() -> None:
        raise StoreError("the disk is full")

    app.poll_due = fail  # type: ignore[method-assign]
    try:
        with pytest.raises(StoreError):
            await service._poll()
        assert app.pulse.stuck(time.monotonic()) == ()
    finally:
        await app.close()


async def test_ready_says_when_polls_stopped_and_metrics_hold_no_names(here: World) -> None:
    app = await here.open()
    try:
        await app.once(is_all=True)
        assert (await probes.healthz(app)).status == (await probes.readyz(app)).status == 200
        here.now += timedelta(hours=2)
        answer = await probes.readyz(app)
        assert answer.status == 503
        assert "no poll has gone well for 120 min" in str(answer.body["wrong"])
        text = (await probes.metrics(app)).decode()
        assert 'news_monitor_polls_total{outcome="nothing new"}' in text or "news_monitor_polls_total" in text
        assert "news_monitor_feeds 1.0" in text
        assert "example" not in text.lower()
        assert "127.0.0.1" not in text
    finally:
        await app.close()


async def test_what_waits_for_a_channel_that_is_gone_keeps_nobody_from_being_ready(here: World) -> None:
    app = await here.open()
    try:
        await app.once(is_all=True)
        await app.store.write(outbox.add_notice, ("gone", ""), {"title": "x", "lines": []}, here.now)
        here.now += timedelta(minutes=14)
        assert (await probes.readyz(app)).body["wrong"] == []
        await app.store.write(outbox.add_notice, ("desk", ""), {"title": "x", "lines": []}, here.now)
        here.now += timedelta(minutes=14)
        assert "messages wait longer than ten minutes" in str((await probes.readyz(app)).body["wrong"])
    finally:
        await app.close()


async def test_the_heartbeat_is_asked_through_the_gate(here: World) -> None:
    asked: list[str] = []

    def beat(request: Any) -> Reply:
        asked.append(request.method)
        return Reply(200)

    here.site.pages["/beat"] = beat
    here.more = f'health: {{to: [boss, desk], heartbeat: "{here.site.url("/beat")}"}}'
    app = await here.open()
    try:
        await app.vitals.heartbeat()
    finally:
        await app.close()
    assert asked == ["GET"]


async def test_ticks_come_however_late_and_at_once_after_a_start(here: World) -> None:
    """APScheduler would drop what is a second late, and an interval job first runs after its interval."""
    app = await here.open()
    service = Service(app, lambda: load(str(here.write())))
    done: list[int] = []

    async def tick() -> None:
        done.append(1)

    service._poll = service._deliver = service._maintain = tick  # type: ignore[method-assign]
    service._watch = service._heartbeat = service._tell_editors = tick  # type: ignore[method-assign]
    here.now = datetime.now(UTC)
    try:
        service._schedule()
        for job in service._scheduler.get_jobs():
            assert job.misfire_grace_time is None
            assert job.coalesce
            job.modify(next_run_time=datetime.now(UTC) - timedelta(hours=1))
        await asyncio.sleep(0.3)
        assert len(done) >= 6
    finally:
        service._scheduler.shutdown(wait=False)
        await app.close()


# -------------------------------------------------------------------------------------------------- in words


def test_the_summary_of_its_health_comes_once_a_week(here: World) -> None:
    here.more = "health: {to: [boss, desk], summary: mon 08:00}\nalerts: {to: [hook]}"
    here.round()
    here.publish("a", *ARTICLES[0])
    for days in (7, 1, 6):
        here.round(minutes=days * 24 * 60)
    subjects = [str(mail["Subject"]) for mail in here.mails() if "in a week" in str(mail["Subject"])]
    assert len(subjects) == 2, "of the Mondays 23 November and 30 November"
    part = next(mail for mail in here.mails() if "in a week" in str(mail["Subject"])).get_body(("plain",))
    text = " ".join(str(part.get_content()).split()) if part else ""
    assert "in 90 days about" in text
    assert "Never found anything: Su-35" in text


def test_why_a_watch_is_quiet(here: World, capsys: pytest.CaptureFixture[str]) -> None:
    here.watchlist = "watches:\n  - {name: Both, match: drones AND Tehran}\n  - Su-35\n"
    here.now = datetime.now(UTC)
    here.round()
    here.publish("a", *ARTICLES[0])
    here.round(minutes=0)
    capsys.readouterr()
    with pytest.raises(SystemExit) as exited:
        main(["status", "--why-quiet", "Both", "--config", str(here.folder / "monitor.yaml")])
    said = capsys.readouterr().out
    assert exited.value.code == 0
    assert "last hit    never" in said
    assert "1 came since" in said
    assert "0 in 7 days had all its words, 1 more a part of them" in said
    assert "1 without Tehran; last: " in said
    with pytest.raises(SystemExit) as exited:
        main(["status", "--why-quiet", "Boht", "--config", str(here.folder / "monitor.yaml")])
    assert exited.value.code == 1
    assert "did you mean 'Both'?" in capsys.readouterr().err


def test_check_warns_where_nobody_would_hear_of_a_failing_channel(here: World) -> None:
    here.more = "health: {to: [boss]}"
    assert "one channel only" in str(load(str(here.write())).warnings)
    here.more = "health: {to: [boss, desk]}"
    assert "hears of watches too" in str(load(str(here.write())).warnings)
    here.more = "health: {to: [boss, desk]}\nalerts: {to: [hook]}"
    assert "health.to" not in str(load(str(here.write())).warnings)


def test_a_library_that_is_known_to_be_bad_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    versions.check()
    monkeypatch.setattr("monitor.versions.metadata.version", lambda name: "5.9.9" if name == "lxml" else "99")
    with pytest.raises(InputError, match=r"lxml 5\.9\.9 reads local files .* pip install --upgrade lxml"):
        versions.check()
