"""Rounds of polling, reading and delivering: what is due is begun, and nothing is begun twice.

The stages themselves are polling, reading and deliver; this must not look into what they do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from monitor.beside import Beside
from monitor.deliver import Sender, Sent
from monitor.metrics import Metrics
from monitor.polling import Polled, Poller
from monitor.pulse import Pulse
from monitor.reading import ReadDone, Reader
from monitor.store import AsyncStore, articles, feeds, outbox
from monitor.store.feeds import FeedState

#: Polls under way at once; the fetcher bounds requests, this bounds what waits in memory.
IN_FLIGHT = 200
#: Articles left unread by an earlier run or a failed transaction, taken up again at a time.
LEFT_OVER = 500


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did."""

    polled: tuple[Polled, ...]
    read: ReadDone
    sent: tuple[Sent, ...]

    @property
    def alerts(self) -> int:
        return self.read.alerts

    @property
    def failures(self) -> tuple[str, ...]:
        """What did not work, in words."""
        polls = [f"feed {polled.feed}: {polled.error}" for polled in self.polled if polled.error]
        return (
            *polls,
            *self.read.failures,
            *(f"channel {sent.channel}: {sent.answer}" for sent in self.sent if sent.state != "sent"),
        )


@dataclass(frozen=True, slots=True)
class Stages:
    """What takes the steps, and what counts and watches them."""

    poller: Poller
    reader: Reader
    sender: Sender
    metrics: Metrics
    pulse: Pulse


async def _all(ids: Sequence[int]) -> Sequence[int]:
    return ids


class Rounds:
    """`busy` are the polls under way by feed, `reading` the articles.

    `claim` says which articles are this process's to read; `on_first` is awaited when a feed's first poll is read,
    `on_room` made and run when a poll has ended and others may wait.
    """

    def __init__(self, store: AsyncStore, stages: Stages, beside: Beside, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.stages = stages
        self.beside = beside
        self.clock = clock
        self.busy: dict[int, asyncio.Task[object]] = {}
        self.reading: set[int] = set()
        self.claim: Callable[[Sequence[int]], Awaitable[Sequence[int]]] = _all
        self.on_first: Callable[[int], Awaitable[None]]
        self.on_room: Callable[[], Coroutine[object, object, None]]
        stages.reader.on_read = partial(stages.metrics.count, "articles_read")
        stages.sender.on_sent = lambda sent: stages.metrics.count("sends", sent.channel, sent.state)

    # ------------------------------------------------------------------------------------- beside each other

    async def poll_due(self) -> None:
        """Start every poll that is due and has room; polls run beside each other and are not waited for."""
        room = IN_FLIGHT - len(self.busy)
        if room <= 0 or self.beside.is_draining:
            return
        for state in await self.store.look(feeds.due, self.clock(), room, tuple(self.busy)):
            if state.id not in self.busy:
                self.busy[state.id] = self.beside.spawn(self.poll(state))

    async def poll(self, state: FeedState) -> None:
        """Poll a feed that is marked as busy, and read what is new."""
        try:
            with self.stages.pulse.during("poll", time.monotonic):
                polled = await self.stages.poller.poll(state)
        finally:
            del self.busy[state.id]
        self._count(polled)
        if len(self.busy) >= IN_FLIGHT - 1:  # there was no room: others may wait
            self.beside.spawn(self.on_room())
        await self.read(polled.new)
        if state.last_poll_at is None:  # a second poll that is quicker than the first one's reading ends no round
            await self.on_first(state.id)

    def _count(self, polled: Polled) -> None:
        metrics = self.stages.metrics
        metrics.count("polls", "failed" if polled.error else "new" if polled.new else "nothing new")
        metrics.count("articles_new", by=len(polled.new) + polled.archived)

    def read_soon(self, ids: Iterable[int]) -> None:
        self.beside.spawn(self.read(ids))

    async def read(self, ids: Iterable[int]) -> ReadDone:
        """Read what nobody reads yet."""
        mine = [article for article in ids if article not in self.reading]
        self.reading.update(mine)  # before they are claimed: what nobody reads is freed
        try:
            claimed = await self.claim(mine) if mine else ()
            self.reading.difference_update(set(mine) - set(claimed))
            mine = list(claimed)  # who got the others holds them by now
            done = await self.stages.reader.read(claimed) if claimed else ReadDone()
            self.stages.metrics.count("alerts", by=done.alerts)
            return done
        finally:
            self.reading.difference_update(mine)

    async def left_over(self) -> list[int]:
        """Articles that an earlier run, or a transaction that failed, left unread."""
        return await self.store.look(articles.left_over, self.clock(), LEFT_OVER, tuple(self.reading))

    async def is_anything_due(self) -> bool:
        """Whether a message is to be sent now."""
        return bool(await self.store.look(outbox.due_channels, self.clock(), tuple(self.stages.sender.channels)))

    async def deliver(self) -> list[Sent]:
        """Send what is due."""
        return [] if self.beside.is_draining else await self.stages.sender.deliver_due()

    # -------------------------------------------------------------------------------------------- waited for

    async def poll_and_read(self, most: int, *, is_all: bool) -> tuple[tuple[Polled, ...], ReadDone]:
        """Poll what is due (at `most` so many feeds) or everything, and read what is new or was left."""
        now = self.clock()
        if is_all:
            states = await self.store.look(feeds.everything_active, now)
        else:
            states = await self.store.look(feeds.due, now, most)
        left = await self.read(await self.left_over())
        gate = asyncio.Semaphore(IN_FLIGHT)
        done = await asyncio.gather(*(self._one(state, gate) for state in states))
        polled = tuple(one for one, _ in done)
        return polled, sum((read for _, read in done), left + await self._look_first(states, polled))

    async def _one(self, state: FeedState, gate: asyncio.Semaphore) -> tuple[Polled, ReadDone]:
        async with gate:
            polled = await self.stages.poller.poll(state)
            return polled, ReadDone() if _is_first_look(state) else await self.read(polled.new)

    async def _look_first(self, states: Sequence[FeedState], polled: Sequence[Polled]) -> ReadDone:
        """What feeds had before they were watched is told together, and read when all have been polled."""
        shown = [one.new for state, one in zip(states, polled, strict=True) if _is_first_look(state)]
        ids = [article for new in shown for article in new]
        done = ReadDone()
        for start in range(0, len(ids), LEFT_OVER):
            done += await self.read(ids[start : start + LEFT_OVER])
        return done


def _is_first_look(state: FeedState) -> bool:
    return state.first_success_at is None
