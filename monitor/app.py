"""The program put together from its configuration: the only place that picks concrete classes.

It offers rounds of polling and delivery; when they happen is the service's or a command's business.
"""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from monitor import notices, schedule
from monitor.alerting import Bundle, quiet_until
from monitor.alerting.planned import planned_digest
from monitor.assemble import (
    hold_back,
    keep_watches,
    load_checked,
    make_channels,
    make_fetcher,
    make_network,
    make_rules,
)
from monitor.channels import Channel
from monitor.config import Config
from monitor.deliver import Sender, Sent
from monitor.editing import Editing, Lists
from monitor.errors import FetchFailed, MonitorError, StoreError
from monitor.fetch import Fetcher
from monitor.fetch.post import post
from monitor.health import Health
from monitor.indexer import Indexer
from monitor.metrics import Metrics
from monitor.model import Notice
from monitor.polling import Polled, Poller
from monitor.present import Process
from monitor.pulse import Pulse
from monitor.push import Push
from monitor.reading import ReadDone, Reader
from monitor.rules import Rules
from monitor.store import (
    AsyncStore,
    Store,
    articles,
    backup,
    feeds,
    leases,
    open_store,
    outbox,
    retention,
    tallies,
    times,
    watches,
)
from monitor.store.feeds import FeedState
from monitor.workers import Workers

log = logging.getLogger(__name__)

#: Polls under way at once; the fetcher bounds requests, this bounds what waits in memory.
IN_FLIGHT = 200
#: How long a thread that writes may keep the interpreter from the event loop: at the usual 5 ms each of a request's
#: dozen turns waits as long.
SWITCH_S = 0.0005
#: Articles left unread by an earlier run or a failed transaction, taken up again at a time.
LEFT_OVER = 500
#: Articles that one round takes into the index of the archive; the next one goes on.
INDEXED_AT_ONCE = 5000
STORE_REST = timedelta(seconds=30)
EXPIRE_BATCHES = 4
CHECK_EVERY = timedelta(days=7)
STORE_HOLD = timedelta(minutes=5)
STORE_TOLD_EVERY = timedelta(days=1)
#: Feeds that are overdue by more than this were missed while the service was down.
OVERDUE = timedelta(minutes=10)
PRICED_EVERY = timedelta(hours=1)
#: A poll is several requests, robots.txt and older pages among them; a delivery ends within its lease.
POLLS_WITHIN_TIMEOUTS = 4
SENDS_WITHIN_S = 300.0
KILLS_WITHIN = timedelta(minutes=10)
#: What workers need, imported once for all of them: a process is then ready in milliseconds.
PRELOAD = (
    "monitor.tasks",
    "monitor.parse",
    "monitor.extract",
    "monitor.language",
    "monitor.stories",
    "feedparser",
    "trafilatura",
)


