"""Worker processes for work on hostile input: each task with a deadline, each process with a memory limit.

A process that is killed costs its one task. It must not know what the tasks are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """At most `count` processes (None: one per core) of `memory_mb` MB of address space; started with the first task,
    retired `idle_s` seconds after the last."""

    def __init__(self, count: int | None = None, *, memory_mb: int = 1024, idle_s: float = 60.0) -> None:
        raise NotImplementedError

    async def run(self, function: Callable[..., T], *args: object, deadline_s: float = 20.0) -> T:
        """Call a module-level function in a worker and give its result; what it raises is raised here.

        Raises WorkerFailed when the process was killed (deadline from the task's start, memory) or died.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Kill all workers, within two seconds; tasks under way raise WorkerFailed."""
        raise NotImplementedError
