"""Polling, the first half of the way in: fetch -> parse -> new entries -> store.

It carries out what pure functions decide, and holds no rule about news; a catch-all stands around one feed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor import moves, outage, schedule
from monitor.admit import admit
from monitor.answered import Terms, columns, keep_entries, keep_unchanged, note, place_of
from monitor.backfill import from_sitemaps
from monitor.errors import Failure, FetchFailed, LeaseLost, StoreError
from monitor.feed_reports import report_end, report_failure, report_move
from monitor.fetch import Fetcher, host_of
from monitor.gather import Gathered, Gatherer
from monitor.model import Entry, ParsedFeed
from monitor.outage import Line, Outcome
from monitor.rules import Rules
from monitor.store import AsyncStore, feeds, leases
from monitor.store.feeds import FeedState
from monitor.urls import display
from monitor.workers import Workers

log = logging.getLogger(__name__)

#: Answers that ask for less, whether or not they say for how long (RFC 9110 section 15.6.4, RFC 6585 section 4).
THROTTLING = (429, 503)
GONE = 410
#: How far back sitemaps are read where a person asks for a feed's older articles: they list two days, some a week.
ASKED_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll did: ids of articles to read or to match again, or why it failed."""

    feed: str
    new: tuple[int, ...] = ()
    archived: int = 0
    error: str = ""
    is_gap: bool = False


