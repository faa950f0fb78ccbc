"""What a service with many feeds takes at rest: `python -m tests.bench.footprint [FEEDS] [SECONDS]`.

`monitor run` on feeds of a loopback address each; when all were polled once and the workers have retired, memory of all
its processes together (what they share counted once) and CPU over a while. Bars: 5,000 feeds, 300 MB, 3 % of a core.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import measure
from tests.bench.cold_poll import MONITOR, ROOT, configure, newsstand

#: Workers retire a minute after their last task.
REST_S = 75.0
LONGEST_S = 900.0


def results(count: int = 5000, seconds: float = 60.0) -> tuple[float, float, int, float]:
    """(MB at rest, share of a core, processes, seconds until all feeds were polled)."""
    folder = Path(tempfile.mkdtemp(prefix="footprint-"))
    with newsstand(count):
        command = [*MONITOR, "run", "--config", str(configure(folder, count))]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as service:
            try:
                begun = time.monotonic()
                while _polled(folder / "monitor.db") < count and time.monotonic() < begun + LONGEST_S:
                    time.sleep(1)
                took = time.monotonic() - begun
                time.sleep(REST_S)
                before = measure.cpu_s(measure.family(service.pid))
                time.sleep(seconds)
                family = measure.family(service.pid)
                return measure.memory_mb(family), (measure.cpu_s(family) - before) / seconds, len(family), took
            finally:
                service.send_signal(signal.SIGTERM)
                service.wait(30)


def _polled(store: Path) -> int:
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as database:
            found = database.execute("SELECT count(*) FROM feeds WHERE last_success_at IS NOT NULL").fetchone()
            return int(found[0])
    except sqlite3.Error:
        return 0


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    count = arguments[0] if arguments else 5000
    mb, share, processes, took = results(*arguments)
    print(f"{count} feeds, all polled once after {took:.0f} s; at rest {mb:.0f} MB in {processes} processes (bar 300)")
    print(f"CPU at rest {100 * share:.1f} % of a core (bar 3; polls that fall due in the meantime are in it)")
