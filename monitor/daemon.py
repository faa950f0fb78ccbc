"""The service: ticks the program's few jobs, answers signals, tells systemd how it is.

When a feed or a digest is due is a column in the store; the scheduler here only asks often enough.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor import probes, systemd, watched_files
from monitor.app import App
from monitor.assemble import languages
from monitor.config import Config
from monitor.config.marks import Marks, marks
from monitor.errors import MonitorError, StoreError
from monitor.store import feeds
from monitor.web.site import Site

log = logging.getLogger(__name__)

POLL_TICK_S = 1
DELIVER_TICK_S = 5  # the safety net: a committed alert wakes the sender at once
MAINTAIN_TICK_S = 60
WATCH_TICK_S = 15
CLOCK_TICK_S = 5
HEARTBEAT_S = 300
CLOCK_JUMP_S = 30
FIRST_ROUND = timedelta(minutes=3)  # a first round that hangs on slow feeds is over after this long
DRAIN_S = 7.0  # of the ten seconds that a stop may take


class Service:
    """Runs an App until SIGTERM or SIGINT. SIGHUP reloads: `load` reads the configuration anew or raises."""

    def __init__(self, app: App, load: Callable[[], Config]) -> None:
        self.app = app
        self.site = Site(app)
        self._load = load
        self._refused_as: Marks | None = None  # what the files were when an edit was not taken
        self._stopping = asyncio.Event()
        self._reloading = asyncio.Lock()
        # A tick that comes late is still a tick: the default grace of one second would drop it without a word.
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=defaults)

    async def run(self) -> None:
        """Until a signal stops it; what is under way is then finished, or given back to the next start."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: self.app.spawn(self._reload()))
        await self.app.begin()
        await self.app.return_from_downtime()
        await self.app.resume_editing()
        self.app.reader.on_alerts = self.app.wake
        self._schedule()
        await self.site.start()
        systemd.notify("READY=1", f"STATUS={self.app.state()}")
        log.info("started: %s%s", self.app.state(), f"; page: {self.site.address}" if self.site.address else "")
        beside = [asyncio.create_task(work) for work in (self._watch_files(), self._keep_time(), self._prepare())]
        try:
            await self._stopping.wait()
        finally:
            for task in beside:
                task.cancel()
            systemd.notify("STOPPING=1")
            self._scheduler.shutdown(wait=False)
            await self.site.stop()
            await self.app.drain(DRAIN_S)
            log.info("stopped")

    async def _prepare(self) -> None:
        """Word forms for the languages that feeds are tagged with or said they are in: a table takes seconds, once."""
        try:
            states = await self.app.store.look(feeds.listing)
        except StoreError as failure:
            log.warning("the languages of the feeds are not known yet: %s", failure)
            return
        await self.app.reader.prepare([*languages(self.app.config), *(state.language for state in states)])

    def _schedule(self) -> None:
        start = self.app.clock()
        for loop in ("polling", "delivery"):
            self.app.pulse.beat(loop, time.monotonic())
        for job, seconds in (
            (self._poll, POLL_TICK_S),
            (self._deliver, DELIVER_TICK_S),
            (self._maintain, MAINTAIN_TICK_S),
            (self._tell_editors, DELIVER_TICK_S),
            (self._heartbeat, HEARTBEAT_S),
            (self._watch, systemd.watchdog_s(WATCH_TICK_S)),
        ):
            self._scheduler.add_job(job, "interval", seconds=seconds, next_run_time=start)
        self._scheduler.add_job(self.app.end_first_round, "date", run_date=start + FIRST_ROUND)
        self._scheduler.add_listener(self._job_failed, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        # One that still runs when it is due again is late, not lost; were it to hang, the watchdog says so.
        self._scheduler.add_listener(lambda _: self.app.metrics.count("ticks_missed"), EVENT_JOB_MAX_INSTANCES)
        self._scheduler.start()

    async def _poll(self) -> None:
        with self._round("polling"):
            await self.app.poll_due()

    async def _deliver(self) -> None:
        # Not waited for: a channel that hangs must not keep the next tick from the others.
        with self._round("delivery"):
            await self.app.start_delivering()

    @contextmanager
    def _round(self, name: str) -> Iterator[None]:
        """A loop that fails in words gets on too: only one that never ends does not."""
        try:
            yield
        finally:
            self.app.pulse.beat(name, time.monotonic())

    async def _keep_time(self) -> None:
        """A clock that was set is noticed: the scheduler reads it too, and would wait for a day to come again."""
        offset = time.time() - time.monotonic()
        while True:
            await asyncio.sleep(CLOCK_TICK_S)
            jump = time.time() - time.monotonic() - offset
            if abs(jump) > CLOCK_JUMP_S:
                offset += jump
                await self._clock_was_set(timedelta(seconds=jump))

    async def _clock_was_set(self, jump: timedelta) -> None:
        log.warning("the clock was set by %s; due times are put right", jump)
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))
        try:
            await self.app.put_times_right(jump)
        except StoreError as error:
            log.error("%s", error)

    async def _watch(self) -> None:
        """Tell systemd that we live, which the scheduler proves by this call and polling and delivery by theirs."""
        if stuck := self.app.pulse.stuck(time.monotonic()):
            log.error("not getting on: %s; systemd is not told that all is well", "; ".join(stuck))
        else:
            systemd.alive()

    async def _maintain(self) -> None:
        await self.site.try_again()
        await self.app.maintain()
        systemd.notify(f"STATUS={self._status()}")

    def _status(self) -> str:
        """What it does, and the gravest of what is wrong."""
        wrong = [one.brief for one in self.app.vitals.troubles]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        return f"{self.app.state()}; not well: {wrong[0]}{more}" if wrong else self.app.state()

    async def _watch_files(self) -> None:
        """Take edits when they are saved; where files cannot be watched, SIGHUP still does."""
        try:
            await self._reload_if_changed()
            async for _ in watched_files.changes(lambda: self.app.config):
                await self._reload_if_changed()
        except OSError as error:
            log.warning("files are not watched (%s); after an edit reload the service by SIGHUP", error)

    async def _reload_if_changed(self) -> None:
        """Compared with what was read, however long ago: nothing that was saved since then is missed."""
        if self.app.config.is_edited and self._now_there() != self._refused_as:
            await self._reload()

    def _now_there(self) -> Marks:
        return marks(self.app.config.folders, self.app.config.files)

    async def _heartbeat(self) -> None:
        if (await probes.readyz(self.app)).is_well:
            await self.app.vitals.heartbeat()

    async def _tell_editors(self) -> None:
        await self.app.tell_editors()

    async def _reload(self) -> None:
        """Take the edited files, or keep what is in force and say why."""
        systemd.reloading()
        try:
            async with self._reloading:  # the file read last is the one in force
                self._refused_as = self._now_there()  # from before they are read
                config = await asyncio.to_thread(self._load)
                await self.app.replace(config)
                self._refused_as = None
                await self.site.follow()
            log.info("reloaded: %s", self.app.state())
            said = self.app.state()
            self.app.metrics.count("reloads", "taken")
        except Exception as error:  # whatever an edit provokes, the configuration of before stays in force
            why = _in_words(error)
            log.error("not reloaded, the configuration of before is still in force: %s", why)
            said = f"{self.app.state()}; the last edit was not taken: {why.splitlines()[0]}"
            await self._refused(error, why)
        systemd.notify("READY=1", f"STATUS={said}")

    def _job_failed(self, event: JobExecutionEvent) -> None:
        """A tick that failed or was missed is said; the next one comes all the same."""
        self.app.metrics.count("ticks_missed")
        if event.exception is None:
            log.error("job %s was missed at %s", event.job_id, event.scheduled_run_time)
        elif isinstance(event.exception, StoreError):
            log.error("%s", event.exception)
            self.app.spawn(self.app.care.note_failure(event.exception))
        elif isinstance(event.exception, MonitorError):
            log.error("%s", event.exception)
        else:
            log.error("job %s failed", event.job_id, exc_info=event.exception)

    async def _refused(self, error: Exception, why: str) -> None:
        self.app.metrics.count("reloads", "refused")
        try:
            await self.app.editing.refused(getattr(error, "problems", ()), why)
        except StoreError as unstored:
            log.error("%s", unstored)

    def _stop(self) -> None:
        if self._stopping.is_set():  # asked twice: at once
            raise SystemExit(1)
        self._stopping.set()


def _in_words(error: Exception) -> str:
    """Our own errors are sentences; of any other the kind is said too, never an empty line."""
    if isinstance(error, MonitorError) and str(error):
        return str(error)
    return f"reading it failed ({type(error).__name__}: {error}); 'monitor check' may say where".replace(": )", ")")