class Poller:
    """Polls feeds. `price` is what a request may cost, where the feeds together have a budget."""

    def __init__(
        self,
        store: AsyncStore,
        fetcher: Fetcher,
        workers: Workers,
        rules: Rules,
        *,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
    ) -> None:
        self.store = store
        self.gatherer = Gatherer(fetcher, workers)
        self.rules = rules
        self.clock = clock
        self.chance = chance
        self.price: float | None = None
        self.line = Line()
        self.lag: Callable[[str, float], None] = lambda stage, seconds: None
        self._under_way = 0

    async def poll(self, state: FeedState) -> Polled:
        """Ask a feed for news and store what is new; a failure is recorded and tried again, for ever."""
        self._under_way += 1
        try:
            polled = await self._poll(state)
        except Failure as failure:
            return await self._failed(state, failure)
        except (StoreError, LeaseLost):
            raise
        except Exception as error:
            log.exception("feed %s: unexpected error", display(state.url))
            return await self._failed(state, Failure(f"unexpected {type(error).__name__}"))
        finally:
            self._under_way -= 1
        await self._heard(state, is_answered=True)
        return polled

    async def _poll(self, state: FeedState) -> Polled:
        feed = self.rules.feed(state.url)
        got = await self.gatherer.gather(
            replace(feed, url=state.address or feed.url), state, self._known_in(state.id), self.clock()
        )
        if got.parsed is None:
            return await self.store.write(self._store_unchanged, state, got)
        polled = await self.store.write(self._store_entries, state, got, got.parsed)
        new = len(polled.new) + polled.archived
        log.info("feed %s: %d entries, %d new", display(state.url), len(got.parsed.entries), new)
        return await self._backfilled(state, got.parsed, polled) if polled.is_gap or state.wants_older else polled

    async def _backfilled(self, state: FeedState, parsed: ParsedFeed, polled: Polled) -> Polled:
        """What lies in the gap, or was asked for, as far as the site's news sitemaps tell."""
        now = self.clock()
        since = now - ASKED_BACK if state.wants_older else state.last_success_at or now
        found = await from_sitemaps(self.gatherer, parsed, since, now)
        older = await self.store.write(self._store_older, state, found) if found else ()
        return replace(polled, new=(*polled.new, *older))

    def _store_older(self, connection: Connection, state: FeedState, found: Sequence[Entry]) -> tuple[int, ...]:
        done = admit(connection, state, found, self.rules, self.clock())
        log.info("feed %s: %d older articles from a sitemap", display(state.url), len(done.selection.new))
        return done.to_read

    def _known_in(self, feed_id: int) -> Callable[[Collection[str]], Any]:
        async def known(names: Collection[str]) -> Collection[str]:
            return (await self.store.look(feeds.known, feed_id, names)).keys()

        return known

    # --------------------------------------------------------------------------------------------- good answers

    def _terms(self) -> Terms:
        return Terms(self.rules, self.clock(), self.chance(), self.price)

    def _store_unchanged(self, connection: Connection, state: FeedState, got: Gathered) -> Polled:
        leases.end_poll(connection, state)
        keep_unchanged(connection, state, got, self._terms())
        return Polled(state.url)

    def _store_entries(self, connection: Connection, state: FeedState, got: Gathered, parsed: ParsedFeed) -> Polled:
        leases.end_poll(connection, state)
        terms = self._terms()
        done, is_gap = keep_entries(connection, state, got, parsed, terms)
        if state.first_success_at is not None:
            self._note_ages(done.selection.new, terms.now)
        return Polled(state.url, done.to_read, done.archived, is_gap=is_gap)

    def _note_ages(self, entries: Iterable[Entry], now: datetime) -> None:
        for entry in entries:
            if entry.published is not None:
                self.lag("published_to_seen", (now - entry.published).total_seconds())

    # ------------------------------------------------------------------------------------------------- failures

    async def _failed(self, state: FeedState, failure: Failure) -> Polled:
        is_answered = not (isinstance(failure, FetchFailed) and failure.kind in outage.UNANSWERED)
        await self._heard(state, is_answered=is_answered)
        if self.line.since is None or is_answered or state.failures:
            return await self.store.write(self._store_failure, state, failure)
        await self.store.write(leases.end_poll, state)
        await self.store.write(self._forgive, (Outcome(state.id, state.url, "", self.clock(), is_answered=False),))
        await self.store.write(note, state, self.clock(), error=f"{OFFLINE}: {failure}")
        return Polled(state.url, error=str(failure))

    async def _heard(self, state: FeedState, *, is_answered: bool) -> None:
        """Keep what polls say of this machine's own line; its loss and its return are one event each."""
        host = host_of(state.address or state.url)
        outcome = Outcome(state.id, state.url, host, self.clock(), is_answered, state.failures)
        before, self.line = self.line, outage.after(self.line, outcome, self._under_way - 1)
        if self.line.since is not None and before.since is None:
            log.warning("no answer from any host: this machine seems to be offline; feeds are tried again every minute")
            await self.store.write(self._forgive, self.line.outcomes)
        elif self.line.since is None and before.since is not None:
            log.warning("this machine is online again; it was not since %s", f"{before.since:%Y-%m-%d %H:%M:%SZ}")
            await self.store.write(self._catch_up)

    def _forgive(self, connection: Connection, silent: tuple[Outcome, ...]) -> None:
        now = self.clock()
        pause = outage.pause(self.line, now)
        at = {one.feed_id: schedule.phased(one.url, now + pause / 2, pause / 2) for one in silent}
        feeds.forgive(connection, {one.feed_id: one.failures for one in silent}, at, OFFLINE)

    def _catch_up(self, connection: Connection) -> None:
        """What waited for the line is asked soon, but not all at once."""
        waiting = feeds.waiting_for(connection, OFFLINE)
        at = schedule.spread(waiting, self.clock())
        feeds.postpone(connection, {waiting[url]: when for url, when in at.items()}, "after an outage here")

    def _store_failure(self, connection: Connection, state: FeedState, failure: Failure) -> Polled:
        leases.end_poll(connection, state)
        terms = self._terms()
        rules, now = terms.rules, terms.now
        status = failure.status if isinstance(failure, FetchFailed) else None
        wait = failure.wait if isinstance(failure, FetchFailed) else None
        place = moves.after_failure(place_of(state), state.failures + 1, status)
        is_back = state.address is not None and place.address is None
        changed: dict[str, Any] = {"held_until": now + wait if wait else None} | columns(place)
        if is_back:
            changed |= feeds.AS_CONFIGURED
            log.warning("feed %s: asked at its configured address again", display(state.url))
        is_gone = status == GONE and not is_back
        if is_gone:
            over = moves.is_over(state.gone_since, now)
            changed |= {"gone_since": state.gone_since or now, "stopped_at": now if over else None}
        failures = feeds.record_failure(connection, state.id, now, str(failure), status, changed)
        if status in THROTTLING and wait is None:
            wait = schedule.THROTTLED
        pace, is_refusal = terms.pace(state), not failure.retry
        due = schedule.back_off(failures, now, terms.chance, pace, wait, is_refusal=is_refusal)
        if is_gone:
            due = _after_gone(state, now, is_over=changed["stopped_at"] is not None)
        if is_gone and changed["stopped_at"]:
            report_end(connection, rules, state, now)
        else:
            report_failure(connection, rules, state, failure, now)
        if is_back:
            report_move(connection, rules, state, None, now)
        feeds.set_next(connection, state.id, due.at, due.reason)
        note(connection, state, now, status=status, error=str(failure))
        log.warning("feed %s: %s; next try %s", display(state.url), failure, f"{due.at:%Y-%m-%d %H:%M:%SZ}")
        return Polled(state.url, error=str(failure))


OFFLINE = "this machine seems to be offline"


def _after_gone(state: FeedState, now: datetime, *, is_over: bool) -> schedule.Due:
    if is_over:
        reason = "gone for good (410 twice, a day apart); 'monitor feeds retry' starts it again"
        log.error("feed %s is %s", display(state.url), reason)
        return schedule.Due(now, reason)
    at = max((state.gone_since or now) + moves.GONE_AFTER, now + timedelta(minutes=5))
    return schedule.Due(at, "the server says it is gone (410); asked once more after a day")
