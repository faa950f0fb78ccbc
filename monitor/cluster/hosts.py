"""Turns at a host over all machines: the publisher sees one guest, however many ask.

It counts requests and does not know what they are; one machine's own order stands in fetch.hosts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from monitor.config import Config
from monitor.errors import StoreError
from monitor.store import AsyncStore, members

#: Asked again at least this often: whoever holds the turn may be done sooner than it said.
LONGEST_WAIT_S = 5.0


class SharedTurns:
    """A gate for the fetcher's hosts, on rows of the store."""

    def __init__(self, store: AsyncStore, owner: str, config: Config, clock: Callable[[], datetime]) -> None:
        polling = config.settings.polling
        self._store, self._owner, self._clock = store, owner, clock
        self._pace = members.Pace(polling.per_host, polling.per_host_delay)

    async def enter(self, host: str, *, is_spaced: bool) -> None:
        """Wait for a turn at the host. Raises StoreError."""
        while (wait := await self._take(host, is_spaced)) is not None:  # noqa: ASYNC110  who holds it is elsewhere
            await asyncio.sleep(min(wait.total_seconds(), LONGEST_WAIT_S))

    async def _take(self, host: str, is_spaced: bool) -> timedelta | None:
        return await self._store.claim(
            members.take_turn, host, self._owner, self._pace, self._clock(), is_spaced=is_spaced
        )

    async def leave(self, host: str) -> None:
        """The request is over. Where the store cannot be told, the turn ends by itself."""
        with suppress(StoreError):
            await self._store.claim(members.end_turn, host, self._owner, self._clock())
