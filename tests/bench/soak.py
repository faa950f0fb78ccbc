"""Whether anything grows: thousands of feeds over simulated weeks on a fake clock, or an hour in real time.

    python -m tests.bench.soak [--feeds 5000] [--days 21] [--minutes 10] [--real 1h]

Prints a line a day (or every real five minutes): memory, descriptors, threads, file sizes, queues, lag. The network is
a function; everything behind it is the program's own. After `--minutes` it ends, however far it came.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from monitor.app import App, utc_now
from monitor.assemble import load_checked
from monitor.fetch.values import Fetched
from monitor.model import Feed, Receipt, Validators
from monitor.store import numbers, open_store

SHOWN = 10  # items of a document
CONFIG = """
store: sqlite:///monitor.db
feeds: [feeds.yaml]
timezone: UTC
alerts: {to: [hook], at_most: null}
keep: {articles: 9d, evidence: 9d}
web: {listen: null}
polling: {every: %s}
channels:
  hook: {type: console}
"""
_PARTS = ("ba", "den", "for", "gar", "hol", "ki", "lin", "mar", "nor", "per", "ros", "sta", "ten", "ver", "wal", "zim")
#: Enough words that two articles seldom look alike, and a few that are watched.
WORDS = [f"{one}{two}{three}" for one in _PARTS for two in _PARTS for three in _PARTS]
COMMON = ("the", "of", "and", "in", "to", "said", "that", "for", "with", "was")
WATCHED = ("minister treaty", "harbour bridge")
STEP = 15  # simulated minutes


class Newsroom:
    """In the fetcher's place: feeds that have news `a_day` times a day each, and 304 in between."""

    most_of_a_feed = 10_000_000

    def __init__(self, clock: Callable[[], datetime], a_day: float) -> None:
        self._clock = clock
        self._a_day = a_day
        self.asked = 0

    async def feed(self, feed: Feed, validators: Validators = Validators()) -> Fetched:  # noqa: B008  frozen
        self.asked += 1
        now = self._clock()
        phase = int(hashlib.blake2b(feed.url.encode(), digest_size=4).hexdigest(), 16) / 2**32
        newest = int(now.timestamp() / 86400 * self._a_day + phase)
        etag = f'"{newest}"'
        if validators.etag == etag:
            return Fetched(304, feed.url, validators=validators)
        body = self._document(feed.url, newest, phase)
        return Fetched(200, feed.url, body, "application/rss+xml", Validators(etag=etag))

    def _document(self, url: str, newest: int, phase: float) -> bytes:
        items = []
        for number in range(newest, newest - SHOWN, -1):
            rng = random.Random(f"{url} {number}")
            pairs = zip(rng.choices(WORDS, k=80), rng.choices(COMMON, k=80), strict=True)
            words = " ".join(word for pair in pairs for word in pair)
            words += f" {rng.choice(WATCHED)}" if rng.random() < 0.01 else ""
            at = datetime.fromtimestamp((number - phase) * 86400 / self._a_day, UTC)
            items.append(
                f"<item><title>{' '.join(rng.choices(WORDS, k=7))} {number}</title>"
                f"<guid>{url}{number}</guid><link>{url}{number}</link><pubDate>{format_datetime(at)}</pubDate>"
                f"<description>{words}</description></item>"
            )
        about = f"<title>{url}</title><link>{url}</link><language>en</language><description/>"
        head = f"<rss version='2.0'><channel>{about}"
        return f"{head}{''.join(items)}</channel></rss>".encode()

    async def aclose(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


class Receiver:
    """Takes everything."""

    name = kind = "hook"
    of_people = False
    recipients = ("",)

    async def send(self, message: object, *, delivery_id: str, target: str, now: datetime) -> Receipt:
        return Receipt("taken")


def prepare(folder: Path, feeds: int, every: str) -> Path:
    (folder / "watchlists").mkdir()
    (folder / "watchlists" / "w.yaml").write_text('watches: ["minister treaty", "harbour bridge"]\n')
    rows = "".join(f'  - {{url: "https://n{number}.example/", read: feed}}\n' for number in range(feeds))
    (folder / "feeds.yaml").write_text(f"feeds:\n{rows}")
    (folder / "monitor.yaml").write_text(CONFIG % every)
    return folder / "monitor.yaml"


async def settle(app: App) -> None:
    """Poll until nothing more is due."""
    while True:
        await app.poll_due()
        if not app.rounds.busy:
            return
        await asyncio.wait(set(app.rounds.busy.values()))


async def soak(options: argparse.Namespace, folder: Path) -> None:
    config = load_checked(str(prepare(folder, options.feeds, options.every)))
    now = [datetime(2026, 11, 1, tzinfo=UTC)]
    clock = utc_now if options.real else lambda: now[0]
    app = App(config, open_store(config.store, create=True), clock=clock)
    newsroom = Newsroom(clock, options.a_day)
    app.sender.channels = {"hook": Receiver()}
    for part in (app, app.poller.gatherer, app.reader, app.push):
        part.fetcher = newsroom  # type: ignore[assignment]
    end = time.monotonic() + (options.real or options.minutes * 60)
    print(f"{options.feeds} feeds, each with {options.a_day:g} new articles a day\n{HEAD}", flush=True)
    try:
        await app.begin()
        work = in_real_time(app, end) if options.real else simulated(app, now, options, end)
        await work(newsroom)
    finally:
        await app.drain(5)


def simulated(app: App, now: list[datetime], options: argparse.Namespace, end: float) -> Any:
    async def work(newsroom: Newsroom) -> None:
        start = now[0]
        for minute in range(0, options.days * 24 * 60 + 1, STEP):
            now[0] = start + timedelta(minutes=minute)
            await settle(app)
            if minute % 30 == 0:
                await app.maintain()
                await app.deliver()
            if minute % (24 * 60) == 0:
                await show(app, newsroom, f"day {minute // 1440}")
            if time.monotonic() > end:
                await show(app, newsroom, f"day {minute / 1440:.1f}")
                return

    return work


def in_real_time(app: App, end: float) -> Any:
    async def work(newsroom: Newsroom) -> None:
        begun = shown = time.monotonic()
        while time.monotonic() < end:
            await settle(app)
            if time.monotonic() - shown > 300 or shown == begun:
                shown = time.monotonic()
                await app.maintain()
                await show(app, newsroom, f"{(shown - begun) / 60:.0f} min")
            await app.deliver()
            await asyncio.sleep(1)
        await show(app, newsroom, "end")

    return work


HEAD = (
    f"{'':>8} {'polls':>9} {'articles':>9} {'alerts':>7} {'memory':>9} {'workers':>9} {'fds':>5} {'threads':>7} "
    f"{'store':>9} {'journal':>8} {'unread':>6} {'waiting':>7}"
)


async def show(app: App, newsroom: Newsroom, when: str) -> None:
    found = await app.store.look(numbers.gauges, app.clock())
    alerts = app.metrics._counters["alerts"]._value.get()
    store, journal = (_size(f"{app._file.path}{end}") for end in ("", "-wal"))
    print(
        f"{when:>8} {newsroom.asked:>9} {found['articles']:>9.0f} {alerts:>7.0f} {_memory(os.getpid()):>6.0f} MB "
        f"{sum(map(_memory, _children(os.getpid()))):>6.0f} MB {len(os.listdir('/proc/self/fd')):>5} "
        f"{len(os.listdir('/proc/self/task')):>7} {store:>6.0f} MB {journal:>5.0f} MB {found['unread']:>6.0f} "
        f"{found['pending']:>7.0f}",
        flush=True,
    )


def _size(path: str) -> float:
    return os.path.getsize(path) / 1e6 if os.path.exists(path) else 0.0


def _memory(pid: int) -> float:
    """Megabytes of its own (proportional set size where the kernel says it, resident otherwise)."""
    for name, key in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        try:
            lines = Path(f"/proc/{pid}/{name}").read_text().splitlines()
        except OSError:
            continue
        found = next((line.split()[1] for line in lines if line.startswith(key)), None)
        if found:
            return int(found) / 1024
    return 0.0


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else []
        except OSError:
            continue
        if fields and int(fields[1]) == pid:
            found += [int(entry.name), *_children(int(entry.name))]
    return found


def _seconds(text: str) -> float:
    return float(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=5000)
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--a-day", type=float, default=1.0)
    parser.add_argument("--every", default="6h")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--real", type=_seconds, default=0.0)
    options = parser.parse_args()
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(soak(options, Path(folder)))


if __name__ == "__main__":
    main()
