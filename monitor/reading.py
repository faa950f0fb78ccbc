"""Reading, the second half of the way in: page -> text -> match -> group -> decide -> store.

Whatever goes wrong with a page, the article is matched on what its feed gave; it holds no rule about news.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from monitor import outage, sources, tasks
from monitor.conclude import conclude, conclude_edit
from monitor.errors import FetchFailed, StoreError, WorkerFailed
from monitor.extract import needs_page
from monitor.fetch import Fetcher
from monitor.known import PAUSED, Known, known, reading_of_twin
from monitor.language.detect import code
from monitor.language.tables import announce, is_ready
from monitor.rules import Rules
from monitor.store import AsyncStore, articles, evidence
from monitor.store.articles import Waiting
from monitor.store.evidence import Sight
from monitor.tasks import Job, Missing, Studied
from monitor.urls import canonical, display
from monitor.workers import Workers

log = logging.getLogger(__name__)

STUDY_DEADLINE_S = 30.0
BUILD_DEADLINE_S = 300.0
#: Pages under way at once, each in memory until it is read: of all feeds, and of one.
PAGES = 64
PAGES_OF_A_FEED = 6
#: A page that gave no text is not asked for again so soon.
PAGE_ONCE = timedelta(days=1)
#: How long an article's page is asked for again whose host wants a pause, and after which pause first.
PAGE_WITHIN, PAGE_AGAIN = timedelta(hours=6), timedelta(minutes=10)
STUDY_BATCH = 50  # articles whose text the feed gave, studied in one task and stored in one transaction


@dataclass(frozen=True, slots=True)
class ReadDone:
    """How many alerts reading made, and which articles could not be studied, in words."""

    alerts: int = 0
    failures: tuple[str, ...] = ()

    def __add__(self, other: ReadDone) -> ReadDone:
        return ReadDone(self.alerts + other.alerts, self.failures + other.failures)


@dataclass(slots=True)
class _Page:
    """A page that is being asked for, and what came of it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    is_asked: bool = False
    refusal: str = ""


