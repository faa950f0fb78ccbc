"""What a service with many feeds takes at rest: `python -m tests.bench.footprint [FEEDS] [SECONDS]`.

`monitor run` on feeds of a loopback address each; when all were polled once, the archive is indexed and workers have
retired, memory of all its processes together (what they share counted once) and CPU over a while. Bars: 5,000 feeds,
300 MB, 3 % of a core.
"""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import measure
from tests.bench.cold_poll import MONITOR, ROOT, configure, newsstand

#: The service, the fork server and multiprocessing's tracker: all others are workers.
AT_REST = 3
LONGEST_S = 900.0


def results(count: int = 5000, seconds: float = 60.0) -> tuple[float, float, int, float]:
    """(MB at rest, share of a core, processes, seconds until all feeds were polled)."""
    folder = Path(tempfile.mkdtemp(prefix="footprint-"))
    with newsstand(count):
        command = [*MONITOR, "run", "--config", str(configure(folder, count))]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as service:
            try:
                begun = time.monotonic()
                _wait(lambda: _count(folder, "feeds WHERE last_success_at IS NOT NULL") == count)
                took = time.monotonic() - begun
                _wait(lambda: _count(folder, "search_queue") == 0)
                print(f"polled after {took:.0f} s, indexed after {time.monotonic() - begun:.0f} s", flush=True)
                _wait(lambda: len(measure.family(service.pid)) <= AT_REST)
                before = measure.cpu_s(measure.family(service.pid))
                time.sleep(seconds)
                family = measure.family(service.pid)
                return measure.memory_mb(family), (measure.cpu_s(family) - before) / seconds, len(family), took
            finally:
                service.send_signal(signal.SIGTERM)
                service.wait(30)


def _wait(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + LONGEST_S
    while not is_so() and time.monotonic() < until:
        time.sleep(1)


def _count(folder: Path, what: str) -> int:
    """How many rows; -1 while there is no store yet."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{folder}/monitor.db?mode=ro", uri=True)) as database:
            return int(database.execute(f"SELECT count(*) FROM {what}").fetchone()[0])
    except sqlite3.Error:
        return -1


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    count = arguments[0] if arguments else 5000
    mb, share, processes, took = results(*arguments)
    print(f"{count} feeds, all polled once after {took:.0f} s; at rest {mb:.0f} MB in {processes} processes (bar 300)")
    print(f"CPU at rest {100 * share:.1f} % of a core (bar 3; polls that fall due in the meantime are in it)")
