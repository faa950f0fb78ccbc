"""Small tasks for workers that share a way there and back: those that wait while all processes are busy go together.

It must not know what the tasks are.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from monitor.errors import WorkerFailed
from monitor.workers import Workers

T = TypeVar("T")
A = TypeVar("A")
#: What goes to a worker at once: more would keep others waiting behind a document that is slow to read.
_MOST_TOGETHER = 8
_MOST_BYTES = 1_000_000
_TOGETHER_DEADLINE_S = 5.0


@dataclass(frozen=True, slots=True)
class _Task(Generic[A, T]):
    argument: A
    size: int
    waiter: asyncio.Future[T]


class Together(Generic[A, T]):
    """Small tasks of one kind: those that wait while all processes are busy share a way there and back.

    `function` gives a result or an exception for each argument, in order. A group that fails its process is done again
    one by one, so that each has its own deadline and costs only itself.
    """

    def __init__(
        self, workers: Workers, function: Callable[[list[A]], list[T | Exception]], *, deadline_s: float
    ) -> None:
        self._workers = workers
        self._function = function
        self._deadline_s = deadline_s
        self._queue: deque[_Task[A, T]] = deque()
        self._senders: set[asyncio.Task[None]] = set()

    async def run(self, argument: A, size: int) -> T:
        """The result for one argument of about `size` bytes; raises what the function gave, and WorkerFailed."""
        task: _Task[A, T] = _Task(argument, size, asyncio.get_running_loop().create_future())
        self._queue.append(task)
        self._senders = {one for one in self._senders if not one.done()}
        if len(self._senders) <= self._workers.count:  # one more than processes, so that none waits for its next
            self._senders.add(asyncio.ensure_future(self._send_all()))
        return await task.waiter

    async def _send_all(self) -> None:
        while self._queue:
            group = self._next()
            try:
                outcomes = await self._outcomes(group)
            except BaseException as error:
                ended = error if isinstance(error, Exception) else WorkerFailed("the work was ended before it was done")
                _answer(group, [ended] * len(group))
                if not isinstance(error, Exception):
                    raise
            else:
                _answer(group, outcomes)

    def _next(self) -> list[_Task[A, T]]:
        group = [self._queue.popleft()]
        size = group[0].size
        while self._queue and len(group) < _MOST_TOGETHER and size + self._queue[0].size <= _MOST_BYTES:
            group.append(self._queue.popleft())
            size += group[-1].size
        return group

    async def _outcomes(self, group: Sequence[_Task[A, T]]) -> list[T | Exception]:
        if len(group) == 1:
            return [await self._alone(group[0])]
        arguments = [one.argument for one in group]
        try:
            outcomes = await self._workers.run(self._function, arguments, deadline_s=_TOGETHER_DEADLINE_S)
        except WorkerFailed:
            return [await self._alone(one) for one in group]
        return [
            await self._alone(one) if isinstance(outcome, MemoryError) else outcome
            for one, outcome in zip(group, outcomes, strict=True)
        ]

    async def _alone(self, task: _Task[A, T]) -> T | Exception:
        try:
            outcome = (await self._workers.run(self._function, [task.argument], deadline_s=self._deadline_s))[0]
        except Exception as error:
            return error
        return WorkerFailed("the work needed too much memory") if isinstance(outcome, MemoryError) else outcome


def _answer(group: Sequence[_Task[A, T]], outcomes: Sequence[T | Exception]) -> None:
    for task, outcome in zip(group, outcomes, strict=True):
        if task.waiter.done():
            continue
        if isinstance(outcome, Exception):
            task.waiter.set_exception(outcome)
        else:
            task.waiter.set_result(outcome)