class Reader:
    """Reads articles that wait. `on_alerts` is called after a transaction that wrote alerts.

    `is_offline` says whether this machine seems to be."""

    def __init__(
        self, store: AsyncStore, fetcher: Fetcher, workers: Workers, rules: Rules, clock: Callable[[], datetime]
    ) -> None:
        self.store = store
        self.fetcher = fetcher
        self.workers = workers
        self.rules = rules
        self.clock = clock
        self.on_alerts: Callable[[], None] = lambda: None
        self.is_offline: Callable[[], bool] = lambda: False
        self.on_read: Callable[[str], None] = lambda matched_on: None
        self.lag: Callable[[str, float], None] = lambda stage, seconds: None
        self._pages = asyncio.Semaphore(PAGES)
        self._addresses: dict[str, _Page] = {}
        self._building: dict[str, asyncio.Lock] = {}
        self._built: set[str] = set()

    async def read(self, ids: Sequence[int]) -> ReadDone:
        """Read, match and conclude articles that wait; those that were edited are matched without a page."""
        found = await self.store.look(articles.waiting, len(ids), ids)
        before = await self.store.look(known, found, self.clock() - PAGE_ONCE)
        jobs = [(one, self._job(one, before)) for one in found]
        wanting = [(one, job) for one, job in jobs if job.reading is None and not job.refusal]
        paged = [(one, job) for one, job in wanting if needs_page(one.entry, job.mode)]
        of_pages = {one.id for one, _ in paged}
        plain = [(one, job) for one, job in jobs if one.id not in of_pages]
        batches = [plain[start : start + STUDY_BATCH] for start in range(0, len(plain), STUDY_BATCH)]
        mine = asyncio.Semaphore(PAGES_OF_A_FEED)
        work = (*(self._study(batch) for batch in batches), *(self._read_page(*one, mine) for one in paged))
        return sum(await asyncio.gather(*work), ReadDone())

    def _job(self, waiting: Waiting, before: Known) -> Job:
        feed = self.rules.feed(waiting.feed_url)
        is_posts = feed.read == "auto" and sources.is_posts(waiting.feed_url)
        return Job(
            entry=waiting.entry,
            feed_name=self.rules.name(waiting.feed_url, waiting.feed_title),
            feed_tags=feed.tags,
            mode="feed" if is_posts or waiting.id in before.shared else feed.read,
            language=waiting.feed_language,
            reading=before.readings.get(waiting.id),
            refusal=before.refusals.get(waiting.id, ""),
        )

    async def _read_page(self, waiting: Waiting, job: Job, mine: asyncio.Semaphore) -> ReadDone:
        """One page with its body in memory: few of a feed at a time, so that a slow host holds up its own only."""
        async with self._alone(waiting.canonical_url or str(waiting.id)) as page, mine, self._pages:
            if page.is_asked:  # another feed's entry of this moment leads there: it is not asked for twice
                job = replace(job, reading=await self.store.look(reading_of_twin, waiting), refusal=page.refusal)
            if job.reading is not None or job.refusal:
                return await self._study([(waiting, job)])
            return await self._study_page(waiting, job, page)

    @asynccontextmanager
    async def _alone(self, address: str) -> AsyncIterator[_Page]:
        """One article at a time of those that lead to the same page; what came of it is there for the others."""
        page = self._addresses.setdefault(address, _Page())
        page.users += 1
        try:
            async with page.lock:
                yield page
        finally:
            page.users -= 1
            if not page.users:
                del self._addresses[address]

    async def _study_page(self, waiting: Waiting, job: Job, asked: _Page) -> ReadDone:
        """Fetch the page; whatever goes wrong, the article is matched on what the feed gave."""
        assert waiting.entry.url is not None
        asked.is_asked = True
        try:
            page = await self.fetcher.page(waiting.entry.url)
            job = replace(
                job,
                body=page.body,
                url=page.url,
                content_type=page.content_type,
                status=page.status,
                headers=page.headers,
            )
            if address := sources.behind(waiting.entry.url, page.url):
                waiting = replace(waiting, canonical_url=canonical(address))
                await self.store.write(articles.readdress, waiting.id, waiting.canonical_url)
        except FetchFailed as failure:
            if failure.kind in outage.UNANSWERED and self.is_offline():
                return ReadDone()  # it waits in the store: this machine's outage must not cost it its text
            asked.refusal = _refusal(failure)
            job = replace(job, refusal=asked.refusal)
        done = await self._study([(waiting, job)])
        if job.refusal in PAUSED:
            await self.store.write(self._put_off, waiting)
        return done

    def _put_off(self, connection: Connection, waiting: Waiting) -> None:
        """It was matched on what the feed gave, as its host wants a pause; its page is asked for after that."""
        now = self.clock()
        age = now - waiting.first_seen
        if age < PAGE_WITHIN:  # the pause doubles each time: six requests at most
            articles.read_page_later(connection, waiting, now + max(PAGE_AGAIN, age))

    async def _study(self, batch: Sequence[tuple[Waiting, Job]]) -> ReadDone:
        made, begun = None, self.clock()
        self._note_lag("seen_to_read", [begun - waiting.first_seen for waiting, _ in batch])
        while made is None:  # the watchlists were edited meanwhile: only the verdicts of those in force count
            try:
                studied = await self._studied([job for _, job in batch])
                sights = await asyncio.to_thread(_sights, batch, studied)
                made = await self.store.write(self._conclude, batch, studied, sights)
            except StoreError:
                raise
            except WorkerFailed as failure:
                return await self._give_back(batch, failure)
            except Exception as error:  # one article must not hold up the others of its batch
                log.exception("reading: unexpected error")
                return await self._give_back(batch, WorkerFailed(f"unexpected {type(error).__name__}"))
        if made:
            self.on_alerts()
        self._note_lag("read_to_matched", [self.clock() - begun for _ in batch])
        for one in studied:
            self.on_read(one.reading.matched_on)
        return ReadDone(made)

    def _note_lag(self, stage: str, spans: Sequence[timedelta]) -> None:
        for span in spans:
            self.lag(stage, span.total_seconds())

    async def _give_back(self, batch: Sequence[tuple[Waiting, Job]], failure: WorkerFailed) -> ReadDone:
        """What could not be studied one by one stays in the store and is taken up again later."""
        if len(batch) > 1:
            return sum([await self._study([one]) for one in batch], ReadDone())
        waiting, job = batch[0]
        is_last = await self.store.write(articles.note_try, waiting.id, str(failure), self.clock())
        if is_last and not job.is_bare:
            return await self._study([(waiting, _bare(job))])
        said = f"article {display(job.entry.url or '')}: {failure}"
        log.warning("%s", said)
        return ReadDone(0, (said,))

    async def _studied(self, jobs: list[Job]) -> list[Studied]:
        """Study in a worker; a page that kills it costs the page only, the article has what the feed gave."""
        try:
            return await self._in_worker(jobs)
        except WorkerFailed:
            if len(jobs) > 1 or jobs[0].body is None:
                raise
            return await self._in_worker([replace(jobs[0], body=None, refusal="page could not be read")])

    async def _in_worker(self, jobs: list[Job]) -> list[Studied]:
        watches = self.rules.watches
        studied = await self.workers.run(tasks.study, jobs, watches, deadline_s=STUDY_DEADLINE_S)
        if isinstance(studied, Missing):
            await asyncio.gather(*(self._build(language) for language in studied.languages))
            patient = partial(tasks.study, can_wait=True)
            studied = await self.workers.run(patient, jobs, watches, deadline_s=STUDY_DEADLINE_S)
        assert not isinstance(studied, Missing)
        return studied

    async def prepare(self, hints: Iterable[str | None]) -> None:
        """Have the tables of word forms of these languages before the first article in one of them has to wait."""
        cache = self.rules.watches.cache
        for language in sorted(set(filter(None, map(code, hints)))):
            if not is_ready(language, cache):
                try:
                    await self._build(language)
                except WorkerFailed as failure:
                    log.warning("the table of word forms for %s is not there yet: %s", language, failure)

    async def _build(self, language: str) -> None:
        """Once a language, whoever meets it first; the others wait."""
        async with self._building.setdefault(language, asyncio.Lock()):
            if language not in self._built:
                announce(language)
                cache = self.rules.watches.cache
                await self.workers.run(tasks.build_table, language, cache, deadline_s=BUILD_DEADLINE_S)
                self._built.add(language)

    def _conclude(
        self,
        connection: Connection,
        batch: Sequence[tuple[Waiting, Job]],
        studied: Sequence[Studied],
        sights: Mapping[int, Sight],
    ) -> int | None:
        rules = self.rules  # an edit may exchange it meanwhile: all of this is decided by the same
        if any(one.version != rules.watches.version for one in studied):
            return None
        now = self.clock()
        for article_id, sight in sights.items():
            evidence.keep(connection, article_id, sight, now)
        pairs = zip(batch, studied, strict=True)
        return sum(
            (conclude_edit if waiting.is_edit else conclude)(connection, waiting, one, rules, now)
            for (waiting, _), one in pairs
        )


def _sights(batch: Sequence[tuple[Waiting, Job]], studied: Sequence[Studied]) -> dict[int, Sight]:
    """What articles with a hit were found in, as it came: the page, or what the feed said."""
    return {
        waiting.id: evidence.of_entry(articles.packed(job.entry))
        if job.body is None
        else evidence.of_page(job.body, url=job.url, status=job.status, headers=job.headers)
        for (waiting, job), one in zip(batch, studied, strict=True)
        if one.hits
    }


def _bare(job: Job) -> Job:
    """The headline alone, for an article whose text has ended every worker it met."""
    entry = replace(job.entry, content="", summary="")
    return replace(job, entry=entry, body=None, reading=None, refusal="its text could not be read", is_bare=True)


def _refusal(failure: FetchFailed) -> str:
    if failure.kind == "robots":
        return "page not read: robots.txt"
    return f"page refused ({failure.status})" if failure.status else f"page not read ({failure.kind})"
