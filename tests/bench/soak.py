"""Whether anything grows: thousands of feeds over simulated weeks on a fake clock, or an hour in real time.

    python -m tests.bench.soak [--feeds 5000] [--days 21] [--minutes 10] [--real 1h]

Prints a line a day (or every real five minutes): memory, descriptors, threads, file sizes, queues, lag, and what the
time went into. The network is a function; everything behind it is the program's own. After `--minutes` it ends, however
far it came, with the slope of memory over the second half.

Lag is what the same ten milliseconds of sleep took at most (how long the event loop was held up), and how long news
took from first seen to accepted, on average since the line before, in seconds of the clock that is used.
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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from statistics import linear_regression
from typing import Any

from monitor.app import App, utc_now
from monitor.assemble import load_checked
from monitor.fetch.values import Fetched
from monitor.model import Feed, Receipt, Validators
from monitor.store import numbers, open_store

SHOWN = 3  # items of a document
ASLEEP_S = 0.01
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
            words = " ".join(map(" ".join, zip(_words(rng, 80), COMMON * 8, strict=True)))
            words += f" {rng.choice(WATCHED)}" if rng.random() < 0.01 else ""
            at = datetime.fromtimestamp((number - phase) * 86400 / self._a_day, UTC)
            items.append(
                f"<item><title>{' '.join(_words(rng, 7))} {number}</title>"
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


def _words(rng: random.Random, count: int) -> list[str]:
    """Drawn at a tenth of the cost of `choices`, which would be half of all."""
    drawn = rng.randbytes(2 * count)
    return [WORDS[(drawn[at] << 8 | drawn[at + 1]) % len(WORDS)] for at in range(0, 2 * count, 2)]


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


class Lag:
    """How long the event loop was held up at most since it was last asked; measured in the loop."""

    def __init__(self) -> None:
        self._longest = 0.0

    async def measure(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(ASLEEP_S)
            self._longest = max(self._longest, time.perf_counter() - begun - ASLEEP_S)

    def take(self) -> float:
        longest, self._longest = self._longest, 0.0
        return longest


@dataclass
class Line:
    """What was shown last, for what came since; `memory` by line."""

    lag: Lag
    at: float = field(default_factory=time.monotonic)
    cpu: float = field(default_factory=lambda: sum(os.times()[:2]))
    delivered: tuple[float, float] = (0.0, 0.0)
    memory: list[float] = field(default_factory=list)


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
    line = Line(Lag())
    measuring = asyncio.create_task(line.lag.measure())
    print(f"{options.feeds} feeds, each with {options.a_day:g} new articles a day\n{HEAD}", flush=True)
    try:
        await app.begin()
        work = in_real_time(app, end, line) if options.real else simulated(app, now, options, end, line)
        await work(newsroom)
        print(f"memory in the second half: {_slope(line.memory):+.2f} MB a line")
    finally:
        measuring.cancel()
        await app.drain(5)


def simulated(app: App, now: list[datetime], options: argparse.Namespace, end: float, line: Line) -> Any:
    async def work(newsroom: Newsroom) -> None:
        start = now[0]
        for minute in range(0, options.days * 24 * 60 + 1, STEP):
            now[0] = start + timedelta(minutes=minute)
            await settle(app)
            await app.deliver()
            if minute % 30 == 0:
                await app.maintain()
            if minute % (24 * 60) == 0:
                await show(app, newsroom, line, f"day {minute // 1440}")
            if time.monotonic() > end:
                await show(app, newsroom, line, f"day {minute / 1440:.1f}")
                return

    return work


def in_real_time(app: App, end: float, line: Line) -> Any:
    async def work(newsroom: Newsroom) -> None:
        begun = shown = time.monotonic()
        while time.monotonic() < end:
            await settle(app)
            if time.monotonic() - shown > 300 or shown == begun:
                shown = time.monotonic()
                await app.maintain()
                await show(app, newsroom, line, f"{(shown - begun) / 60:.0f} min")
            await app.deliver()
            await asyncio.sleep(1)
        await show(app, newsroom, line, "end")

    return work


HEAD = (
    f"{'':>8} {'polls':>9} {'articles':>9} {'alerts':>7} {'memory':>9} {'workers':>9} {'fds':>5} {'threads':>7} "
    f"{'store':>9} {'journal':>8} {'unread':>6} {'waiting':>7} {'loop':>8} {'told in':>8} {'took':>7} {'CPU':>7}"
)


async def show(app: App, newsroom: Newsroom, line: Line, when: str) -> None:
    found = await app.store.look(numbers.gauges, app.clock())
    await app.vitals.count_delivered()
    alerts = app.metrics._counters["alerts"]._value.get()
    store, journal = (_size(f"{app._file.path}{end}") for end in ("", "-wal"))
    at, cpu, delivered = time.monotonic(), sum(os.times()[:2]), _delivered(app)
    count, seconds = (new - old for new, old in zip(delivered, line.delivered, strict=True))
    line.memory.append(_memory(os.getpid()))
    print(
        f"{when:>8} {newsroom.asked:>9} {found['articles']:>9.0f} {alerts:>7.0f} {line.memory[-1]:>6.0f} MB "
        f"{sum(map(_memory, _children(os.getpid()))):>6.0f} MB {len(os.listdir('/proc/self/fd')):>5} "
        f"{len(os.listdir('/proc/self/task')):>7} {store:>6.0f} MB {journal:>5.0f} MB {found['unread']:>6.0f} "
        f"{found['pending']:>7.0f} {line.lag.take() * 1000:>5.0f} ms {seconds / count if count else 0:>6.1f} s "
        f"{at - line.at:>5.0f} s {cpu - line.cpu:>5.0f} s",
        flush=True,
    )
    line.at, line.cpu, line.delivered = at, cpu, delivered


def _delivered(app: App) -> tuple[float, float]:
    """How many alerts were accepted, and the sum of the seconds since they were first seen."""
    labels = {"stage": "seen_to_delivered"}
    count, seconds = (
        app.metrics.registry.get_sample_value(f"news_monitor_lag_seconds_{name}", labels) for name in ("count", "sum")
    )
    return count or 0.0, seconds or 0.0


def _slope(values: Sequence[float]) -> float:
    """Of the line that fits the second half best."""
    late = values[len(values) // 2 :]
    return linear_regression(range(len(late)), late).slope if len(late) > 1 else 0.0


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
