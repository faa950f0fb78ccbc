"""A cluster on a real PostgreSQL of its own: members killed and stopped, the server crashed, and what became of it.

    python -m tests.bench.cluster [--feeds 1000] [--seconds 120] [--workers 4]     nothing lost, overlapping or repeated
    python -m tests.bench.cluster --throughput [--feeds 300]                        polls a second by 1, 2 and 4 workers
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import glob
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path

import psycopg

from tests import postgres

CONFIG = """
store: "{store}"
feeds: [feeds.yaml]
watchlists: [watches.yaml]
timezone: UTC
polling: {{every: {every}, per_host_delay: 1s}}
network: {{allow_private: ["127.0.0.0/8"]}}
alerts: {{group: article, first: alert}}
channels:
  hook: {{type: webhook, url: "{hook}"}}
web: {{listen: null}}
"""
ANSWER_S = 0.05
SYLLABLES = [a + b for a, b in itertools.product("bdfgklmnprstvz", "aeiou")]


@dataclass
class Newsroom:
    """Feeds, each on an address of its own, that publish; and the webhook that hears of it."""

    port: int = 0
    items: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    published: dict[str, float] = field(default_factory=dict)
    heard: dict[str, list[tuple[str, float]]] = field(default_factory=lambda: defaultdict(list))  # title -> (id, at)
    ids: Counter[str] = field(default_factory=Counter)
    under_way: dict[str, list[asyncio.StreamReader]] = field(default_factory=lambda: defaultdict(list))
    overlaps: list[str] = field(default_factory=list)
    polls: Counter[str] = field(default_factory=Counter)
    polled_at: list[float] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *lines = head.split("\r\n")
            named = {name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
            body = await reader.readexactly(int(named.get("content-length", 0)))
            method, path, _ = line.split(" ")
            answer = self._hear(named, body) if method == "POST" else await self._feed(path, reader)
            writer.write(answer)
            await writer.drain()
        writer.close()

    def _hear(self, named: dict[str, str], body: bytes) -> bytes:
        said = json.loads(body)
        self.ids[named["webhook-id"]] += 1
        if said["type"] == "alert.created":
            self.heard[said["data"]["article"]["title"]].append((named["webhook-id"], time.monotonic()))
        return b"HTTP/1.1 204 ok\r\nConnection: close\r\n\r\n"

    async def _feed(self, path: str, reader: asyncio.StreamReader) -> bytes:
        if not path.startswith("/feed"):
            return b"HTTP/1.1 404 none\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        here = self.under_way[path]
        if any(not other.at_eof() for other in here):  # one whose caller died is over
            self.overlaps.append(path)
        here.append(reader)
        self.polls[path] += 1
        self.polled_at.append(time.monotonic())
        try:
            await asyncio.sleep(ANSWER_S)
        finally:
            here.remove(reader)
        body = self._document(path).encode()
        head = f"HTTP/1.1 200 ok\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n"
        return (head + "Connection: close\r\n\r\n").encode() + body

    def _document(self, path: str) -> str:
        items = "".join(self.items[path][-15:])
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{path}</title>{items}</channel></rss>'

    def publish(self, path: str, chance: random.Random) -> None:
        words = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(44)]  # so many that no two texts are alike
        title = f"Drone report {len(self.published)} {' '.join(words[:4])}"
        text = " ".join(words[4:])
        link = f"http://127.0.0.1:{self.port}/story/{len(self.published)}"
        self.items[path].append(
            f"<item><title>{title}</title><guid>{link}</guid><link>{link}</link>"
            f"<pubDate>{formatdate()}</pubDate><description>A drone. {text}</description></item>"
        )
        self.published[title] = time.monotonic()


class Cluster:
    """Members as processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []
        self.log = folder.with_name(f"{folder.name}.log")  # what changes in the folder is read again
        self._log = self.log.open("ab")

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "monitor", "run", "--config", str(self.folder / "monitor.yaml")]
        process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        self.running.append(process)
        return process

    def is_well(self) -> bool:
        """True, or the end of the bench: a member that ends by itself is a finding."""
        if any(process.poll() is not None for process in self.running):
            raise SystemExit(self.log.read_text()[-3000:])
        return True

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.running.remove(process)

    def stop(self) -> None:
        for process in self.running:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()
        self.running.clear()


