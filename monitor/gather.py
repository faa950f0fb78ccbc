"""What one poll asks for: the feed, its parts or older pages where it has them, a proof where a 304 is doubted.

It fetches and parses, and stores nothing; what it asks is bounded by what the pure modules say.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from monitor import moves, sources, tasks
from monitor.errors import Failure, FetchFailed, ParseFailed
from monitor.fetch import Fetched, Fetcher, is_trusted
from monitor.identity import select_new
from monitor.model import Entry, Feed, ParsedFeed, Validators
from monitor.store.feeds import FeedState
from monitor.together import Together
from monitor.urls import display
from monitor.workers import Workers

log = logging.getLogger(__name__)

PARSE_DEADLINE_S = 20.0
#: Older pages (RFC 5005) that one poll reads to close a gap.
MOST_PAGES = 5
NO_VALIDATORS = Validators()

#: Which of these names the store knows in the feed.
Known = Callable[[Collection[str]], Awaitable[Collection[str]]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a poll got. `parsed` is None where nothing has changed.

    `window` is how many entries the feed itself shows, 0 where that is not known. `overlaps` where a part had not
    changed, so that nothing lies between this poll and the one before.
    """

    fetched: Fetched
    digest: str | None
    parsed: ParsedFeed | None = None
    window: int = 0
    overlaps: bool = False
    is_stuck: bool = False
    parts: Mapping[str, Any] | None = None


class Gatherer:
    """Asks for feeds. `fetcher` may be replaced while the program runs."""

    def __init__(self, fetcher: Fetcher, workers: Workers) -> None:
        self.fetcher = fetcher
        self._parsing = Together(workers, tasks.parse_each, deadline_s=PARSE_DEADLINE_S)

    async def gather(self, feed: Feed, state: FeedState, known: Known, now: datetime) -> Gathered:
        """Poll the feed; raises Failure. `feed` has the address to ask at."""
        is_probe = not state.is_stuck and moves.wants_probe(state.body_at, state.validators, now)
        is_bare = is_probe or state.is_stuck or state.wants_older
        fetched = await self.fetcher.feed(feed, NO_VALIDATORS if is_bare else state.validators)
        digest = _digest(fetched.body) if fetched.status != 304 else state.body_hash
        if digest == state.body_hash and not state.wants_older:
            got = Gathered(fetched, digest, is_stuck=state.is_stuck)
            return await self._parts(feed, state, got, tuple(state.parts)) if state.parts else got
        parsed = await self.parse(fetched)
        got = Gathered(fetched, digest, parsed, len(parsed.entries), is_stuck=state.is_stuck)
        if fetched.status == 226:  # only what is new (RFC 3229): it overlaps by its nature
            return replace(got, window=0, overlaps=True)
        if parsed.kind == "sitemap-index":
            return await self._parts(feed, state, got, sources.newest_parts(parsed.entries))
        if error := sources.bridge_error(parsed.entries):
            raise ParseFailed(f"the bridge reports: {error[:150]}")
        if state.wants_older:
            return replace(got, parsed=await self._with_older(feed, parsed, _nothing_known))
        is_tried = is_probe or (state.is_stuck and moves.wants_pardon(state.last_new_at, now))
        if not is_tried and not (state.entries and parsed.next_page):
            return got
        selection = select_new(parsed.entries, await known(_names(parsed)))
        if is_tried and selection.new:
            got = replace(got, is_stuck=await self._says_304(feed, state.validators))
        if state.entries and selection.new and not selection.known:
            got = replace(got, parsed=await self._with_older(feed, parsed, known))
        return got

    async def parse(self, fetched: Fetched) -> ParsedFeed:
        """The document, read in a worker; raises ParseFailed, WorkerFailed."""
        return await self._parsing.run((fetched.body, fetched.url, fetched.content_type), len(fetched.body))

    async def _says_304(self, feed: Feed, validators: Validators) -> bool:
        """The proof: the feed has new items, and the server says that nothing has changed since before them."""
        try:
            return (await self.fetcher.feed(feed, validators)).status == 304
        except FetchFailed:
            return False

    async def _with_older(self, feed: Feed, parsed: ParsedFeed, known: Known) -> ParsedFeed:
        """The feed with its older pages, up to the first that shows something known."""
        entries, page, asked = list(parsed.entries), parsed, {feed.url}
        for _ in range(MOST_PAGES):
            url = page.next_page
            if url is None or url in asked or not is_trusted(feed.url, url):
                break
            asked.add(url)
            try:
                page = await self.parse(await self.fetcher.feed(replace(feed, url=url)))
            except Failure as failure:
                log.warning("feed %s: its older page could not be read: %s", display(feed.url), failure)
                break
            entries += page.entries
            if await known(_names(page)):
                break
        return replace(parsed, entries=tuple(entries))

    async def _parts(self, feed: Feed, state: FeedState, got: Gathered, urls: Iterable[str]) -> Gathered:
        """The newest sitemaps of an index as one feed; one that fails hides no other."""
        before, parts = state.parts or {}, dict[str, Any]()
        entries, unchanged, failures = list[Entry](), 0, list[Failure]()
        for url in urls:
            if not is_trusted(feed.url, url):
                continue
            try:
                parts[url], parsed = await self._part(replace(feed, url=url), before.get(url))
            except Failure as failure:
                parts[url] = before.get(url)
                failures.append(failure)
                continue
            unchanged += parsed is None
            entries += parsed.entries if parsed else ()
        if failures and len(failures) == len(parts):
            raise failures[0]
        whole = got.parsed or ParsedFeed(state.title, "sitemap-index", (), language=state.language)
        warnings = tuple(f"a sitemap of the index failed: {failure}" for failure in failures[:1])
        merged = replace(whole, entries=tuple(entries), warnings=(*whole.warnings, *warnings))
        has_news = bool(entries) or got.parsed is not None
        return replace(
            got, parsed=merged if has_news else None, window=len(entries), overlaps=bool(unchanged), parts=parts
        )

    async def _part(self, feed: Feed, before: Mapping[str, Any] | None) -> tuple[dict[str, Any], ParsedFeed | None]:
        validators = Validators(before["etag"], before["last_modified"]) if before else NO_VALIDATORS
        fetched = await self.fetcher.feed(feed, validators)
        digest = before["hash"] if before and fetched.status == 304 else _digest(fetched.body)
        seen = {"etag": fetched.validators.etag, "last_modified": fetched.validators.last_modified, "hash": digest}
        if fetched.validators.url is not None:  # another origin gave them: they would not be sent to it
            seen |= {"etag": None, "last_modified": None}
        if before and digest == before["hash"]:
            return seen, None
        parsed = await self.parse(fetched)
        if parsed.kind == "sitemap-index":
            raise ParseFailed(f"{display(feed.url)} is an index inside an index")
        return seen, parsed


async def _nothing_known(names: Collection[str]) -> Collection[str]:
    """For who wants all pages, whatever is known."""
    return ()


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _names(parsed: ParsedFeed) -> set[str]:
    return {name for entry in parsed.entries for name in entry.identities}
