"""A first poll of many feeds, and the second one, beside other programs: `python -m tests.bench.cold_poll`.

    python -m tests.bench.cold_poll [--feeds 1000] [--rounds 3] [--peers sfeed,newsboat,reader] [--fresh 0] [--lag]

Every feed has a loopback address of its own. Programs take turns; figures are medians of whole processes, with all that
they started. The bar: cold at least 6 times as fast as sfeed_update with 8 jobs, warm (all 304) at least 10 times as
fast as that. `--lag` says how long our event loop stood still.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.bench import measure
from tests.bench.measure import Cost
from tests.bench.newsstand import host

ROOT = Path(__file__).parents[2]
PORT = 8395
MONITOR = (sys.executable, "-m", "monitor")


def urls(count: int) -> list[str]:
    return [f"http://{host(number)}:{PORT}/feed.xml" for number in range(count)]


@contextmanager
def newsstand(count: int, fresh: int = 0) -> Iterator[None]:
    command = (sys.executable, "-m", "tests.bench.newsstand", str(PORT), str(count), str(fresh))
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        measure.keep(process.pid)
        assert process.stdout is not None
        print(process.stdout.readline().strip(), flush=True)
        try:
            yield
        finally:
            process.terminate()


def tally() -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/-/tally") as answer:
        found: dict[str, int] = json.load(answer)
        return found


def configure(folder: Path, count: int) -> Path:
    """A configuration as `monitor init` writes it, with this many feeds, one watchlist and a console."""
    lines = "".join(f'  - {{url: "{url}", read: feed}}\n' for url in urls(count))
    (folder / "feeds.yaml").write_text(f"feeds:\n{lines}")
    (folder / "watches.yaml").write_text("name: Bench\nwatches:\n  - Su-35\n  - Shahed\n")
    config = folder / "monitor.yaml"
    config.write_text(
        f"store: sqlite:///{folder}/monitor.db\nfeeds: [feeds.yaml]\nwatchlists: [watches.yaml]\n"
        "channels:\n  console: {type: console}\n"
        "network: {allow_private: [127.0.0.0/8]}\n"
    )
    return config


class Ours:
    """`monitor once --all`: what a first look shows that is old is archived, as built in.

    Its time ends with the last feed stored; the index is maintenance, and is printed apart."""

    def __init__(self, folder: Path, count: int) -> None:
        self.config, self.count, self.store = configure(folder, count), count, folder / "monitor.db"

    def poll(self) -> Cost:
        begun = time.time()
        cost = measure.run([*MONITOR, "once", "--all", "--config", str(self.config)], cwd=ROOT)
        if cost.code:
            print(cost.out[-2000:])
        with sqlite3.connect(self.store) as database:
            stored = database.execute("SELECT max(last_success_at) FROM feeds").fetchone()[0] / 1e6 - begun
        print(f"  ours: the last feed stored after {stored:.2f} s, the round's end {cost.wall_s - stored:.2f} s later")
        return replace(cost, wall_s=stored)

    def check(self) -> str:
        with sqlite3.connect(self.store) as database:
            feeds, articles = (database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _TABLES)
        return f"{feeds} feeds, {articles} articles"


_TABLES = ("feeds WHERE first_success_at IS NOT NULL", "articles")


class Sfeed:
    """sfeed_update with its 8 jobs; the names of feeds are their files."""

    def __init__(self, folder: Path, count: int) -> None:
        self.config, self.folder = folder / "sfeedrc", folder / "sfeeds"
        self.folder.mkdir()
        named = "".join(f'  feed "f{number}" "{url}"\n' for number, url in enumerate(urls(count)))
        self.config.write_text(f'sfeedpath="{self.folder}"\nmaxjobs=8\nfeeds() {{\n{named}}}\n')

    def poll(self) -> Cost:
        return measure.run(["sfeed_update", str(self.config)])

    def check(self) -> str:
        lines = sum(len(path.read_bytes().splitlines()) for path in self.folder.iterdir())
        return f"{len(list(self.folder.iterdir()))} feeds, {lines} entries"


class Newsboat:
    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        (folder / "urls").write_text("\n".join(urls(count)))
        (folder / "config").write_text("reload-threads 8\n")

    def poll(self) -> Cost:
        files = [argument for name, flag in (("urls", "-u"), ("cache.db", "-c"), ("config", "-C")) for argument in
                 (flag, str(self.folder / name))]  # fmt: skip
        return measure.run(["newsboat", *files, "-x", "reload"])

    def check(self) -> str:
        with sqlite3.connect(self.folder / "cache.db") as database:
            return f"{database.execute('SELECT count(*) FROM rss_item').fetchone()[0]} entries"


class Reader:
    """lemon24's reader with 8 workers, its own schedule left aside."""

    def __init__(self, folder: Path, count: int) -> None:
        self.script, self.count, self.database = _READER, count, folder / "reader.db"

    def poll(self) -> Cost:
        return measure.run([sys.executable, "-c", self.script, str(self.database), json.dumps(urls(self.count))])

    def check(self) -> str:
        with sqlite3.connect(self.database) as database:
            return f"{database.execute('SELECT count(*) FROM entries').fetchone()[0]} entries"