def write(folder: Path, store: str, room: Newsroom, feeds: int, every: str) -> list[str]:
    """The configuration; the feeds' paths."""
    paths = [f"/feed{number}.xml" for number in range(feeds)]
    hosts = [f"127.{1 + number // 60000}.{number // 250 % 250}.{1 + number % 250}" for number in range(feeds)]
    urls = [f"http://{host}:{room.port}{path}" for host, path in zip(hosts, paths, strict=True)]
    lines = [f'  - {{url: "{url}", read: feed}}' for url in urls]
    (folder / "feeds.yaml").write_text("feeds:\n" + "\n".join(lines) + "\n")
    (folder / "watches.yaml").write_text("watches: [drone]\n")
    hook = f"http://127.0.0.1:{room.port}/hook"
    (folder / "monitor.yaml").write_text(CONFIG.format(store=store, hook=hook, every=every))
    return paths


async def trouble(options: argparse.Namespace, folder: Path) -> int:
    """Kill, stop, crash; then count."""
    chance = random.Random(options.seed)
    room = Newsroom()
    server = await asyncio.start_server(room.serve, "0.0.0.0", 0, backlog=1024)
    room.port = server.sockets[0].getsockname()[1]
    with postgres.own(_programs(), "fsync=on") as (url, database):
        paths = write(folder, url, room, options.feeds, "1h")
        cluster = Cluster(folder)
        try:
            for _ in range(options.workers):
                cluster.start()
            patience = 60 + options.feeds / 10
            await _until(lambda: cluster.is_well() and _polled(url) == len(paths), patience, "first polls")
            begun = time.monotonic()
            kills = stops = 0
            stopped: tuple[subprocess.Popen[bytes], float] | None = None
            is_crashed = False
            while (passed := time.monotonic() - begun) < options.seconds:
                for _ in range(max(1, options.feeds // 100)):
                    room.publish(chance.choice(paths), chance)
                await asyncio.sleep(1)
                await asyncio.to_thread(_hasten, url, options.every)
                if stopped is None and stops == 0 and passed > 8:
                    stopped = (chance.choice(cluster.running), time.monotonic())
                    stopped[0].send_signal(signal.SIGSTOP)
                    stops += 1
                elif stopped and time.monotonic() - stopped[1] > options.stopped:
                    stopped[0].send_signal(signal.SIGCONT)
                    stopped = None
                if not is_crashed and passed > options.seconds / 2:
                    is_crashed = True
                    await asyncio.to_thread(database.stop, "immediate")
                    await asyncio.to_thread(database.start, "fsync=on")
                if passed > kills * options.kill_every + options.kill_every:
                    candidates = [one for one in cluster.running if not stopped or one is not stopped[0]]
                    cluster.kill(chance.choice(candidates))
                    cluster.start()
                    kills += 1
            if stopped:
                stopped[0].send_signal(signal.SIGCONT)
            await _until(lambda: _heard_all(url, room, options.every), options.grace, "the last alerts")
            await asyncio.sleep(3)
            left = _left(url)
            fates = _fates(url, [title for title in room.published if title not in room.heard])
        finally:
            cluster.stop()
    return _report(room, kills, stops, left, fates)


def _heard_all(url: str, room: Newsroom, every: int) -> bool:
    _hasten(url, every)
    return len(room.heard) >= len(room.published)


def _hasten(url: str, every: int) -> None:
    """No configuration polls a feed more than once a minute; a bench has no time for that."""
    due = "UPDATE feeds SET next_poll_at = 1 WHERE polled_by IS NULL AND next_poll_at > 1 AND last_poll_at < %s"
    with contextlib.suppress(psycopg.Error), psycopg.connect(url, connect_timeout=2) as connection:
        connection.execute(due, (int((time.time() - every) * 1e6),))


def _report(room: Newsroom, kills: int, stops: int, left: dict[str, int], fates: Sequence[str]) -> int:
    lost = [title for title in room.published if title not in room.heard]
    twice = [title for title, said in room.heard.items() if len({one for one, _ in said}) > 1]
    repeats = sum(count - 1 for count in room.ids.values())
    lags = sorted(said[0][1] - room.published[title] for title, said in room.heard.items())
    print(f"feeds {len(room.polls)}, polls {sum(room.polls.values())}, published {len(room.published)}")
    print(f"killed {kills} times, stopped {stops} times, server crashed once")
    print(f"lost {len(lost)}, overlapping polls {len(room.overlaps)}, told under two ids {len(twice)}")
    print(f"repeats of sends in flight under the same id {repeats}")
    if lags:
        print(f"published to heard: median {lags[len(lags) // 2]:.1f} s, 99 % {lags[int(len(lags) * 0.99)]:.1f} s")
    print("left in the store:", ", ".join(f"{name} {count}" for name, count in left.items()))
    for fate in fates[:10]:
        print("  lost:", fate)
    return bool(lost or room.overlaps or twice)


def _left(url: str) -> dict[str, int]:
    questions = {
        "unread articles": "SELECT count(*) FROM articles WHERE state IN ('waiting', 'edited')",
        "pending deliveries": "SELECT count(*) FROM deliveries WHERE state = 'pending'",
        "members": "SELECT count(*) FROM members",
        "jobs": "SELECT count(*) FROM monitor_jobs.procrastinate_jobs",
    }
    with psycopg.connect(url) as connection:
        return {name: connection.execute(query).fetchone()[0] for name, query in questions.items()}  # type: ignore[index]


def _fates(url: str, titles: Sequence[str]) -> list[str]:
    """What the store knows of what was not heard."""
    question = (
        "SELECT state, relation,"
        " (SELECT string_agg(action || ': ' || why, '; ') FROM decisions WHERE article_id = a.id)"
        " FROM articles AS a WHERE title = %s"
    )
    with psycopg.connect(url) as connection:
        found = [(title, connection.execute(question, (title,)).fetchone()) for title in titles]
    return [f"{title}: {row or 'never seen'}" for title, row in found]


async def throughput(options: argparse.Namespace, folder: Path) -> int:
    """All feeds due at once: how long until each was polled, stored and its news told."""
    for workers in (1, 2, 4):
        room = Newsroom()
        server = await asyncio.start_server(room.serve, "0.0.0.0", 0, backlog=1024)
        room.port = server.sockets[0].getsockname()[1]
        with postgres.own(_programs(), "fsync=on") as (url, _):
            paths = write(folder, url, room, options.feeds, "1h")
            cluster = Cluster(folder)
            try:
                for _ in range(workers):
                    cluster.start()
                await _until(lambda url=url: _polled(url) == options.feeds, 300, "first polls")
                cpu, polls = _cpu(cluster), 0
                begun = time.monotonic()
                while time.monotonic() - begun < options.seconds:
                    with psycopg.connect(url) as connection:
                        done = connection.execute(
                            "UPDATE feeds SET next_poll_at = 0 WHERE next_poll_at > 0 AND polled_by IS NULL"
                        )
                        polls += done.rowcount
                    await asyncio.sleep(1)
                done_polls = sum(room.polls.values()) - len(paths)
                took = time.monotonic() - begun
                spent = _cpu(cluster) - cpu
            finally:
                cluster.stop()
                server.close()
        each = 1000 * spent / max(done_polls, 1)
        print(f"{workers} workers: {done_polls / took:6.1f} polls a second, {each:5.1f} ms CPU of the workers a poll")
    return 0


def _polled(url: str) -> int:
    with contextlib.suppress(psycopg.Error), psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM feeds WHERE last_poll_at IS NOT NULL").fetchone()
        return int(row[0]) if row else 0
    return 0


def _cpu(cluster: Cluster) -> float:
    """Seconds of the members' main processes."""
    ticks = os.sysconf("SC_CLK_TCK")
    spent = 0
    for process in cluster.running:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / ticks


async def _until(is_done: object, seconds: float, what: str) -> None:
    assert callable(is_done)
    end = time.monotonic() + seconds
    while not await asyncio.to_thread(is_done):
        if time.monotonic() > end:
            print(f"waited {seconds:.0f} s in vain for {what}")
            return
        await asyncio.sleep(0.5)


def _programs() -> Path:
    return Path(max(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--throughput", action="store_true")
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--every", type=int, default=20, help="seconds between the polls of a feed")
    parser.add_argument("--kill-every", type=float, default=5)
    parser.add_argument("--stopped", type=float, default=60, help="seconds that a member is stopped")
    parser.add_argument("--grace", type=float, default=180, help="seconds for the last alerts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the members' log")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="monitor-cluster-") as name:
        run = throughput if options.throughput else trouble
        try:
            raise SystemExit(asyncio.run(run(options, Path(name))))
        finally:
            if options.keep:
                print(f"log: {name}.log")
            else:
                Path(f"{name}.log").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