def utc_now() -> datetime:
    return datetime.now(UTC)


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
        self.config = config
        self.clock = clock
        self.has_page = True
        self.metrics = Metrics()
        self.pulse = Pulse(_patience(config))
        self._folder = Path(tempfile.mkdtemp(prefix="news-monitor-"))
        self._file = store
        self.store = AsyncStore(store)
        self.owner = f"{platform.node()} pid {os.getpid()} {secrets.token_hex(3)}"  # in claims: never used again
        self.workers = Workers(preload=PRELOAD)
        self.fetcher = self._make_fetcher(config)
        channels = make_channels(config)
        self.rules = make_rules(config, channels, self._folder)
        self.sender = Sender(self.store, channels, self.rules, owner=self.owner, clock=clock, chance=chance)
        self.poller = Poller(self.store, self.fetcher, self.workers, self.rules, clock=clock, chance=chance)
        self.reader = Reader(self.store, self.fetcher, self.workers, self.rules, clock)
        self.reader.is_offline = lambda: self.poller.line.since is not None
        self._kills: deque[datetime] = deque(maxlen=100)
        self._watch_stages()
        self.push = Push(self.store, self.fetcher, self.poller.gatherer, self.rules, clock=clock, chance=chance)
        self.push.on_new = self._read_soon
        self.indexer = Indexer(self.store, self.workers)
        self.editing = Editing(self.store, self.workers, clock, self.spawn)
        self.editing.on_floods = lambda: self._follow_rules(self.rules)
        self.editing.on_alerts = self.wake
        self.health = Health()
        self._tasks: set[asyncio.Task[object]] = set()
        self._busy: dict[int, asyncio.Task[object]] = {}
        self._reading: set[int] = set()
        self._first_round: set[int] | None = None
        self._is_draining = False
        self._damage = ""
        self._resting_until = clock()
        self._store_fails_since: datetime | None = None
        self._store_told_at: datetime | None = None
        self._priced_at: datetime | None = None
        self._tending: asyncio.Task[object] | None = None
        self._counted_to = self.started_at = clock()

    def _watch_stages(self) -> None:
        self.poller.lag = self.reader.lag = self.metrics.lag
        self.workers.on_kill = self._note_kill
        self.sender.during = lambda: self.pulse.during("delivery", time.monotonic)

    def _note_kill(self) -> None:
        self.metrics.count("worker_kills")
        self._kills.append(self.clock())

    # ------------------------------------------------------------------------------------------- begin and end

    async def begin(self) -> None:
        """Take the store, free what a dead process had claimed, and follow the configuration."""
        sys.setswitchinterval(SWITCH_S)
        self.workers.prepare()
        await self._take_store()
        await self._follow()
        self.editing.floods = await self.store.look(watches.floods)
        self._follow_rules(self.rules)
        self._first_round = await self.store.look(_never_polled)

    async def _take_store(self) -> None:
        """Alone with the store: whoever claimed something before is dead."""
        self._file.lock()
        await self.store.write(leases.free)

    def _make_fetcher(self, config: Config) -> Fetcher:
        return make_fetcher(config)

    async def _follow(self) -> None:
        now = self.clock()
        first_poll = {feed.url: now for feed in self.config.feeds}
        await self.store.write(feeds.sync, self.config.feeds, first_poll, now)

    async def return_from_downtime(self) -> None:
        """A service that was down polls what it missed soon, but spread; feeds never polled come at once."""
        await self.put_times_right(timedelta())

    async def put_times_right(self, jump: timedelta) -> None:
        """After downtime, and after the clock was set by `jump`: no storm, no stall."""
        await self.store.write(self._settle_times, jump)

    def _settle_times(self, connection: Connection, jump: timedelta) -> None:
        now = self.clock()
        if count := times.put_right(connection, now):
            log.warning("%d feeds were polled in a future that never was; their waits begin now", count)
        if jump > timedelta():
            times.be_patient(connection, jump, now)
        self._spread_overdue(connection)
        self._resting_until = min(self._resting_until, now + STORE_REST)

    def _spread_overdue(self, connection: Connection) -> None:
        now = self.clock()
        overdue = feeds.overdue(connection, now - OVERDUE)
        at = schedule.spread(overdue, now)
        feeds.postpone(connection, {overdue[url]: when for url, when in at.items()}, "overdue; spread after downtime")

    async def replace(self, config: Config) -> None:
        """Take an edited configuration as a whole; it has been checked."""
        channels, fetcher = make_channels(config), self._make_fetcher(config)
        rules = make_rules(config, channels, self._folder)
        before = (self.config, self.rules, self.fetcher, self.sender.channels)
        under_way = set(self._tasks) - {asyncio.current_task()}
        try:
            self._take(config, rules, fetcher, channels)
            await self._follow()
            if self._first_round is None:  # a channel that is new hears what is watched
                await self.store.write(self._introduce)
                self.wake()
        except BaseException:  # halfway is nowhere: all of what was in force is in force again
            self._take(*before)
            self.spawn(_close_after(fetcher, set(self._tasks) - {asyncio.current_task()}))
            raise
        self.spawn(_close_after(before[2], under_way))
        self.editing.accepted(Lists(before[0].watchlists, before[1]), Lists(config.watchlists, self.rules))

    def _take(self, config: Config, rules: Rules, fetcher: Fetcher, channels: Mapping[str, Channel]) -> None:
        self.config, self.fetcher, self.sender.channels = config, fetcher, channels
        self.poller.gatherer.fetcher = self.reader.fetcher = self.push.fetcher = fetcher
        self._follow_rules(rules)

    def _follow_rules(self, rules: Rules) -> None:
        """These are in force, with what floods going into digests."""
        self.rules = rules = hold_back(rules, self.editing.floods, self.config)
        self.poller.rules = self.reader.rules = self.sender.rules = self.push.rules = rules

    async def resume_editing(self) -> None:
        """Notice what was edited while no service ran."""
        await self.editing.resume(Lists(self.config.watchlists, self.rules))

    async def tell_editors(self) -> None:
        """Once nothing more is edited, its editors hear what became of it."""
        if self.editing.is_calm(self.clock()) and await self.editing.tell(self.rules, self.config.watchlists):
            self.wake()

    async def drain(self, seconds: float) -> None:
        """Finish what is under way within `seconds`, give back the rest: it is in the store."""
        self._is_draining = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.close()

    async def close(self) -> None:
        self.workers.close()
        await self.fetcher.aclose()
        self._file.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    # ------------------------------------------------------------------------------------------------- rounds

    async def poll_due(self) -> None:
        """Start every poll that is due and has room; polls run beside each other and are not waited for."""
        room = IN_FLIGHT - len(self._busy)
        if room <= 0 or self._is_draining or self.clock() < self._resting_until:
            return
        for state in await self.store.look(feeds.due, self.clock(), room, tuple(self._busy)):
            if state.id not in self._busy:
                self._busy[state.id] = self.spawn(self._poll(state))

    async def _poll(self, state: FeedState) -> None:
        try:
            with self.pulse.during("poll", time.monotonic):
                polled = await self.poller.poll(state)
        finally:
            del self._busy[state.id]
        self._count_poll(polled)
        if len(self._busy) >= IN_FLIGHT - 1:  # there was no room: others may wait
            self.spawn(self.poll_due())
        await self._read(polled.new)
        if state.last_poll_at is None:  # a second poll that is quicker than the first one's reading ends no round
            await self._polled_first(state.id)

    def _read_soon(self, ids: Iterable[int]) -> None:
        self.spawn(self._read(ids))

    async def _read(self, ids: Iterable[int]) -> ReadDone:
        mine = [article for article in ids if article not in self._reading]
        self._reading.update(mine)
        try:
            done = await self.reader.read(mine) if mine else ReadDone()
            self.metrics.count("alerts", by=done.alerts)
            return done
        finally:
            self._reading.difference_update(mine)

    async def start_delivering(self) -> None:
        """Begin to send what is due, without waiting for receivers."""
        if await self.store.look(outbox.due_channels, self.clock(), tuple(self.sender.channels)):
            self.wake()

    async def deliver(self) -> list[Sent]:
        """Send what is due."""
        sent = [] if self._is_draining else await self.sender.deliver_due()
        for one in sent:
            self.metrics.count("sends", one.channel, one.state)
        return sent

    def _count_poll(self, polled: Polled) -> None:
        self.metrics.count("polls", "failed" if polled.error else "new" if polled.new else "nothing new")
        self.metrics.count("articles_new", by=len(polled.new) + polled.archived)

    async def once(self, *, is_all: bool) -> Round:
        """One whole round, waited for: poll what is due (or everything), read, deliver."""
        now = self.clock()
        if is_all:
            states = await self.store.look(feeds.everything_active, now)
        else:
            states = await self.store.look(feeds.due, now, len(self.config.feeds))
        left = await self._read(await self.store.look(articles.left_over, now, LEFT_OVER))
        gate = asyncio.Semaphore(IN_FLIGHT)
        done = await asyncio.gather(*(self._poll_and_read(state, gate) for state in states))
        await self.store.write(self._hasten_first_look)
        await self.store.write(self._plan_digests)
        sent = await self.sender.deliver_due()
        if await self.report():
            sent += await self.sender.deliver_due()
        await self.indexer.catch_up(INDEXED_AT_ONCE)
        return Round(tuple(polled for polled, _ in done), sum((read for _, read in done), left), tuple(sent))

    async def _poll_and_read(self, state: FeedState, gate: asyncio.Semaphore) -> tuple[Polled, ReadDone]:
        async with gate:
            polled = await self.poller.poll(state)
            return polled, await self._read(polled.new)

    async def maintain(self) -> None:
        """Take up what was left over, plan digests, and once an hour set what a request may cost."""
        keep_watches(self.config, self.rules.watches)
        left = await self.store.look(articles.left_over, self.clock(), LEFT_OVER, tuple(self._reading))
        if left:
            await self._take_up(left)
        if self._tending is None or self._tending.done():  # a hub that hangs holds up nothing else
            self._tending = self.spawn(self.push.tend())
        self.spawn(self.indexer.catch_up())
        await self.store.write(self._plan_digests)
        if await self.report():
            self.wake()
        await self._count_delivered()
        await self._look_after_store()
        await self._set_price()

    async def _set_price(self) -> None:
        now = self.clock()
        if self._priced_at is None or now - self._priced_at >= PRICED_EVERY:
            self._priced_at = now
            histories = await self.store.look(feeds.histories)
            self.poller.price = await asyncio.to_thread(_fair_price, histories, self.rules.pace, now)

    async def _take_up(self, left: Sequence[int]) -> None:
        self.spawn(self._read(left))

    async def _look_after_store(self) -> None:
        """Let go what is over its age, some at a time; once a week see whether the store is whole."""
        keep = retention.Keep(self.config.settings.keep.articles, self.config.settings.keep.evidence)
        for _ in range(EXPIRE_BATCHES):
            if not await self.store.write(retention.expire, keep, self.clock()):
                break
        if self._file.path is not None and await self.store.write(_is_check_due, self.clock()):
            try:
                await asyncio.to_thread(backup.check, self._file.path, is_quick=True)
                self._damage = ""
            except StoreError as error:
                self._damage = str(error)

    async def heartbeat(self) -> None:
        """Tell the watchdog service of `health.heartbeat` that we live; its silence is what it is for."""
        address = self.config.settings.health.heartbeat
        if address is None:
            return
        network = make_network(self.config)
        proxy, agent = network.proxy, network.user_agent
        allowed = network.allow_private
        try:
            answer = await post(
                address.reveal(), content=b"", headers={}, allowed=allowed, method="GET", user_agent=agent, proxy=proxy
            )
        except FetchFailed as error:
            log.warning("the heartbeat could not be sent: %s", error)
            return
        if answer.status >= 400:
            log.warning("the heartbeat was answered %d", answer.status)

    async def _count_delivered(self) -> None:
        for at, since_decided, since_seen in await self.store.look(tallies.delivered_since, self._counted_to):
            self._counted_to = at
            self.metrics.lag("matched_to_delivered", since_decided)
            self.metrics.lag("seen_to_delivered", since_seen)

    async def report(self) -> int:
        """Write what `health.to` is to be told; how many messages that makes."""
        written = await self.store.write(self.health.report, self.rules, self.clock(), self._process())
        self._note_store_works()
        self.metrics.count("notices", by=written)
        return written

    def _process(self) -> Process:
        free, share = _free(self._file.path)
        return Process(
            up_since=self.started_at,
            offline_since=self.poller.line.since,
            kills=sum(self.clock() - at < KILLS_WITHIN for at in self._kills),
            free_bytes=free,
            free_share=share,
            damage=self._damage,
            store_bytes=self.store_bytes(),
        )

    def _plan_digests(self, connection: Connection) -> None:
        """A digest is sent even when empty, so its row is there before its first alert."""
        now = self.clock()
        for channel in self.rules.channels:
            last = outbox.settled_ahead(connection, channel.name, "digest", now)
            bundle = planned_digest(channel, self.rules.alerts, last, now)
            if bundle and self.config.channels[channel.name].empty == "send":
                outbox.deliver_in_summary(connection, channel.name, self.rules.targets[channel.name], None, bundle, now)

    # ------------------------------------------------------------------------------------------ the first round

    async def _polled_first(self, feed_id: int) -> None:
        if self._first_round is not None:
            self._first_round.discard(feed_id)
            if not self._first_round:
                await self.end_first_round()

    async def end_first_round(self) -> None:
        """Every channel hears once what is watched and what the first look found."""
        if self._first_round is None:
            return
        self._first_round = None
        await self.store.write(self._introduce)
        self.wake()

    def _introduce(self, connection: Connection) -> None:
        """A first look for every channel that never had one, with or without a match."""
        now = self.clock()
        for channel in self.rules.channels:
            had = outbox.latest_bundle(connection, channel.name, "first look", only_pending=False)
            if outbox.introduce(connection, channel.name, now) and had is None:
                bundle = Bundle("first look", now, "first look")
                targets = self.rules.targets[channel.name]
                outbox.deliver_in_summary(connection, channel.name, targets, None, bundle, now)
        self._hasten_first_look(connection)

    def _hasten_first_look(self, connection: Connection) -> None:
        """The round is over: what gathers is complete. Quiet hours hold it as they hold everything."""
        now = self.clock()
        for channel in self.rules.channels:
            due = quiet_until(channel.quiet, self.rules.alerts.zone, now) or now
            outbox.hasten(connection, channel.name, "first look", due)

    # ------------------------------------------------------------------------------------------------- the rest

    @property
    def is_offline(self) -> bool:
        """Whether no host answers."""
        return self.poller.line.since is not None

    def store_bytes(self) -> int:
        """The store's size on disk, its journal included; 0 where it is on a server."""
        path = self._file.path
        parts = (Path(f"{path}{end}") for end in ("", "-wal")) if path else ()
        return sum(part.stat().st_size for part in parts if part.exists())

    def state(self) -> str:
        """What this process does, in a line."""
        watches, channels = len(self.rules.watch_policies), len(self.rules.channels)
        return f"{len(self.config.feeds)} feeds, {watches} watches, {channels} channels"

    def spawn(self, work: Coroutine[object, object, object]) -> asyncio.Task[object]:
        """Run beside the others; an error is logged, and the next tick tries again."""
        task = asyncio.ensure_future(self._logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def wake(self) -> None:
        """There is something to send: at once."""
        if not self._is_draining:
            self.spawn(self.deliver())

    async def note_store_failure(self, error: StoreError) -> None:
        """Once it has lasted, say so without needing the store; its return is said in the usual way."""
        now = self.clock()
        self._store_fails_since = self._store_fails_since or now
        is_told = self._store_told_at is not None and now - self._store_told_at < STORE_TOLD_EVERY
        if now - self._store_fails_since < STORE_HOLD or is_told:
            return
        self._store_told_at = now
        title, lines = notices.store_fails(str(error))
        notice = Notice(title, now, lines)
        for name in self.rules.health:
            for target in self.rules.targets.get(name, ()):
                await self.sender.send_unrecorded(notice, name, target)

    def _note_store_works(self) -> None:
        """To be called after a write that went well."""
        if self._store_told_at is not None:
            since = f"{self._store_fails_since:%d %b %H:%MZ}" if self._store_fails_since else "a while"
            self.health.also = ("The store can be written again", (f"It could not since {since}.",))
        self._store_fails_since = self._store_told_at = None

    async def _logged(self, work: Coroutine[object, object, object]) -> object:
        try:
            return await work
        except StoreError as error:
            # What is fetched now could not be kept: publishers are not asked again until the store may be back.
            self._resting_until = self.clock() + STORE_REST
            await self.note_store_failure(error)
            log.error("%s; polling rests for %g s", error, STORE_REST.total_seconds())
        except MonitorError as error:
            log.error("%s", error)
        except Exception:
            log.exception("unexpected error")
        return None


async def _close_after(fetcher: Fetcher, under_way: set[asyncio.Task[object]]) -> None:
    """A page that is on its way through the old connections arrives."""
    if under_way:
        await asyncio.wait(under_way)
    await fetcher.aclose()


def open_app(path: str | None) -> App:
    """The program of this configuration file, its store made if there is none. Raises ConfigError, StoreError."""
    config = load_checked(path)
    return App(config, open_store(config.store, create=True))


def _free(path: Path | None) -> tuple[float | None, float]:
    """Bytes free where the store is, and their share of the disk; None where it is on a server."""
    if path is None:
        return None, 1.0
    found = os.statvfs(path.parent)
    return float(found.f_bavail * found.f_frsize), found.f_bavail / max(1, found.f_blocks)


def _is_check_due(connection: Connection, now: datetime) -> bool:
    """Whether to see if the store is whole; its first week it is. Notes that it is seen to."""
    last = watches.fact(connection, "store checked")
    is_due = last is not None and now - last[1] >= CHECK_EVERY
    if last is None or is_due:
        watches.note(connection, "store checked", True, now)
    return is_due


def _patience(config: Config) -> dict[str, float]:
    request = config.settings.network.timeout.total_seconds()
    return {"poll": POLLS_WITHIN_TIMEOUTS * request + 60, "delivery": SENDS_WITHIN_S}


def _never_polled(connection: Connection) -> set[int]:
    return {state.id for state in feeds.listing(connection) if state.is_active and state.last_poll_at is None}


def _fair_price(histories: Iterable[Mapping[str, Any]], pace: schedule.Pace, now: datetime) -> float:
    rates = [schedule.rate(schedule.History.from_json(history), now) for history in histories]
    return schedule.fair_price(rates, pace)


