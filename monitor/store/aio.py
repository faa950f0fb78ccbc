"""The store from coroutines: transactions run in threads, so that the event loop never waits for a disk.

Writes are one at a time in this process already here, so that they never queue inside SQLite's busy timeout.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from monitor.store.engine import Store

P = ParamSpec("P")
T = TypeVar("T")


class AsyncStore:
    """Runs `function(connection, …)` inside a transaction; raises StoreError and what the function raises."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._writing = asyncio.Lock()

    async def look(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a read transaction."""

        def transact() -> T:
            with self.store.read() as connection:
                return function(connection, *args, **kwargs)

        return await asyncio.to_thread(transact)

    async def write(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In a write transaction."""

        def transact() -> T:
            with self.store.write() as connection:
                return function(connection, *args, **kwargs)

        async with self._writing:
            return await asyncio.to_thread(transact)
