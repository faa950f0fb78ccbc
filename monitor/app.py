"""The program put together from its configuration: the only place that picks concrete classes.

It offers rounds of polling and delivery; when they happen is the service's or a command's business.
"""

from __future__ import annotations

import asyncio
import gc
import os
import platform
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from monitor import overdue, scratch
from monitor.assemble import keep_watches, load_checked, make_channels, make_fetcher, make_rules
from monitor.beside import Beside
from monitor.channels import Channel
from monitor.config import Config
from monitor.deliver import Sender, Sent
from monitor.editing import Editing
from monitor.fetch import Fetcher
from monitor.first_round import FirstRound
from monitor.in_force import InForce
from monitor.indexer import Indexer
from monitor.metrics import Metrics
from monitor.planning import Planning
from monitor.polling import Poller
from monitor.pricing import Pricing
from monitor.pulse import Pulse, patience
from monitor.push import Push
from monitor.reading import Reader
from monitor.rehearsal import Lists
from monitor.rounds import Round, Rounds, Stages
from monitor.rules import Rules, hold_back
from monitor.store import AsyncStore, Store, feeds, leases, open_store, watches
from monitor.store_care import StoreCare
from monitor.tasks import PRELOAD
from monitor.vitals import Vitals
from monitor.workers import Workers, prepare

__all__ = ["App", "Round", "open_app", "utc_now"]
#: How long a thread that writes may keep the interpreter from the event loop: at the usual 5 ms each of a request's
#: dozen turns waits as long.
SWITCH_S = 0.0005
#: Objects made before the first look for garbage among them.
GARBAGE = 20_000
#: Articles that a round takes into the archive's index; the next one goes on.
INDEXED_AT_ONCE = 5000


def utc_now() -> datetime:
    return datetime.now(UTC)


