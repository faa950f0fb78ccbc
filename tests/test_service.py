"""The service as a process: start, first look, reload, a second one, stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.store import feeds, open_store
from tests.loopback import Reply, Request
from tests.test_main_way import text_with
from tests.world import World, article_page, world


class Running:
    """A `monitor run` and what it tells systemd and stderr."""

    def __init__(self, config: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = str(config.parent / "notify")
        self.socket.bind(address)
        self.socket.settimeout(90)
        self.log = (config.parent / "log").open("w+")
        environment = os.environ | {"NOTIFY_SOCKET": address}
        command = [sys.executable, "-m", "monitor", "run", "--config", str(config)]
        self.process = subprocess.Popen(command, stderr=self.log, stdout=subprocess.DEVNULL, env=environment)

    def told_systemd(self, what: str) -> str:
        while True:
            said = self.socket.recv(4096).decode()
            if what in said:
                return said

    def stop(self) -> tuple[int, float]:
        """Exit code and seconds."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20), time.monotonic() - begin

    def logged(self) -> str:
        self.log.seek(0)
        return self.log.read()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        made.now = made.now.now(made.now.tzinfo)
        yield made


@pytest.fixture
def start(here: World) -> Iterator[Callable[[], Running]]:
    started: list[Running] = []

    def begin() -> Running:
        here.serve()
        started.append(Running(here.write()))
        started[-1].told_systemd("READY=1")
        return started[-1]

    yield begin
    for running in started:
        running.process.kill()
        running.process.wait()
        running.socket.close()
        running.log.close()


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """`monitor run` may be called here: it leaves logging and tracebacks of this process as they are."""
    monkeypatch.setattr("monitor.logs.set_up", lambda **_: None)
    monkeypatch.setattr("faulthandler.enable", lambda: None)


def wait_for(condition: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_the_first_round_ends_in_one_summary_a_channel_and_the_stop_is_clean(
    here: World, start: Callable[[], Running], in_this_process: None, capsys: pytest.CaptureFixture[str]
) -> None:
    here.publish("a", "Drones at sea", text_with("Drones were seen."), age_h=1)
    running = start()
    wait_for(lambda: bool(here.hooks and here.slack.messages and here.mails()))
    assert here.bodies()[0]["type"] == "alert.summary"
    assert "Watching 2 watches in 1 feed" in str(here.slack.messages[0])
    with pytest.raises(SystemExit) as second:  # a second one on its store refuses to start
        main(["run", "--config", str(here.folder / "monitor.yaml")])
    assert second.value.code == 1
    assert "held by a running service" in capsys.readouterr().err
    code, seconds = running.stop()
    assert code == 0, running.logged()
    assert seconds < 10
    assert len(here.hooks) == 1
    assert "Traceback" not in running.logged()


def test_with_nothing_found_it_says_so_and_a_broken_edit_leaves_the_old_watchlists_in_force(
    here: World, start: Callable[[], Running]
) -> None:
    here.publish("a", "Rain at sea", text_with("It rained."), age_h=1)
    running = start()
    wait_for(lambda: bool(here.slack.messages))
    assert "No match in 1 article" in str(here.slack.messages[0])
    (here.folder / "watchlists" / "arms.yaml").write_text("watches: [drones, Su-35\nwatch: x")
    running.process.send_signal(signal.SIGHUP)
    running.told_systemd("RELOADING=1")
    assert "not taken" in running.told_systemd("READY=1")
    assert "arms.yaml:" in running.logged()
    (here.folder / "watchlists" / "arms.yaml").write_text("watches: [drones, Su-35, HIMARS]")
    running.process.send_signal(signal.SIGHUP)
    running.told_systemd("READY=1\nSTATUS=1 feeds, 3 watches")
    assert running.process.poll() is None


@pytest.mark.parametrize(("fault", "why"), [("configuration", "arms.yaml"), ("store", "damaged")])
def test_what_cannot_run_never_says_ready(
    here: World,
    fault: str,
    why: str,
    in_this_process: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if fault == "configuration":
        here.watchlist = "watches: [drones"
    if fault == "store":
        (here.folder / "monitor.db").write_bytes(b"not a database " * 1000)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(here.folder / "notify"))
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(here.folder / "notify"))
        with pytest.raises(SystemExit) as exited:
            main(["run", "--config", str(here.write())])
        said = []
        with contextlib.suppress(BlockingIOError):
            while True:
                said.append(systemd.recv(4096).decode())
    assert exited.value.code in (1, 2)
    assert why in capsys.readouterr().err
    assert not [one for one in said if "READY" in one]


def test_a_kill_between_acceptance_and_record_repeats_under_the_same_id(
    here: World, start: Callable[[], Running]
) -> None:
    """The receiver accepts, and the service dies before it can write that down."""
    here.publish("a", "Drones at sea", text_with("Drones were seen."), age_h=1)
    victims: list[Running] = []

    def accept_and_kill(request: Request) -> Reply:
        here.hooks.append(request)
        if len(here.hooks) == 1:
            victims[0].process.kill()
        return Reply(204)

    here.site.pages["/hook"] = accept_and_kill
    victims.append(start())
    victims[0].process.wait(30)
    (here.folder / "notify").unlink()
    start()
    wait_for(lambda: len(here.hooks) == 2)
    assert len({request.headers["webhook-id"] for request in here.hooks}) == 1
    assert here.hooks[0].body == here.hooks[1].body


async def test_a_feed_that_hangs_delays_no_stop_and_has_not_failed(here: World) -> None:
    asked = threading.Event()

    def hang(request: Request) -> Reply:
        asked.set()
        return Reply(body=b"x", delay=25)

    here.site.pages["/feed.xml"] = hang
    app = await here.open()
    await app.poll_due()
    assert await asyncio.to_thread(asked.wait, 20)
    await app.drain(0.2)
    with closing(open_store(here.store_url, create=False)) as store, store.read() as connection:
        (feed,) = feeds.listing(connection)
    assert (feed.failures, feed.last_poll_at, feed.error) == (0, None, "")


def test_a_page_that_is_on_its_way_survives_a_reload(here: World, start: Callable[[], Running]) -> None:
    asked, reloaded = threading.Event(), threading.Event()
    page = article_page("Nothing in the headline", text_with("A Su-35 was seen."))

    def slow(request: Request) -> Reply:
        asked.set()
        reloaded.wait(20)
        return Reply(body=page)

    here.publish("a", "Nothing in the headline", text_with("x"), age_h=1, page=slow)
    here.more = "alerts: {first: alert}"
    running = start()
    assert asked.wait(60)
    config = here.folder / "monitor.yaml"
    config.write_text(config.read_text().replace("per_host: 20", "per_host: 21"))
    running.process.send_signal(signal.SIGHUP)
    running.told_systemd("RELOADING=1")
    assert "not taken" not in running.told_systemd("READY=1")
    reloaded.set()
    wait_for(lambda: any(body["type"] == "alert.created" for body in here.bodies()))
    (article,) = [body["data"]["article"] for body in here.bodies() if body["type"] == "alert.created"]
    assert article["matched_on"] == "full article"
    code, seconds = running.stop()
    assert (code, seconds < 15) == (0, True)
