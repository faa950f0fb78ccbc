"""How this process is: its facts for who judges them, its word about itself, and its sign of life to the outside.

It must not judge; that is present's and troubles' business.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor import present
from monitor.assemble import make_network
from monitor.errors import FetchFailed
from monitor.facts import Process
from monitor.fetch.post import post
from monitor.health import Health, scope
from monitor.in_force import InForce
from monitor.metrics import Metrics
from monitor.present import Present
from monitor.store import AsyncStore, tallies
from monitor.store_care import StoreCare
from monitor.troubles import Trouble

log = logging.getLogger(__name__)

KILLS_WITHIN = timedelta(minutes=10)


class Vitals:
    """`offline_since` says since when no host answers, `no_page` why there is no web page; `troubles` is what was wrong
    when last reported."""

    def __init__(
        self, store: AsyncStore, in_force: InForce, care: StoreCare, metrics: Metrics, clock: Callable[[], datetime]
    ) -> None:
        self.store = store
        self.in_force = in_force
        self.care = care
        self.metrics = metrics
        self.clock = clock
        self.health = Health()
        self.offline_since: Callable[[], datetime | None] = lambda: None
        self.no_page: tuple[str, datetime] | None = None
        self.troubles: tuple[Trouble, ...] = ()
        self._kills: deque[datetime] = deque(maxlen=100)
        self._counted_to = self.started_at = clock()

    def note_kill(self) -> None:
        """A worker process was killed or died."""
        self.metrics.count("worker_kills")
        self._kills.append(self.clock())

    def process(self) -> Process:
        """What is known of this process now."""
        free, share = self.care.free()
        return Process(
            up_since=self.started_at,
            offline_since=self.offline_since(),
            kills=sum(self.clock() - at < KILLS_WITHIN for at in self._kills),
            free_bytes=free,
            free_share=share,
            damage=self.care.damage,
            store_bytes=self.care.bytes(),
            journal_bytes=self.care.journal_bytes(),
            page=self.no_page[0] if self.no_page else "",
            page_since=self.no_page[1] if self.no_page else None,
        )

    async def look(self) -> Present:
        """How much there is, and what is wrong; raises StoreError."""
        return await self.store.look(self._look, self.clock())

    def _look(self, connection: Connection, now: datetime) -> Present:
        return present.look(connection, scope(self.in_force.rules), now, process=self.process())

    async def report(self) -> int:
        """Write what `health.to` is to be told; how many messages that makes."""
        done = await self.store.write(self.health.report, self.in_force.rules, self.clock(), self.process())
        self.health.stored(done)
        self.troubles = done.troubles
        self.health.also = self.care.works() or self.health.also
        self.metrics.count("notices", by=done.notices)
        return done.notices

    async def count_delivered(self) -> None:
        """How long what was accepted since the last time took."""
        for at, since_decided, since_seen in await self.store.look(tallies.delivered_since, self._counted_to):
            self._counted_to = at
            self.metrics.lag("matched_to_delivered", since_decided)
            self.metrics.lag("seen_to_delivered", since_seen)

    async def heartbeat(self) -> None:
        """Tell the watchdog service of `health.heartbeat` that we live; its silence is what it is for."""
        address = self.in_force.config.settings.health.heartbeat
        if address is None:
            return
        network = make_network(self.in_force.config)
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