class App:
    """Everything that one process needs. Holds the store's lock from `begin` to `close`."""

    def __init__(
        self,
        config: Config,
        store: Store,
        *,
        clock: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.clock = clock
        self.has_page = True
        self.metrics = Metrics()
        self.pulse = Pulse(patience(config.settings.network.timeout.total_seconds()))
        self._folder = Path(tempfile.mkdtemp(dir=scratch.folder()))
        self._file = store
        self.store = AsyncStore(store)
        self.owner = f"{platform.node()} pid {os.getpid()} {secrets.token_hex(3)}"  # in claims: never used again
        self.workers = Workers(preload=PRELOAD)
        self.fetcher = self._make_fetcher(config)
        channels = make_channels(config)
        self.in_force = InForce(config, make_rules(config, channels, self._folder))
        self.sender = Sender(self.store, channels, self.rules, owner=self.owner, clock=clock, chance=chance)
        self.poller = Poller(self.store, self.fetcher, self.workers, self.rules, clock=clock, chance=chance)
        self.reader = Reader(self.store, self.fetcher, self.workers, self.rules, clock)
        self.push = Push(self.store, self.fetcher, self.poller.gatherer, self.rules, clock=clock, chance=chance)
        self.indexer = Indexer(self.store, self.workers)
        self.care = StoreCare(self.store, self.in_force, self.sender, clock, self.indexer.words)
        self.beside = Beside(self.care.failed)
        stages = Stages(self.poller, self.reader, self.sender, self.metrics, self.pulse)
        self.rounds = Rounds(self.store, stages, self.beside, clock)
        self.pricing = Pricing(self.store, self.in_force, self.poller, clock)
        self.first_round = FirstRound(self.end_first_round)
        self.planning = Planning(self.in_force, clock)
        self.vitals = Vitals(self.store, self.in_force, self.care, self.metrics, clock)
        self.editing = Editing(self.store, self.workers, clock, self.spawn)
        self._connect()
        self._tending: asyncio.Task[object] | None = None

    def _connect(self) -> None:
        """What tells whom."""
        self.poller.lag = self.reader.lag = self.metrics.lag
        self.workers.on_kill = self.vitals.note_kill
        self.vitals.offline_since = lambda: self.poller.line.since
        self.reader.is_offline = lambda: self.is_offline
        self.sender.during = lambda: self.pulse.during("delivery", time.monotonic)
        self.rounds.on_first = self.first_round.polled
        self.rounds.on_room = self.poll_due
        self.push.on_new = self.rounds.read_soon
        self.editing.on_floods = lambda: self._follow_rules(self.rules)
        self.editing.on_alerts = self.wake

    def _make_fetcher(self, config: Config) -> Fetcher:
        return make_fetcher(config)

    # ------------------------------------------------------------------------------------------- begin and end

    async def begin(self) -> None:
        """Take the store, free what a dead process had claimed, and follow the configuration."""
        sys.setswitchinterval(SWITCH_S)
        self.workers.prepare()
        await self._take_store()
        await self._follow()
        self.editing.floods = await self.store.look(watches.floods)
        self._follow_rules(self.rules)
        self.first_round.begin(await self.store.look(_never_polled))
        gc.freeze()  # what was loaded stays: to look through it for garbage holds up the event loop
        gc.set_threshold(GARBAGE, 20, 20)

    async def _take_store(self) -> None:
        """Alone with the store: whoever claimed something before is dead."""
        self._file.lock()
        await self.store.write(leases.free)

    async def _follow(self) -> None:
        await self.store.write(self._sync)

    def _decides(self) -> bool:
        """Whether this process's configuration is the one in force."""
        return True

    def _sync(self, connection: Connection) -> None:
        now = self.clock()
        first_poll = {feed.url: now for feed in self.config.feeds}
        feeds.sync(connection, self.config.feeds, first_poll, now)

    def _follow_edit(self, connection: Connection) -> None:
        """All of it or nothing, as `replace` promises."""
        if self._decides():
            self._sync(connection)
        if not self.first_round.is_on:  # a channel that is new hears what is watched
            self.planning.introduce(connection)

    async def return_from_downtime(self) -> None:
        """A service that was down polls what it missed soon, but spread; feeds never polled come at once."""
        await self.put_times_right(timedelta())

    async def put_times_right(self, jump: timedelta) -> None:
        """After downtime, and after the clock was set by `jump`: no storm, no stall."""
        now = self.clock()
        await self.store.write(overdue.put_right, jump, now)
        self.care.end_rest(now)

    async def drain(self, seconds: float) -> None:
        """Finish what is under way within `seconds`, give back the rest: it is in the store."""
        await self.beside.drain(seconds)
        await self.close()

    async def close(self) -> None:
        self.workers.close()
        await self.fetcher.aclose()
        self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    # -------------------------------------------------------------------------------------- what is in force

    @property
    def config(self) -> Config:
        return self.in_force.config

    @property
    def rules(self) -> Rules:
        return self.in_force.rules

    async def replace(self, config: Config) -> None:
        """Take an edited configuration as a whole; it has been checked."""
        channels, fetcher = make_channels(config), self._make_fetcher(config)
        rules = make_rules(config, channels, self._folder)
        before = (self.config, self.rules, self.fetcher, self.sender.channels)
        under_way = self.beside.tasks - {asyncio.current_task()}
        try:
            self._take(config, rules, fetcher, channels)
            await self.store.write(self._follow_edit)
            self.wake()
        except BaseException:  # halfway is nowhere: all of what was in force is in force again
            self._take(*before)
            self.spawn(_close_after(fetcher, self.beside.tasks - {asyncio.current_task()}))
            raise
        self.spawn(_close_after(before[2], under_way))
        self.editing.accepted(Lists(before[0].watchlists, before[1]), Lists(config.watchlists, self.rules))

    def _take(self, config: Config, rules: Rules, fetcher: Fetcher, channels: Mapping[str, Channel]) -> None:
        self.in_force.config, self.fetcher, self.sender.channels = config, fetcher, channels
        self.poller.gatherer.fetcher = self.reader.fetcher = self.push.fetcher = fetcher
        self._follow_rules(rules)

    def _follow_rules(self, rules: Rules) -> None:
        """These are in force, with what floods going into digests."""
        self.in_force.rules = rules = hold_back(rules, self.editing.floods, self.config.watchlists)
        self.poller.rules = self.reader.rules = self.sender.rules = self.push.rules = rules

    async def resume_editing(self) -> None:
        """Notice what was edited while no service ran."""
        await self.editing.resume(Lists(self.config.watchlists, self.rules))

    async def tell_editors(self) -> None:
        """Once nothing more is edited, its editors hear what became of it."""
        self.editing.try_again(self.clock())
        if self.editing.is_calm(self.clock()) and await self.editing.tell(self.rules, self.config.watchlists):
            self.wake()

    # ------------------------------------------------------------------------------------------------- rounds

    async def poll_due(self) -> None:
        """Start every poll that is due and has room; polls run beside each other and are not waited for."""
        if not self.care.is_resting:
            await self.rounds.poll_due()

    async def start_delivering(self) -> None:
        """Begin to send what is due, without waiting for receivers."""
        if await self.rounds.is_anything_due():
            self.wake()

    async def deliver(self) -> list[Sent]:
        """Send what is due."""
        return await self.rounds.deliver()

    async def once(self, *, is_all: bool) -> Round:
        """One whole round, waited for: poll what is due (or everything), read, deliver."""
        polled, read = await self.rounds.poll_and_read(len(self.config.feeds), is_all=is_all)
        await self.store.write(self.planning.hasten_first_look)
        await self.store.write(self.planning.digests)
        sent = await self.sender.deliver_due()
        if await self.vitals.report():
            sent += await self.sender.deliver_due()
        await self.indexer.catch_up(INDEXED_AT_ONCE)
        return Round(polled, read, tuple(sent))

    async def end_first_round(self) -> None:
        """Every channel hears once what is watched and what the first look found."""
        if self.first_round.end():
            await self.store.write(self.planning.introduce)
            self.wake()
            self.spawn(self.indexer.catch_up())  # what was archived is much, and need not wait for the next upkeep

    # ------------------------------------------------------------------------------------------------- upkeep

    async def maintain(self) -> None:
        """Take up what was left over, plan digests, and once an hour set what a request may cost."""
        keep_watches(self.config, self.rules.watches)
        if left := await self.rounds.left_over():
            await self._take_up(left)
        if self._tending is None or self._tending.done():  # a hub that hangs holds up nothing else
            self._tending = self.spawn(self.push.tend())
        self.spawn(self.indexer.catch_up())
        await self.store.write(self.planning.digests)
        if await self.vitals.report():
            self.wake()
        await self.vitals.count_delivered()
        await self.care.tend()
        self.spawn(self.care.look())
        await self.pricing.set()

    async def _take_up(self, left: Sequence[int]) -> None:
        self.rounds.read_soon(left)

    # ------------------------------------------------------------------------------------------- what is asked

    @property
    def started_at(self) -> datetime:
        return self.vitals.started_at

    @property
    def is_offline(self) -> bool:
        """Whether no host answers."""
        return self.poller.line.since is not None

    def state(self) -> str:
        """What this process does, in a line."""
        watches, channels = len(self.rules.watch_policies), len(self.rules.channels)
        return f"{len(self.config.feeds)} feeds, {watches} watches, {channels} channels"

    def spawn(self, work: Coroutine[object, object, object]) -> asyncio.Task[object]:
        """Run beside the others; an error is logged, and the next tick tries again."""
        return self.beside.spawn(work)

    def wake(self) -> None:
        """There is something to send: at once."""
        if not self.beside.is_draining:
            self.spawn(self.deliver())


def open_app(path: str | None) -> App:
    """The program of this configuration file, its store made if there is none. Raises ConfigError, StoreError."""
    config = load_checked(path)
    return App(config, open_store(config.store, create=True, meanwhile=prepare_workers))


def prepare_workers() -> None:
    """What workers need is loaded while the store's schema is made. They are to be of the store's user."""
    prepare(PRELOAD)


async def _close_after(fetcher: Fetcher, under_way: set[asyncio.Task[object]]) -> None:
    """A page that is on its way through the old connections arrives."""
    if under_way:
        await asyncio.wait(under_way)
    await fetcher.aclose()


def _never_polled(connection: Connection) -> set[int]:
    return {state.id for state in feeds.listing(connection) if state.is_active and state.last_poll_at is None}
