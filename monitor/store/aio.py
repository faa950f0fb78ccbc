"""The store from coroutines: transactions run in threads, so that the event loop never waits for a disk.

Writes are one at a time in this process already here, so that they never queue inside SQLite's busy timeout; those that
wait meanwhile share the next commit, each still all or nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from monitor.errors import StoreError
from monitor.store.engine import Store

P = ParamSpec("P")
T = TypeVar("T")

#: Writes that share a commit: a poll's takes a millisecond or two, a commit's fsync as long or longer.
MOST_TOGETHER = 32
#: And for so long together: where machines share the store, the others wait meanwhile.
LONGEST_S = 0.25


@dataclass(frozen=True, slots=True)
class _Write:
    work: Callable[[Connection], Any]
    waiter: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: Any = None
    error: Exception | None = None


class AsyncStore:
    """Runs `function(connection, …)` inside a transaction; raises StoreError and what the function raises."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._queue: deque[_Write] = deque()
        self._urgent: deque[_Write] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def look(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a read transaction."""

        def transact() -> T:
            with self.store.read() as connection:
                return function(connection, *args, **kwargs)

        return await asyncio.to_thread(transact)

    async def write(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a write transaction, committed when this returns. A write that shared the commit with others may be
        run again when the database failed in one of them."""
        return await self._queued(lambda connection: function(connection, *args, **kwargs), self._queue)

    async def write_first(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `write`, before all that wait: for what somebody outside waits for, and is short."""
        return await self._queued(lambda connection: function(connection, *args, **kwargs), self._urgent)

    async def _queued(self, work: Callable[[Connection], T], queue: deque[_Write]) -> T:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        queue.append(_Write(work, waiter))
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._write_all())
        return await waiter

    async def claim(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a transaction beside the other writers, for what is right by itself whatever they write (see Store)."""

        def transact() -> T:
            with self.store.claim() as connection:
                return function(connection, *args, **kwargs)

        return await asyncio.to_thread(transact)

    async def _write_all(self) -> None:
        while self._urgent or self._queue:
            waiting = len(self._urgent) + len(self._queue)
            taken = [(self._urgent or self._queue).popleft() for _ in range(min(waiting, MOST_TOGETHER))]
            group = [one for one in taken if not one.waiter.done()]  # who gave up waiting wants nothing written
            try:
                outcomes = await asyncio.to_thread(self._transact, [one.work for one in group])
            except BaseException as error:
                ended = StoreError(f"the write was ended ({type(error).__name__})")
                _settle(group, [_Outcome(error=ended)] * len(group))
                if not isinstance(error, Exception):
                    raise
                continue  # those that wait behind are not to wait for ever
            _settle(group[: len(outcomes)], outcomes)
            self._queue.extendleft(reversed(group[len(outcomes) :]))

    def _transact(self, group: Sequence[Callable[[Connection], Any]]) -> list[_Outcome]:
        """One transaction for as many as it has time for, the first ones; where the database fails in one of them, each
        of all has a transaction of its own."""
        if len(group) < 2:
            return [self._alone(work) for work in group]
        done: list[_Outcome] | None = None
        is_run = False
        try:
            with self.store.write() as connection:
                done = []
                self._run(connection, group, done)
                is_run = True
            return done
        except Exception as error:  # not all that is done at the end of a commit is the database's
            if done is None or is_run:  # it did not begin, or the commit itself failed
                return [_Outcome(error=error)] * len(done or group)
            return [self._alone(work) for work in group]

    @staticmethod
    def _run(connection: Connection, group: Iterable[Callable[[Connection], Any]], done: list[_Outcome]) -> None:
        end = time.monotonic() + LONGEST_S
        for work in group:
            done.append(_within(connection, work))
            if time.monotonic() > end:
                return

    def _alone(self, work: Callable[[Connection], Any]) -> _Outcome:
        try:
            with self.store.write() as connection:
                return _Outcome(work(connection))
        except Exception as error:
            return _Outcome(error=error)


def _within(connection: Connection, work: Callable[[Connection], Any]) -> _Outcome:
    """One of several writes in a transaction: what it did is undone if it fails, and the others stand."""
    connection.exec_driver_sql("SAVEPOINT one")
    try:
        value = work(connection)
    except (SQLAlchemyError, UnicodeDecodeError):  # the latter is a damaged row: the store says so of each alone
        raise
    except Exception as error:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one")
        return _Outcome(error=error)
    connection.exec_driver_sql("RELEASE SAVEPOINT one")
    return _Outcome(value)


def _settle(group: Sequence[_Write], outcomes: Sequence[_Outcome]) -> None:
    for one, outcome in zip(group, outcomes, strict=True):
        if one.waiter.done():
            continue
        if outcome.error is not None:
            one.waiter.set_exception(outcome.error)
        else:
            one.waiter.set_result(outcome.value)
