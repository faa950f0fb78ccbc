"""How soon the program answers, and how soon its first poll leaves: `python -m tests.bench.startup [ROUNDS]`.

Bars: `monitor --help` 0.3 s; `monitor run` until the first request arrives at a feed's server 1.5 s. Beside them
`python -c pass`, whose share no program can save.
"""

from __future__ import annotations

import json
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.bench import measure
from tests.bench.cold_poll import MONITOR, PORT, ROOT, configure, newsstand


def first_poll_s(config: Path, known: int) -> tuple[float, float]:
    """Seconds from the start of `monitor run` to the arrival of its first request, and its CPU until then."""
    begun = time.time()
    with subprocess.Popen(
        [*MONITOR, "run", "--config", str(config)], cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as process:
        try:
            while len(times := _times()) <= known and time.time() < begun + 60:
                time.sleep(0.05)
            cpu = measure.cpu_s([process.pid])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    return times[known] - begun, cpu


def _times() -> list[float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/-/tally") as answer:
        found: list[float] = json.load(answer)["times"]
        return found


def results(rounds: int = 5) -> dict[str, tuple[float, float]]:
    """name -> (seconds, CPU seconds), medians."""
    nothing = measure.median([measure.run([sys.executable, "-c", "pass"]) for _ in range(rounds)])
    helped = measure.median([measure.run([*MONITOR, "--help"], cwd=ROOT) for _ in range(rounds)])
    first = []
    with newsstand(1):
        for _ in range(rounds):
            folder = Path(tempfile.mkdtemp(prefix="startup-"))
            first.append(first_poll_s(configure(folder, 1), len(_times())))
            shutil.rmtree(folder, ignore_errors=True)
    walls, cpus = zip(*first, strict=True)
    return {
        "python -c pass": (nothing.wall_s, nothing.cpu_s),
        "monitor --help (bar 0.3 s)": (helped.wall_s, helped.cpu_s),
        "monitor run to its first poll (bar 1.5 s)": (statistics.median(walls), statistics.median(cpus)),
    }


if __name__ == "__main__":
    for name, (wall_s, cpu) in results(int(sys.argv[1]) if len(sys.argv) > 1 else 5).items():
        print(f"{name:44} {wall_s:6.2f} s  CPU {cpu:5.2f} s")
