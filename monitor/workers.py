"""Worker processes for work on hostile input: each task with a deadline, each process with a memory limit.

A process that is killed costs its one task. It must not know what the tasks are.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import multiprocessing
import multiprocessing.forkserver as forkserver
import multiprocessing.resource_tracker as resource_tracker
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError as PoolCancelled
from concurrent.futures import Future
from concurrent.futures import TimeoutError as PoolTimeout
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from monitor import scratch
from monitor.errors import WorkerFailed

T = TypeVar("T")

#: All that a worker sees of the environment; whatever else stands there may be a secret.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
_KEPT_PREFIXES = ("PYTHON", "COVERAGE_")
_TASKS_EACH = 500  # then a process is replaced: what a C library leaks stays bounded
#: Objects made before a worker looks for garbage: at the usual 700 it spends a sixth of its time on that.
_GARBAGE = 50_000
_starting = threading.Lock()
#: What stops a program from outside; sent to a whole group or unit, it reaches workers before anybody is told to stop.
_STOPPING = frozenset({signal.SIGTERM, signal.SIGHUP})
_STOPPED = frozenset(-number for number in _STOPPING)


class _Stopped(WorkerFailed):
    """Somebody else ended the process."""


class Workers:
    """At most `count` processes (None: one per core) of `memory_mb` MB of address space; started with the
    first task, retired `idle_s` seconds after the last. `preload` names modules that are imported once for
    all of them."""

    def __init__(
        self,
        count: int | None = None,
        *,
        memory_mb: int = 1024,
        idle_s: float = 60.0,
        preload: Sequence[str] = (),
    ) -> None:
        self.count = count or os.cpu_count() or 1
        self._memory_mb = memory_mb
        self._idle_s = idle_s
        self._preload = list(preload)
        self._pool: ProcessPool | None = None
        self._beginning = asyncio.Lock()
        self._is_closed = False
        self._waiting: set[asyncio.Future[Any]] = set()
        self.on_kill: Callable[[], None] = lambda: None  # a process was killed or died
        self._retiring: asyncio.TimerHandle | None = None

    async def run(self, function: Callable[..., T], *args: object, deadline_s: float = 20.0) -> T:
        """Call a module-level function in a worker and give its result; what it raises is raised here.

        Raises WorkerFailed when the process was killed (deadline from the task's start, memory) or died.
        Cancelling kills the process if it has begun.
        """
        if self._retiring is not None:
            self._retiring.cancel()
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            try:
                return await self._run(waiter, function, args, deadline_s)
            except _Stopped:  # once more: whoever stopped it meant the program, not this work
                self._waiting.discard(waiter)
                self._waiting.add(waiter := asyncio.get_running_loop().create_future())
                return await self._run(waiter, function, args, deadline_s)
        except WorkerFailed:
            self.on_kill()
            raise
        finally:
            self._waiting.discard(waiter)
            if not self._waiting:
                self._retiring = asyncio.get_running_loop().call_later(self._idle_s, self._retire)

    async def _run(
        self, waiter: asyncio.Future[T], function: Callable[..., T], args: tuple[object, ...], deadline_s: float
    ) -> T:
        try:
            pool = await self._started()
            future = pool.schedule(function, args=args, timeout=deadline_s)
            future.add_done_callback(lambda done: _hand_over(done, waiter))
            waiter.add_done_callback(lambda done: future.cancel() if done.cancelled() else None)  # type: ignore[no-untyped-call]
            return await waiter
        except (PoolTimeout, TimeoutError) as error:
            raise WorkerFailed(f"the work took longer than {deadline_s:g} s and was ended") from error
        except MemoryError as error:
            raise WorkerFailed(f"the work needed more than {self._memory_mb} MB of memory") from error
        except (ProcessExpired, BrokenProcessPool, PoolCancelled) as error:
            kind = _Stopped if getattr(error, "exitcode", None) in _STOPPED else WorkerFailed
            raise kind("the worker process died before its work was done") from error

    def close(self) -> None:
        """Kill all workers, within two seconds, for good; tasks under way raise WorkerFailed."""
        self._is_closed = True
        if self._retiring is not None:
            self._retiring.cancel()
            self._retiring = None
        pool, self._pool = self._pool, None
        for waiter in list(self._waiting):
            if not waiter.done():
                waiter.set_exception(WorkerFailed("the workers were stopped before this work was done"))
                waiter.exception()  # looked at: who waited for it may be gone too
        if pool is not None:
            _stop(pool)

    def prepare(self) -> None:
        """See the function of this name."""
        prepare(self._preload)

    async def _started(self) -> ProcessPool:
        """The pool, started in a thread: the fork server first imports what it preloads, for a second or two."""
        async with self._beginning:
            if self._pool is None or not self._pool.active:
                self.prepare()
                pool = await asyncio.to_thread(_start, self.count, self._memory_mb)
                if self._is_closed:
                    _stop(pool)
                    raise WorkerFailed("the workers were stopped before this work was done")
                self._pool = pool
            return self._pool

    def _retire(self) -> None:
        """Nothing to do for a while: give the memory back. In a thread, for stopping waits."""
        pool, self._pool = self._pool, None
        if pool is not None:
            threading.Thread(target=_give_back, args=(pool,), daemon=True, name="retiring workers").start()


def prepare(preload: Sequence[str]) -> None:
    """Start the fork server, in milliseconds; it then imports what it preloads while others go on.

    For a moment the environment is not whole, so call it where no other thread reads it: first of all.
    """
    context = multiprocessing.get_context("forkserver")
    with _starting, scratch.as_temporary(), _clean_start():
        context.set_forkserver_preload(list(preload))
        forkserver.ensure_running()


def _hand_over(done: Future[T], waiter: asyncio.Future[T]) -> None:
    """Carry a result from the pool's thread to the loop; nobody may wait there any more."""

    def settle() -> None:
        if waiter.done() or done.cancelled():
            return
        if (error := done.exception()) is not None:
            waiter.set_exception(error)
        else:
            waiter.set_result(done.result())

    with contextlib.suppress(RuntimeError):  # the loop is closed
        waiter.get_loop().call_soon_threadsafe(settle)


def _start(count: int, memory_mb: int) -> ProcessPool:
    context = multiprocessing.get_context("forkserver")
    pool = ProcessPool(
        max_workers=count, max_tasks=_TASKS_EACH, initializer=_prepare, initargs=(memory_mb,), context=context
    )
    assert pool.active  # asking starts the processes here, in the caller's thread
    return pool


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    with contextlib.suppress(Exception):
        pool.join(2)


def _give_back(pool: ProcessPool) -> None:
    """End its processes, and return what this one has freed: glibc keeps freed pages for later, 25 MB after a first
    poll of 1,000 feeds. Other C libraries have no such call."""
    _stop(pool)
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


@contextlib.contextmanager
def _clean_start() -> Iterator[None]:
    """What starts inside inherits neither secrets nor what stops a whole group of processes: the fork server keeps
    this environment and signal mask, and all workers have them from it."""
    hidden = {
        name: os.environ.pop(name)
        for name in list(os.environ)
        if name not in _KEPT and not name.startswith(_KEPT_PREFIXES)
    }
    resource_tracker.ensure_running()  # which the fork server would start, and unblock these signals again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, *_STOPPING})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.environ.update(hidden)


def _prepare(memory_mb: int) -> None:
    """First thing in a worker: die quietly, say nothing, take no more than allowed."""
    import gc
    import logging
    import resource

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in _STOPPING:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    logging.disable(logging.CRITICAL)
    gc.freeze()  # what was imported lives as long as the process
    gc.set_threshold(_GARBAGE, 10, 10)
    size = memory_mb * 1024 * 1024
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
