"""Work that runs beside other work: its errors are logged, and what is under way is waited for or ended.

It must not know what the work is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine

from monitor.errors import MonitorError, StoreError

log = logging.getLogger(__name__)


class Beside:
    """`tasks` are under way; `is_draining` once nothing new is to begin."""

    def __init__(self, on_store_failure: Callable[[StoreError], Awaitable[None]]) -> None:
        self.tasks: set[asyncio.Task[object]] = set()
        self.is_draining = False
        self._on_store_failure = on_store_failure

    def spawn(self, work: Coroutine[object, object, object]) -> asyncio.Task[object]:
        """Run beside the others; an error is logged, and the next tick tries again."""
        task = asyncio.ensure_future(self._logged(work))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def drain(self, seconds: float) -> None:
        """Let what is under way end within `seconds`, then end it."""
        self.is_draining = True
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=seconds)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _logged(self, work: Coroutine[object, object, object]) -> object:
        try:
            return await work
        except StoreError as error:
            await self._on_store_failure(error)
        except MonitorError as error:
            log.error("%s", error)
        except Exception:
            log.exception("unexpected error")
        return None
