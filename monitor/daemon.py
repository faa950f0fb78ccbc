"""The service: ticks the program's few jobs, answers signals, tells systemd how it is.

When a feed or a digest is due is a column in the store; the scheduler here only asks often enough.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from datetime import timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor import systemd
from monitor.app import App
from monitor.config import Config
from monitor.errors import MonitorError

log = logging.getLogger(__name__)

POLL_TICK_S = 1
DELIVER_TICK_S = 5  # the safety net: a committed alert wakes the sender at once
MAINTAIN_TICK_S = 60
FIRST_ROUND = timedelta(minutes=3)  # a first round that hangs on slow feeds is over after this long
DRAIN_S = 7.0  # of the ten seconds that a stop may take


class Service:
    """Runs an App until SIGTERM or SIGINT. SIGHUP reloads: `load` reads the configuration anew or raises."""

    def __init__(self, app: App, load: Callable[[], Config]) -> None:
        self.app = app
        self._load = load
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
        self.app.reader.on_alerts = self.app.wake
        self._schedule()
        systemd.notify("READY=1", f"STATUS={self.app.state()}")
        log.info("started: %s", self.app.state())
        try:
            await self._stopping.wait()
        finally:
            systemd.notify("STOPPING=1")
            self._scheduler.shutdown(wait=False)
            await self.app.drain(DRAIN_S)
            log.info("stopped")

    def _schedule(self) -> None:
        start = self.app.clock()
        for job, seconds in (
            (self._poll, POLL_TICK_S),
            (self._deliver, DELIVER_TICK_S),
            (self._maintain, MAINTAIN_TICK_S),
        ):
            self._scheduler.add_job(job, "interval", seconds=seconds, next_run_time=start)
        self._scheduler.add_job(self.app.end_first_round, "date", run_date=start + FIRST_ROUND)
        self._scheduler.add_listener(_job_failed, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        self._scheduler.start()

    async def _poll(self) -> None:
        await self.app.poll_due()

    async def _deliver(self) -> None:
        # Not waited for: a channel that hangs must not keep the next tick from the others.
        self.app.spawn(self.app.deliver())

    async def _maintain(self) -> None:
        await self.app.maintain()
        systemd.notify(f"STATUS={self.app.state()}")

    async def _reload(self) -> None:
        """Take the edited files, or keep what is in force and say why."""
        systemd.reloading()
        try:
            async with self._reloading:  # the file read last is the one in force
                config = await asyncio.to_thread(self._load)
                await self.app.replace(config)
            log.info("reloaded: %s", self.app.state())
            said = self.app.state()
        except Exception as error:  # whatever an edit provokes, the configuration of before stays in force
            why = _in_words(error)
            log.error("not reloaded, the configuration of before is still in force: %s", why)
            said = f"{self.app.state()}; the last edit was not taken: {why.splitlines()[0]}"
        systemd.notify("READY=1", f"STATUS={said}")

    def _stop(self) -> None:
        if self._stopping.is_set():  # asked twice: at once
            raise SystemExit(1)
        self._stopping.set()


def _in_words(error: Exception) -> str:
    """Our own errors are sentences; of any other the kind is said too, never an empty line."""
    if isinstance(error, MonitorError) and str(error):
        return str(error)
    return f"reading it failed ({type(error).__name__}: {error}); 'monitor check' may say where".replace(": )", ")")


def _job_failed(event: JobExecutionEvent) -> None:
    """A tick that failed or was missed is said; the next one comes all the same."""
    if event.exception is None:
        log.error("job %s was missed at %s", event.job_id, event.scheduled_run_time)
    elif isinstance(event.exception, MonitorError):
        log.error("%s", event.exception)
    else:
        log.error("job %s failed", event.job_id, exc_info=event.exception)
