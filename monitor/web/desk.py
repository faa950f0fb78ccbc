"""What pages may ask of the running service: its store, its configuration in force, the time, a worker.

Reads run in a few threads of their own with a bound on their time, so that no page keeps the loop or the service
waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from monitor.app import App
from monitor.config import Config
from monitor.errors import MonitorError
from monitor.rules import Rules
from monitor.store.pages import bounded
from monitor.web.ended import Ended
from monitor.web.keys import Keys, Visitor
from monitor.workers import Workers

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4
QUERY_S = 10.0
#: Pages that may wait for a thread; more are told to come back.
MOST_WAITING = 40
#: Tasks of the page's own processes that may wait for one.
MOST_WORK = 8


class Busy(MonitorError):
    """More is asked at once than can be answered."""


class NotHere(MonitorError):
    """What was asked for is not in the store, or not any more."""


@dataclass(frozen=True, slots=True)
class Look:
    """One request as pages see it: what was asked, by whom, of which configuration."""

    config: Config
    rules: Rules
    now: datetime
    keys: Keys
    visitor: Visitor
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)  # the path's parameters
    cookies: Mapping[str, str] = field(default_factory=dict)

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.config.timezone)

    def name(self, url: str, title: str) -> str:
        """What people call a feed."""
        return self.rules.name(url, title)


class Desk:
    """Between the pages and the service, which may take another configuration at any time."""

    def __init__(self, app: App, keys: Keys) -> None:
        self.app = app
        self.keys = keys
        path = app.store.store.path
        self.ended = Ended(Path(f"{path}.web-ended") if path else None)
        self.workers = Workers(2)  # of the page's own: what is tried or sought keeps no article waiting
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")
        self._waiting = self._working = 0

    @property
    def config(self) -> Config:
        return self.app.config

    def now(self) -> datetime:
        return self.app.clock()

    async def read(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a read transaction that is ended when it takes too long; raises Busy and StoreError."""
        if self._waiting >= MOST_WAITING:
            raise Busy("too much is asked at once; try again in a moment")

        def transact() -> T:
            with self.app.store.store.read() as connection, bounded(connection, QUERY_S):
                return function(connection, *args, **kwargs)

        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, transact)
        finally:
            self._waiting -= 1

    async def write(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In the service's own write transaction."""
        return await self.app.store.write(function, *args, **kwargs)

    async def work(self, function: Callable[..., T], *args: object, deadline_s: float) -> T:
        """In a process of the page's own; raises Busy, WorkerFailed and what the function raises."""
        if self._working >= MOST_WORK:
            raise Busy("too much is asked at once; try again in a moment")
        self._working += 1
        try:
            return await self.workers.run(function, *args, deadline_s=deadline_s)
        finally:
            self._working -= 1

    def close(self) -> None:
        self.workers.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
