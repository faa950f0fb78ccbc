"""What a request may cost now: once an hour from how often every feed has news, so that all together stay in bounds.

The price itself is schedule's; this only keeps it fresh.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from monitor import schedule
from monitor.in_force import InForce
from monitor.polling import Poller
from monitor.store import AsyncStore, feeds

EVERY = timedelta(hours=1)


class Pricing:
    """For one poller."""

    def __init__(self, store: AsyncStore, in_force: InForce, poller: Poller, clock: Callable[[], datetime]) -> None:
        self.store = store
        self.in_force = in_force
        self.poller = poller
        self.clock = clock
        self._at: datetime | None = None

    async def set(self) -> None:
        """Set it anew where it is an hour old."""
        now = self.clock()
        if self._at is None or now - self._at >= EVERY:
            self._at = now
            histories = await self.store.look(feeds.histories)
            self.poller.price = await asyncio.to_thread(_fair, histories, self.in_force.rules.pace, now)


def _fair(histories: Iterable[Mapping[str, Any]], pace: schedule.Pace, now: datetime) -> float:
    rates = [schedule.rate(schedule.History.from_json(history), now) for history in histories]
    return schedule.fair_price(rates, pace)
