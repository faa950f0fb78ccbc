"""The way in, one line a stage: fetch -> parse -> new entries -> read -> match -> group -> decide -> store.

It carries out what pure functions decide, and holds no rule about news; a catch-all stands around one feed.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from monitor import intake, schedule, tasks
from monitor.conclude import conclude
from monitor.errors import Failure, FetchFailed, StoreError, WorkerFailed
from monitor.extract import needs_page
from monitor.fetch import Fetched, Fetcher
from monitor.identity import Selection, select_new
from monitor.model import ParsedFeed, Reading, ServerHints
from monitor.rules import Rules
from monitor.store import AsyncStore, articles, feeds
from monitor.store.articles import Waiting
from monitor.store.feeds import FeedState
from monitor.tasks import Job, Missing, Studied
from monitor.urls import canonical, display
from monitor.workers import Workers

log = logging.getLogger(__name__)

PARSE_DEADLINE_S = 20.0
STUDY_DEADLINE_S = 30.0
BUILD_DEADLINE_S = 300.0
STUDY_BATCH = 50  # articles whose text the feed gave, studied in one task and stored in one transaction


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll did: ids of articles to read, or why it failed."""

    feed: str
    new: tuple[int, ...] = ()
    archived: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class ReadDone:
    """How many alerts reading made, and which articles could not be studied, in words."""

    alerts: int = 0
    failures: tuple[str, ...] = ()

    def __add__(self, other: ReadDone) -> ReadDone:
        return ReadDone(self.alerts + other.alerts, self.failures + other.failures)


