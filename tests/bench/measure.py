"""What a command costs: wall, CPU of it and all its descendants, and the most memory that they held together.

Linux only: descendants that outlive their parent become this process's own, so that nothing is left uncounted.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_SAMPLE_S = 0.5


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds and megabytes; `out` is what the command printed."""

    wall_s: float
    cpu_s: float
    memory_mb: float
    out: str = ""
    code: int = 0


def run(command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Cost:
    """Run a command to its end, and the processes that it started to theirs."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    before, start = _children_cpu(), time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **(env or {})}, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    most = _Most(process.pid)
    out, _ = process.communicate()
    wall = time.perf_counter() - start
    most.stop()
    _reap()
    return Cost(wall, _children_cpu() - before, most.mb, out, process.returncode)


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        *(statistics.median(getattr(one, name) for one in costs) for name in ("wall_s", "cpu_s", "memory_mb")),
    )


def line(name: str, cost: Cost, base: Cost | None = None) -> str:
    """One line for the terminal; with `base`, how many times as fast."""
    ratio = f"  {base.wall_s / cost.wall_s:5.1f} times as fast" if base else ""
    return f"{name:28} {cost.wall_s:7.2f} s  CPU {cost.cpu_s:7.2f} s  {cost.memory_mb:6.0f} MB{ratio}"


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap(seconds: float = 5.0) -> None:
    """Wait for orphans of the command; those that do not end by themselves are left."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        left = [int(pid) for pid in _children_of(os.getpid()) if int(pid) not in _KEPT]
        if not left:
            return
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.02)


#: Processes of the bench itself (its servers), which go on.
_KEPT: set[int] = set()


def keep(pid: int) -> None:
    """This child is the bench's own and is not waited for."""
    _KEPT.add(pid)


def _children_of(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return []


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for one in found:
        found += [int(child) for child in _children_of(one)]
    return found


def memory_mb(pids: Sequence[int]) -> float:
    """Their memory together, what they share counted once (proportional set size)."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, StopIteration):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return total / 1024


def cpu_s(pids: Sequence[int]) -> float:
    """Their CPU seconds so far."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class _Most:
    """Looks twice a second how much memory a process and its descendants hold."""

    def __init__(self, pid: int) -> None:
        self.mb = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._look, args=(pid,), daemon=True)
        self._thread.start()

    def _look(self, pid: int) -> None:
        while not self._stopping.wait(_SAMPLE_S):
            self.mb = max(self.mb, memory_mb(family(pid)))

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