_READER = """
import json, sys
from reader import make_reader
reader = make_reader(sys.argv[1])
for url in json.loads(sys.argv[2]):
    reader.add_feed(url, exist_ok=True)
reader.update_feeds(workers=8, scheduled=False)
"""
PROGRAMS: dict[str, Callable[[Path, int], Ours | Sfeed | Newsboat | Reader]] = {
    "ours": Ours, "sfeed": Sfeed, "newsboat": Newsboat, "reader": Reader,
}  # fmt: skip
_LAG = """
import asyncio, sys, time
from monitor.app import open_app
from monitor.logs import set_up
set_up(is_quiet=True)
lags = []
async def probe():
    while True:
        at = time.perf_counter()
        await asyncio.sleep(0.005)
        lags.append(time.perf_counter() - at - 0.005)
async def main():
    app = open_app(sys.argv[1])
    await app.begin()
    task = asyncio.ensure_future(probe())
    await app.once(is_all=True)
    task.cancel()
    await app.close()
asyncio.run(main())
lags.sort()
print(f"event loop stood still: p99 {lags[len(lags) * 99 // 100] * 1000:.0f} ms, most {lags[-1] * 1000:.0f} ms"
      f" ({len(lags)} looks)")
"""


def lag(count: int, folder: Path) -> str:
    config = configure(folder, count)
    cold = measure.run([sys.executable, "-c", _LAG, str(config)], cwd=ROOT).out.strip()
    warm = measure.run([sys.executable, "-c", _LAG, str(config)], cwd=ROOT).out.strip()
    return f"cold: {cold}\nwarm: {warm}"


def floors(count: int) -> dict[str, Cost]:
    """What fetching alone and parsing alone would cost."""
    wanted = json.dumps(urls(count))
    return {
        "raw fetch (aiohttp)": measure.run([sys.executable, "-c", _FETCH, wanted], cwd=ROOT),
        "raw parse (lxml)": measure.run([sys.executable, "-c", _PARSE, str(count)], cwd=ROOT),
    }


_FETCH = """
import asyncio, json, sys, aiohttp
async def main():
    gate = asyncio.Semaphore(100)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True)) as session:
        async def one(url):
            async with gate, session.get(url) as answer:
                return await answer.read()
        await asyncio.gather(*map(one, json.loads(sys.argv[1])))
asyncio.run(main())
"""
_PARSE = """
import sys, time
from lxml import etree
from tests.bench.newsstand import feeds
made = feeds(int(sys.argv[1]))
at = time.process_time()
for body in made:
    etree.fromstring(body, etree.XMLParser(recover=True))
print(time.process_time() - at)
"""


def compare(names: list[str], count: int, rounds: int, fresh: int = 0) -> dict[str, tuple[Cost, Cost]]:
    """program -> (cold, warm), medians of rounds in which they take turns; slow peers have one round."""
    cold: dict[str, list[Cost]] = {name: [] for name in names}
    warm: dict[str, list[Cost]] = {name: [] for name in names}
    with newsstand(count, fresh):
        for round_ in range(rounds):
            for name in names:
                if round_ and name in ("newsboat", "reader"):
                    continue
                folder = Path(tempfile.mkdtemp(prefix="cold-poll-"))
                try:
                    program = PROGRAMS[name](folder, count)
                    before = tally()
                    cold[name].append(program.poll())
                    if name == "ours" or not round_:
                        warm[name].append(program.poll())
                    asked = {status: tally().get(status, 0) - before.get(status, 0) for status in ("200", "304")}
                    print(f"  {name}: cold {cold[name][-1].wall_s:.2f} s, warm {warm[name][-1].wall_s:.2f} s; "
                          f"{program.check()}; answers {asked}", flush=True)  # fmt: skip
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
    return {name: (measure.median(cold[name]), measure.median(warm[name])) for name in names}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fresh", type=int, default=0)
    parser.add_argument("--peers", default="sfeed")
    parser.add_argument("--lag", action="store_true")
    parser.add_argument("--floors", action="store_true")
    options = parser.parse_args()
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""
    if options.lag:
        with newsstand(options.feeds, options.fresh):
            folder = Path(tempfile.mkdtemp(prefix="cold-poll-"))
            print(lag(options.feeds, folder))
            shutil.rmtree(folder)
        return 0
    names = ["ours", *(name for name in options.peers.split(",") if name)]
    found = compare(names, options.feeds, options.rounds, options.fresh)
    if options.floors:
        with newsstand(options.feeds):
            for name, cost in floors(options.feeds).items():
                print(measure.line(name, cost))
    base = found.get("sfeed", (None, None))[0]
    for name, (cold, warm) in found.items():
        print(measure.line(f"{name} cold", cold, base))
        print(measure.line(f"{name} warm", warm, base))
    return 0


if __name__ == "__main__":
    begun = time.time()
    code = main()
    print(f"({time.time() - begun:.0f} s)")
    sys.exit(code)
