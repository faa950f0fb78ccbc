"""Runs the benches of speed and writes their figures into the README: `python -m tests.bench.table`.

Between its two marks nothing is typed by hand. `--quick` takes fewer feeds, rounds and pages, `--one-round` polls once
beside the other program and not three times.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import cold_poll, footprint, growth, publish_to_alert, reading, startup

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
Row = tuple[str, str, str, str]


def rows(*, is_quick: bool) -> list[Row]:
    """(what, ours, the other's or the floor's, the bar)."""
    start = [_alert(is_quick), *_startup(is_quick), _rest(is_quick)]
    return [*_polls(is_quick), _reading(is_quick), *start, *_growth(is_quick)]


def _polls(is_quick: bool) -> list[Row]:
    count, rounds = 300 if is_quick else 1000, 1 if is_quick or "--one-round" in sys.argv else 3
    found = cold_poll.compare(["ours", "sfeed"], count, rounds)
    (cold, warm), (other, _) = found["ours"], found["sfeed"]
    theirs = f"sfeed_update, 8 jobs: {other.wall_s:.1f} s, {other.cpu_s:.0f} s of CPU"
    times = (("First poll", cold, 6), ("Second poll, nothing new,", warm, 10))
    return [
        (
            f"{name} of {count:,} feeds of 30 entries",
            f"{ours.wall_s:.1f} s, {ours.cpu_s:.0f} s of CPU with the index, {ours.memory_mb:.0f} MB",
            theirs,
            f"{other.wall_s / ours.wall_s:.1f} times as fast (bar {bar})",
        )
        for name, ours, bar in times
    ]


def _reading(is_quick: bool) -> Row:
    pages, mine, theirs = reading.results(40 if is_quick else 200)
    other = f"trafilatura alone: {1000 * theirs / pages:.0f} ms of CPU"
    ours = f"{1000 * mine / pages:.0f} ms of CPU"
    return "A page read, matched, grouped and stored", ours, other, f"{mine / theirs:.2f} times its CPU (bar 1.15)"


def _alert(is_quick: bool) -> Row:
    found = publish_to_alert.results(8 if is_quick else 30)
    p95 = found[min(len(found) - 1, len(found) * 95 // 100)]
    ours = f"median {statistics.median(found):.2f} s, p95 {p95:.2f} s"
    return "From the poll that shows an item to the message", ours, "", "p95 1 s"


def _startup(is_quick: bool) -> list[Row]:
    found = startup.results(2 if is_quick else 5)
    (_, (base, _)), *ours = found.items()
    rows: list[Row] = []
    for name, (wall_s, cpu_s) in ours:
        what, _, bar = name.partition(" (bar ")
        rows.append((what, f"{wall_s:.2f} s, {cpu_s:.2f} s of CPU", f"python alone: {base:.2f} s", bar.rstrip(")")))
    return rows


def _rest(is_quick: bool) -> Row:
    count = 300 if is_quick else 1000
    mb, share, processes, _ = footprint.results(count, 30)
    ours = f"{mb:.0f} MB in {processes} processes, {100 * share:.1f} % of a core"
    return f"At rest with {count:,} feeds", ours, "", "300 MB, 3 % (bar for 5,000 feeds)"


def _growth(is_quick: bool) -> list[Row]:
    sizes = [1000, 10_000, 100_000]
    found = growth.results(sizes)
    return [
        (f"{name[0].upper()}{name[1:]}", " / ".join(f"{ms:.2f}" for ms in times) + " ms", "", "hardly grows")
        for name, times in found.items()
        if "told apart" not in name
    ]


def _machine() -> str:
    sfeed = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "sfeed"], capture_output=True, text=True).stdout
    packages = ", ".join(f"{name} {version(name)}" for name in ("trafilatura", "aiohttp", "SQLAlchemy"))
    python, load = platform.python_version(), os.getloadavg()[0]
    return (
        f"Measured on {datetime.now(UTC):%d %B %Y} with `python -m tests.bench.table`: {os.cpu_count()} cores, load"
        f" {load:.0f} when it ended, Python {python}, SQLite {sqlite3.sqlite_version}, {packages}, sfeed {sfeed}. What"
        " stands beside ours ran in the same run; on a busy machine trust the ratios. The last rows are milliseconds of"
        " CPU at 1,000, 10,000 and 100,000 articles.\n"
    )


def written(found: list[Row]) -> str:
    lines = ["| what | ours | beside it | ratio, bar |", "| --- | --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in found), "", _machine()])


def main() -> None:
    made = written(rows(is_quick="--quick" in sys.argv))
    text = README.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{made}{END}{after}")
    print(made)


if __name__ == "__main__":
    main()