class Pipeline:
    """Polls feeds and reads articles. `on_alerts` is called after a transaction that wrote alerts."""

    def __init__(
        self,
        store: AsyncStore,
        fetcher: Fetcher,
        workers: Workers,
        rules: Rules,
        *,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
        on_alerts: Callable[[], None] = lambda: None,
    ) -> None:
        self.store = store
        self.fetcher = fetcher
        self.workers = workers
        self.rules = rules
        self.clock = clock
        self.chance = chance
        self.on_alerts = on_alerts
        self._building: dict[str, asyncio.Lock] = {}
        self._built: set[str] = set()

    # ------------------------------------------------------------------------------------------------- poll

    async def poll(self, state: FeedState) -> Polled:
        """Ask a feed for news and store what is new; a failure is recorded and tried again, for ever."""
        try:
            return await self._poll(state)
        except Failure as failure:
            return await self._poll_failed(state, failure)
        except StoreError:
            raise
        except Exception as error:
            log.exception("feed %s: unexpected error", display(state.url))
            return await self._poll_failed(state, Failure(f"unexpected {type(error).__name__}"))

    async def _poll(self, state: FeedState) -> Polled:
        feed = self.rules.feed(state.url)
        fetched = await self.fetcher.feed(feed, state.validators)
        digest = hashlib.blake2b(fetched.body, digest_size=16).hexdigest()
        if fetched.status == 304 or digest == state.body_hash:
            return await self.store.write(self._nothing_new, state, fetched)
        parsed = await self.workers.run(
            tasks.parse, fetched.body, fetched.url, fetched.content_type, deadline_s=PARSE_DEADLINE_S
        )
        polled = await self.store.write(self._store_entries, state, fetched, parsed, digest)
        log.info("feed %s: %d entries, %d new", display(state.url), len(parsed.entries), len(polled.new))
        return polled

    async def _poll_failed(self, state: FeedState, failure: Failure) -> Polled:
        polled: Polled = await self.store.write(self._store_failure, state, failure)
        return polled

    def _nothing_new(self, connection: Connection, state: FeedState, fetched: Fetched) -> Polled:
        now = self.clock()
        history = schedule.History.from_json(state.history)
        self._record(connection, state, fetched, fetched.hints, schedule.observe(history, (), now), {})
        return Polled(state.url)

    def _store_entries(
        self, connection: Connection, state: FeedState, fetched: Fetched, parsed: ParsedFeed, digest: str
    ) -> Polled:
        now = self.clock()
        is_first = state.first_success_at is None
        names = {name for entry in parsed.entries for name in entry.identities}
        known = feeds.known(connection, state.id, names)
        selection = select_new(parsed.entries, known.keys())
        plan = intake.plan(selection.new, self.rules.intake, now, is_first_poll=is_first)
        new = self._add(connection, state, plan, now, is_first=is_first)
        feeds.learn(connection, state.id, {name: known[by] for name, by in selection.learned.items()})
        changed: dict[str, object] = {
            "body_hash": digest,
            "title": parsed.title,
            "language": parsed.language,
            "warnings": list(parsed.warnings),
        }
        if selection.new:
            changed["last_new_at"] = now
        history = _observed(state, selection, now)
        self._record(connection, state, fetched, _merged(fetched.hints, parsed.hints), history, changed)
        return Polled(state.url, tuple(new), len(plan.archive))

    def _add(
        self, connection: Connection, state: FeedState, plan: intake.Plan, now: datetime, *, is_first: bool
    ) -> list[int]:
        waiting = [
            articles.add_waiting(
                connection, state.id, entry, entry.url and canonical(entry.url), now, is_first_look=is_first
            )
            for entry in plan.read
        ]
        archive = [(entry, entry.url and canonical(entry.url)) for entry in plan.archive]
        archived = articles.add_archived(connection, state.id, archive, now)
        ids = zip((*plan.read, *plan.archive), (*waiting, *archived), strict=True)
        feeds.learn(connection, state.id, {name: article for entry, article in ids for name in entry.identities})
        return waiting

    def _record(
        self,
        connection: Connection,
        state: FeedState,
        fetched: Fetched,
        hints: ServerHints,
        history: schedule.History,
        changed: dict[str, object],
    ) -> None:
        now = self.clock()
        validators = fetched.validators
        feeds.record_success(
            connection,
            state.id,
            now,
            changed
            | {
                "status": fetched.status,
                "etag": validators.etag,
                "last_modified": validators.last_modified,
                "history": history.to_json(),
            },
        )
        pace = self._pace(state, is_conditional=bool(validators.etag or validators.last_modified))
        due = schedule.next_poll(history, hints, now, self.chance(), pace)
        feeds.set_next(connection, state.id, due.at, due.reason)

    def _store_failure(self, connection: Connection, state: FeedState, failure: Failure) -> Polled:
        now = self.clock()
        status = failure.status if isinstance(failure, FetchFailed) else None
        wait = failure.wait if isinstance(failure, FetchFailed) else None
        held_until = now + wait if wait else None
        failures = feeds.record_failure(connection, state.id, now, str(failure), status, held_until)
        due = schedule.back_off(failures, now, self.chance(), self._pace(state), wait)
        feeds.set_next(connection, state.id, due.at, due.reason)
        log.warning("feed %s: %s; next try %s", display(state.url), failure, f"{due.at:%Y-%m-%d %H:%M:%SZ}")
        return Polled(state.url, error=str(failure))

    def _pace(self, state: FeedState, *, is_conditional: bool = True) -> schedule.Pace:
        every = self.rules.feed(state.url).every
        pace = replace(self.rules.pace, conditional=is_conditional)
        return replace(pace, every=every) if every else pace

    # ------------------------------------------------------------------------------------------------- read

    async def read(self, ids: Sequence[int]) -> ReadDone:
        """Read, match and conclude articles that wait."""
        found = await self.store.look(articles.waiting, len(ids), ids)
        twins = await self.store.look(_twins, found)
        jobs = [(one, self._job(one, twins.get(one.id))) for one in found]
        paged = [(one, job) for one, job in jobs if job.reading is None and needs_page(one.entry, job.mode)]
        of_pages = {one.id for one, _ in paged}
        plain = [(one, job) for one, job in jobs if one.id not in of_pages]
        batches = [plain[start : start + STUDY_BATCH] for start in range(0, len(plain), STUDY_BATCH)]
        work = (*(self._study(batch) for batch in batches), *(self._read_page(*one) for one in paged))
        return sum(await asyncio.gather(*work), ReadDone())

    def _job(self, waiting: Waiting, twin: Reading | None) -> Job:
        feed = self.rules.feed(waiting.feed_url)
        name = self.rules.name(waiting.feed_url, waiting.feed_title)
        return Job(waiting.entry, name, feed.tags, feed.read, waiting.feed_language, reading=twin)

    async def _read_page(self, waiting: Waiting, job: Job) -> ReadDone:
        """Fetch the page; whatever goes wrong, the article is matched on what the feed gave."""
        assert waiting.entry.url is not None
        try:
            page = await self.fetcher.page(waiting.entry.url)
            job = replace(job, body=page.body, url=page.url, content_type=page.content_type)
        except FetchFailed as failure:
            job = replace(job, refusal=_refusal(failure))
        return await self._study([(waiting, job)])

    async def _study(self, batch: Sequence[tuple[Waiting, Job]]) -> ReadDone:
        made = None
        while made is None:  # the watchlists were edited meanwhile: only the verdicts of those in force count
            try:
                studied = await self._studied([job for _, job in batch])
            except WorkerFailed as failure:
                return await self._give_back(batch, failure)
            made = await self.store.write(self._conclude, batch, studied)
        if made:
            self.on_alerts()
        return ReadDone(made)

    async def _give_back(self, batch: Sequence[tuple[Waiting, Job]], failure: WorkerFailed) -> ReadDone:
        """What could not be studied one by one stays in the store and is taken up again later."""
        if len(batch) > 1:
            return sum([await self._study([one]) for one in batch], ReadDone())
        waiting, job = batch[0]
        await self.store.write(articles.note_try, waiting.id, str(failure))
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

    async def _build(self, language: str) -> None:
        """Once a language, whoever meets it first; the others wait."""
        async with self._building.setdefault(language, asyncio.Lock()):
            if language not in self._built:
                log.info("building the table of word forms for %s, once", language)
                cache = self.rules.watches.cache
                await self.workers.run(tasks.build_table, language, cache, deadline_s=BUILD_DEADLINE_S)
                self._built.add(language)

    def _conclude(
        self, connection: Connection, batch: Sequence[tuple[Waiting, Job]], studied: Sequence[Studied]
    ) -> int | None:
        if any(one.version != self.rules.watches.version for one in studied):
            return None
        now = self.clock()
        pairs = zip(batch, studied, strict=True)
        return sum(conclude(connection, waiting, one, self.rules, now) for (waiting, _), one in pairs)


def _twins(connection: Connection, found: Sequence[Waiting]) -> dict[int, Reading]:
    """What was read of articles with the same address, so that no page is fetched twice."""
    readings = {}
    for one in found:
        twin = articles.twin(connection, one.id, one.canonical_url)
        article = articles.load(connection, twin) if twin is not None else None
        if article and article.matched_on == "full article":
            readings[one.id] = Reading(
                title=article.title,
                text=article.text,
                matched_on=article.matched_on,
                author=article.author,
                published=article.published,
                language=article.language,
            )
    return readings


def _refusal(failure: FetchFailed) -> str:
    if failure.kind == "robots":
        return "page not read: robots.txt"
    return f"page refused ({failure.status})" if failure.status else f"page not read ({failure.kind})"


def _observed(state: FeedState, selection: Selection, now: datetime) -> schedule.History:
    items = [entry.published or now for entry in selection.new]
    return schedule.observe(schedule.History.from_json(state.history), items, now)


def _merged(header: ServerHints, document: ServerHints) -> ServerHints:
    """The server's hints and the document's own."""
    return replace(header, ttl=document.ttl, skip_hours=document.skip_hours, skip_days=document.skip_days)
