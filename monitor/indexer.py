"""The index of the archive kept up to date, in small batches behind everything else: what alerts has gone out before.

It decides nothing; an article that cannot be indexed is left out of the index and stays in the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from monitor import tasks
from monitor.errors import WorkerFailed
from monitor.language.indexing import ToIndex, Words
from monitor.store import AsyncStore, search
from monitor.workers import Workers

log = logging.getLogger(__name__)

#: Articles whose words are found in one task and written in one transaction, each a tenth of a second at most.
BATCH = 100
DEADLINE_S = 30.0
PAUSE_S = 0.02  # between two batches, so that others who wait for the store come first


class Indexer:
    """Indexes what waits. Calls while one is under way do nothing."""

    def __init__(self, store: AsyncStore, workers: Workers) -> None:
        self.store = store
        self.workers = workers
        self._is_busy = False

    async def catch_up(self, most: int = 1_000_000) -> int:
        """Index what waits, at most so many articles; how many that were."""
        if self._is_busy:
            return 0
        self._is_busy = True
        try:
            return await self._catch_up(most)
        finally:
            self._is_busy = False

    async def _catch_up(self, most: int) -> int:
        done = 0
        while done < most and (waiting := await self.store.look(search.waiting, min(BATCH, most - done))):
            await self.store.write(search.enter, await self.words(waiting))
            done += len(waiting)
            await asyncio.sleep(PAUSE_S)
        if done > BATCH:
            log.info("search: %d articles indexed", done)
        return done

    async def words(self, batch: Sequence[ToIndex]) -> list[Words]:
        """The words of each, found by a worker. An article that ends its worker costs itself only."""
        try:
            return await self.workers.run(tasks.index, batch, deadline_s=DEADLINE_S)
        except WorkerFailed as failure:
            if len(batch) == 1:
                log.warning("search: article %d is not indexed: %s", batch[0].article_id, failure)
                return [Words(batch[0].article_id, frozenset())]
        return [words for one in batch for words in await self.words([one])]
