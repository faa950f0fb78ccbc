"""One process of a cluster: the program of one machine, which does only what a job or its own duty tells it to.

It holds no stage of its own: polling, reading and delivering are those of `monitor.app`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import Connection

from monitor import __version__, health
from monitor.app import App
from monitor.assemble import keep_watches, make_fetcher
from monitor.cluster import jobs
from monitor.cluster.clock import SharedClock
from monitor.cluster.hosts import SharedTurns
from monitor.cluster.jobs import DELIVER, POLL, READ, Jobs, Tasks
from monitor.config import Config
from monitor.errors import StoreError
from monitor.fetch import Fetcher
from monitor.store import Store, feeds, leases, members, outbox
from monitor.store.postgres import PostgresStore

log = logging.getLogger(__name__)

Role = Literal["all", "scheduler", "worker", "web"]
ROLES: tuple[Role, ...] = get_args(Role)

#: The duty of deciding what is due; it passes on when its holder is silent for this long.
DUTY, DUTY_LASTS = "scheduler", timedelta(seconds=20)
BEAT = timedelta(seconds=5)
TIDY = timedelta(seconds=15)
#: Polls that wait for a worker at a time; the scheduler asks every second.
QUEUED = 1000
#: Polls (with the reading of what they found) under way at once in a process, and channels.
POLLS_AT_ONCE, CHANNELS_AT_ONCE = 100, 20
AGAIN_S = 2.0
REST_S = 5.0
FORGOTTEN = timedelta(hours=1)


class Member(App):
    """An App among others on one store."""

    def __init__(self, config: Config, store: Store, role: Role = "all") -> None:
        assert isinstance(store, PostgresStore)
        self.role = role
        self._server = store
        self._time = SharedClock()
        super().__init__(config, store, clock=self._time)
        self.has_page = role in ("all", "web")
        self._jobs = Jobs()
        self._has_duty = False
        self._is_scheduler = False  # it has the duty, and has seen to what its holder before may have missed
        self._beaten: datetime | None = None
        self._tidied: datetime | None = None
        self._steady_since: datetime | None = None  # beats have not failed since then
        self._silent_until: datetime | None = None  # the beat failed; until it goes well nothing is begun
        self._crews: list[asyncio.Task[None]] = []
        self._duties: asyncio.Task[object] | None = None
        self.rounds.claim = self._claimed
        self.sender.may_send = self._may_send
        self.editing.is_ours = lambda: self._is_scheduler
        store.on_commit = self._wake_senders

    def _make_fetcher(self, config: Config) -> Fetcher:
        return make_fetcher(config, SharedTurns(self.store, self.owner, config, self._time))

    # ---------------------------------------------------------------------------------------------- begin and end

    async def _take_store(self) -> None:
        """Beside the others: what they have claimed is theirs."""
        self._server.lock(is_shared=True)
        await self.store.look(self._time.compare)
        await self.store.write(jobs.install)
        await self._beat()
        if self.role in ("all", "worker"):
            reading: Tasks = {POLL: self._poll_row, READ: self._read_row}
            sending: Tasks = {DELIVER: self._send}  # apart, so that no poll is in its way
            crews = (self._work(reading, POLLS_AT_ONCE), self._work(sending, CHANNELS_AT_ONCE))
            self._crews = [asyncio.create_task(crew) for crew in crews]

    def _decides(self) -> bool:
        """The scheduler's configuration is in force; the others have the same."""
        return self._is_scheduler

    async def _follow(self) -> None:
        if self._is_scheduler:
            await super()._follow()

    async def return_from_downtime(self) -> None:
        if self._is_scheduler:
            await super().return_from_downtime()

    async def drain(self, seconds: float) -> None:
        """The crews have most of the time, what else is under way the rest of it."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        self.beside.is_draining = True
        for crew in self._crews:
            crew.cancel()
        if self._crews:
            await asyncio.wait(self._crews, timeout=seconds * 3 / 4)
        await super().drain(max(end - loop.time(), 0.0))

    async def close(self) -> None:
        """What this process has claimed is free at once."""
        try:
            await self.store.write(members.leave, self.owner)
        except StoreError as error:
            log.warning("%s", error)
        await super().close()

    async def _work(self, tasks: Tasks, at_once: int) -> None:
        """Take jobs, over every restart of the server."""
        while not self.beside.is_draining:
            try:
                await jobs.work(self._server, tasks, at_once, AGAIN_S)
            except StoreError as error:
                log.warning("%s", error)
            await asyncio.sleep(AGAIN_S)

    # --------------------------------------------------------------------------------------------------- the beat

    async def poll_due(self) -> None:
        """Once a second: say that we are there, which must not wait for anything; beside it see to our duties."""
        now = self.clock()
        if self.beside.is_draining or (self._silent_until and now < self._silent_until):
            return
        try:
            await self._beat()
        except StoreError as error:
            self._fall_silent(error)
            return
        if self._duties is None or self._duties.done():
            self._duties = self.spawn(self._see_to_duties())

    async def _beat(self) -> None:
        now = self.clock()
        if self._beaten is not None and now - self._beaten < BEAT:
            return
        await asyncio.to_thread(self._server.keep_lock)
        await self.store.claim(members.see, self._member(now))
        await self._take_duty()
        if self._steady_since is None or self._beaten is None or now - self._beaten > members.GONE_AFTER:
            self._steady_since = now
        self._beaten = now

    def _fall_silent(self, error: StoreError) -> None:
        self._steady_since = None
        self._silent_until = self.clock() + timedelta(seconds=REST_S)
        log.error("%s", error)

    async def _see_to_duties(self) -> None:
        """Its writes wait for those of all members, under much load for longer than a member may be silent."""
        try:
            if self._has_duty and not self._is_scheduler:
                await self._take_over()
            await self._tidy()
            if self._is_scheduler:
                await self._schedule()
            self._silent_until = None
            await self._note_success()
        except StoreError as error:
            self._fall_silent(error)

    async def _tidy(self) -> None:
        now = self.clock()
        if self._tidied is not None and now - self._tidied < TIDY:
            return
        self._tidied = now
        await self.store.look(self._time.compare)
        await self.store.write(
            leases.keep, self.owner, tuple(self.rounds.busy), tuple(self.rounds.reading), self.clock()
        )
        if self._is_scheduler:
            await self._bury()
        else:
            await self.editing.follow()

    async def _note_success(self) -> None:
        """The scheduler notes it with its report on all; of the others each for itself."""
        if not self._is_scheduler and (said := self.care.works()):
            await self.store.write(health.say, self.rules, said, self.clock())

    async def _bury(self) -> None:
        """Who is not seen any more is dead, unless nobody could be seen: the store, or we, may just have come back."""
        if self._steady_since is None or self.clock() - self._steady_since < members.GONE_AFTER:
            return
        for name in await self.store.write(members.bury, self.clock()):
            log.warning("%s was not seen for %g s; others take over", name, members.GONE_AFTER.total_seconds())

    def _member(self, now: datetime) -> members.Member:
        return members.Member(self.owner, self.role, __version__, self.rules.watches.version, self.started_at, now)

    async def _take_duty(self) -> None:
        """Who was silent for long has lost it; whoever asks next has it."""
        if self.role not in ("all", "scheduler"):
            return
        self._has_duty = await self.store.claim(leases.take_duty, DUTY, self.owner, self.clock(), DUTY_LASTS)
        if self._is_scheduler and not self._has_duty:
            log.warning("another machine schedules now")
            self.editing.leave()
            self._is_scheduler = False
        if self._has_duty and self._beaten is None:  # all that it has to see to is still to begin
            self._is_scheduler = True

    async def _take_over(self) -> None:
        """While running: what the service does when it begins. Where that fails, it is begun anew."""
        log.warning("this machine schedules now")
        await super()._follow()
        await super().return_from_downtime()
        await self.editing.follow()
        await super().resume_editing()
        self._is_scheduler = self._has_duty

    # ---------------------------------------------------------------------------------------------- the scheduler

    async def _schedule(self) -> None:
        """Jobs for what is due and has none yet."""
        due = await self.store.look(leases.due_feeds, self.clock(), QUEUED)
        if due:
            await self.store.write(self._jobs.defer, POLL, due)
        if self.first_round.is_on:
            await self._end_first_round_when_over()

    async def _end_first_round_when_over(self) -> None:
        if not await self.store.look(feeds.is_first_round):
            await self.end_first_round()

    async def end_first_round(self) -> None:
        if self._is_scheduler:
            await super().end_first_round()

    async def start_delivering(self) -> None:
        """The safety net: a committed alert has woken a sender already."""
        if not self._is_scheduler or self.beside.is_draining or self._silent_until is not None:
            return
        due = await self.store.look(outbox.due_channels, self.clock(), tuple(self.sender.channels))
        if due:
            await self.store.write(self._jobs.defer, DELIVER, due)

    async def maintain(self) -> None:
        """What only one may do, the scheduler does."""
        if self._silent_until is not None:
            return
        if not self._is_scheduler:
            keep_watches(self.config, self.rules.watches)
            await self.pricing.set()
            return
        await self.store.write(self._jobs.sweep)
        await self.store.claim(members.forget_turns, self.clock() - FORGOTTEN)
        await super().maintain()

    async def _take_up(self, left: Sequence[int]) -> None:
        await self.store.write(self._jobs.defer, READ, left)

    async def resume_editing(self) -> None:
        if self._is_scheduler:
            await super().resume_editing()

    async def tell_editors(self) -> None:
        if self._is_scheduler:
            await super().tell_editors()

    # ------------------------------------------------------------------------------------------------ the worker

    async def _poll_row(self, feed: int) -> None:
        """Poll the feed, if it is due and nobody does; then read what it showed."""
        await self._rest()
        busy = self.rounds.busy
        if feed not in busy and not self.beside.is_draining:
            busy[feed] = self.spawn(self._poll_claimed(feed))  # before it is claimed: what is not busy is freed
            await busy[feed]

    async def _poll_claimed(self, feed: int) -> None:
        try:
            claimed = await self.store.claim(leases.claim_feeds, (feed,), self.owner, self.clock())
        except BaseException:
            del self.rounds.busy[feed]
            raise
        if claimed:
            await self.rounds.poll(claimed[0])
        else:
            del self.rounds.busy[feed]

    async def _read_row(self, article: int) -> None:
        await self._rest()
        await self.spawn(self.rounds.read((article,)))

    async def _claimed(self, ids: Sequence[int]) -> list[int]:
        """Only what no other machine reads."""
        return await self.store.claim(leases.claim_articles, ids, self.owner, self.clock())

    async def _rest(self) -> None:
        """After the store failed, what is fetched could not be kept: jobs wait, and no more are taken. Nor is anything
        begun while we cannot say that we are there, for others may be working as if we were not."""
        rest = (self.care.resting_until - self.clock()).total_seconds()
        if rest > 0:
            await asyncio.sleep(rest)
        while self._silent_until is not None and not self.beside.is_draining:  # noqa: ASYNC110  ended by the next beat
            await asyncio.sleep(1)

    async def _send(self, channel: str) -> None:
        if self._silent_until is not None:  # it is still due afterwards
            return
        await self.spawn(self._send_all(channel))

    async def _send_all(self, channel: str) -> None:
        """Send what waits for the channel, unless another machine does. What is written while the channel is given
        back is seen by asking once more."""
        for _ in range(2):
            sent = True
            while sent and not self.beside.is_draining and self._silent_until is None:
                sent = bool(await self.sender.deliver(channel))
            await self.store.claim(leases.leave_channel, channel, self.owner)
            if not await self.store.look(outbox.due_channels, self.clock(), (channel,)):
                return

    def _may_send(self, connection: Connection, channel: str) -> bool:
        return leases.take_channel(connection, channel, self.owner, self.clock())

    def wake(self) -> None:
        """The transaction that wrote what is to be sent has woken a sender."""

    def _wake_senders(self, connection: Connection) -> None:
        names: Collection[str] = jobs.collect(connection)
        if names:
            self._jobs.defer(connection, DELIVER, sorted(names))
