"""Polling, the first half of the way in: fetch -> parse -> new entries -> store.

It carries out what pure functions decide, and holds no rule about news; a catch-all stands around one feed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor import moves, outage, schedule, sources, websub
from monitor.admit import admit
from monitor.backfill import from_sitemaps
from monitor.errors import Failure, FetchFailed, LeaseLost, StoreError
from monitor.feed_reports import after_poll, report_end, report_failure, report_gap, report_move, report_recovery
from monitor.fetch import Fetcher, host_of
from monitor.gather import Gathered, Gatherer
from monitor.identity import Selection
from monitor.model import Entry, ParsedFeed, ServerHints
from monitor.moves import Place
from monitor.outage import Line, Outcome
from monitor.rules import Rules
from monitor.store import AsyncStore, feeds, leases, polls, push
from monitor.store.feeds import FeedState
from monitor.store.polls import Poll
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


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a good answer showed of the feed's ways, for when to poll next."""

    history: schedule.History
    hints: ServerHints
    pace: schedule.Pace
    changed: dict[str, object]


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

    def _store_unchanged(self, connection: Connection, state: FeedState, got: Gathered) -> Polled:
        leases.end_poll(connection, state)
        now = self.clock()
        history = schedule.observe(schedule.History.from_json(state.history), (), now)
        pace = replace(self._pace(state), window=state.entries, overlaps=state.gaps == 0 and state.overlaps > 0)
        changed: dict[str, object] = {"overlaps": state.overlaps + 1}
        self._record(connection, state, got, _Seen(history, _unpacked(state.hints), pace, changed))
        self._note(connection, state, status=got.fetched.status)
        return Polled(state.url)

    def _note(self, connection: Connection, state: FeedState, /, **how: Any) -> None:
        """Keep what became of this poll, for whoever asks later why an article was seen, or not."""
        now = self.clock()
        polls.record(connection, Poll(state.id, now, now, why=state.next_reason, **how))

    def _store_entries(self, connection: Connection, state: FeedState, got: Gathered, parsed: ParsedFeed) -> Polled:
        leases.end_poll(connection, state)
        done = admit(connection, state, parsed.entries, self.rules, self.clock())
        if state.first_success_at is not None:
            self._note_ages(done.selection.new)
        if self.rules.callbacks:
            self._note_hub(connection, state, got, parsed, has_news=bool(done.selection.new))
        seen = self._seen(state, got, parsed, done.selection)
        self._record(connection, state, got, seen)
        shown, new = len(parsed.entries), len(done.selection.new)
        status = got.fetched.status
        self._note(connection, state, status=status, entries=shown, new=new, is_gap=seen.pace.gap)
        return Polled(state.url, done.to_read, done.archived, is_gap=seen.pace.gap)

    def _note_ages(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.published is not None:
                self.lag("published_to_seen", (self.clock() - entry.published).total_seconds())

    def _note_hub(
        self, connection: Connection, state: FeedState, got: Gathered, parsed: ParsedFeed, *, has_news: bool
    ) -> None:
        """What the feed offers to be pushed; one with a password is asked itself, and its hub knows nothing of it."""
        header, document = (got.fetched.hub, got.fetched.topic), (parsed.hub, parsed.self_url)
        offered = None if sources.has_credentials(self.rules.feed(state.url)) else websub.offer(header, document)
        push.note_offer(connection, state.id, offered, self.clock())
        if has_news and state.first_success_at is not None:
            push.note_unpushed(connection, state.id)

    def _is_pushed(self, connection: Connection, state: FeedState) -> bool:
        subs = push.of_feed(connection, state.id) if self.rules.callbacks else ()
        return any(websub.is_relied_on(sub, self.clock()) for sub in subs)

    def _seen(self, state: FeedState, got: Gathered, parsed: ParsedFeed, selection: Selection) -> _Seen:
        now = self.clock()
        overlaps = bool(selection.known) or got.overlaps
        is_gap = state.entries > 0 and bool(selection.new) and not overlaps
        changed: dict[str, object] = {
            "title": parsed.title,
            "language": parsed.language,
            "warnings": list(parsed.warnings),
            "hints": _packed(parsed.hints),
            "entries": got.window or state.entries,
            "overlaps": state.overlaps + 1 if overlaps else 0,
        }
        if selection.new:
            changed["last_new_at"] = now
        if is_gap:
            changed |= {"gaps": state.gaps + 1, "last_gap_at": now}
            log.warning("feed %s: nothing known on this page, something may have been missed", display(state.url))
        items = [entry.published or now for entry in selection.new]
        history = schedule.observe(schedule.History.from_json(state.history), items, now)
        window, proven = got.window or state.entries, overlaps and state.gaps == 0
        pace = replace(self._pace(state), window=window, overlaps=proven, gap=is_gap)
        return _Seen(history, parsed.hints, pace, changed)

    def _record(self, connection: Connection, state: FeedState, got: Gathered, seen: _Seen) -> None:
        now = self.clock()
        validators = got.fetched.validators
        place = self._place_after(state, got)
        due = self._next_poll(connection, state, got, seen)
        answered = {
            "next_poll_at": due.at,
            "next_reason": due.reason,
            "status": got.fetched.status,
            "etag": validators.etag,
            "last_modified": validators.last_modified,
            "validators_url": validators.url,
            "body_hash": got.digest,
            "body_at": now if got.fetched.status != 304 else state.body_at,
            "history": seen.history.to_json(),
            "is_stuck": got.is_stuck,
            "parts": got.parts,
            "wants_older": False,
        }
        norm = after_poll(connection, self.rules, state, got, seen.history, now).to_json()
        feeds.record_success(connection, state.id, now, seen.changed | answered | {"norm": norm} | _columns(place))
        report_recovery(connection, self.rules, state, now)
        if place.address is not None and place.address != state.address:
            report_move(connection, self.rules, state, place.address, now)
        if seen.pace.gap:
            report_gap(connection, self.rules, state, now)
        if got.is_stuck and not state.is_stuck:
            log.warning("feed %s: its server says 304 though the feed changed; asked in full now", display(state.url))

    def _next_poll(self, connection: Connection, state: FeedState, got: Gathered, seen: _Seen) -> schedule.Due:
        validators = got.fetched.validators
        is_conditional = bool(validators.etag or validators.last_modified) and not got.is_stuck
        pace = replace(seen.pace, conditional=is_conditional, pushed=self._is_pushed(connection, state))
        hints = replace(
            got.fetched.hints, ttl=seen.hints.ttl, skip_hours=seen.hints.skip_hours, skip_days=seen.hints.skip_days
        )
        return schedule.next_poll(seen.history, hints, self.clock(), self.chance(), pace)

    def _place_after(self, state: FeedState, got: Gathered) -> Place:
        before, feed = _place(state), self.rules.feed(state.url)
        place = moves.after_answer(before, got.fetched.permanent_url, may_move=not sources.has_credentials(feed))
        if place.address is not None and place.address != before.address:
            log.warning("feed %s has moved for good; it is asked at %s now", display(state.url), display(place.address))
        return place

    # ------------------------------------------------------------------------------------------------- failures

    async def _failed(self, state: FeedState, failure: Failure) -> Polled:
        is_answered = not (isinstance(failure, FetchFailed) and failure.kind in outage.UNANSWERED)
        await self._heard(state, is_answered=is_answered)
        if self.line.since is None or is_answered or state.failures:
            return await self.store.write(self._store_failure, state, failure)
        await self.store.write(leases.end_poll, state)
        await self.store.write(self._forgive, (Outcome(state.id, state.url, "", self.clock(), is_answered=False),))
        await self.store.write(self._note, state, error=f"{OFFLINE}: {failure}")
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
        now = self.clock()
        status = failure.status if isinstance(failure, FetchFailed) else None
        wait = failure.wait if isinstance(failure, FetchFailed) else None
        place = moves.after_failure(_place(state), state.failures + 1, status)
        is_back = state.address is not None and place.address is None
        changed: dict[str, Any] = {"held_until": now + wait if wait else None} | _columns(place)
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
        pace, is_refusal = self._pace(state), not failure.retry
        due = schedule.back_off(failures, now, self.chance(), pace, wait, is_refusal=is_refusal)
        if is_gone:
            due = _after_gone(state, now, is_over=changed["stopped_at"] is not None)
        if is_gone and changed["stopped_at"]:
            report_end(connection, self.rules, state, now)
        else:
            report_failure(connection, self.rules, state, failure, now)
        if is_back:
            report_move(connection, self.rules, state, None, now)
        feeds.set_next(connection, state.id, due.at, due.reason)
        self._note(connection, state, status=status, error=str(failure))
        log.warning("feed %s: %s; next try %s", display(state.url), failure, f"{due.at:%Y-%m-%d %H:%M:%SZ}")
        return Polled(state.url, error=str(failure))

    def _pace(self, state: FeedState) -> schedule.Pace:
        every = self.rules.feed(state.url).every
        pace = replace(self.rules.pace, every=every) if every else self.rules.pace
        return pace if self.price is None else replace(pace, price=self.price)


OFFLINE = "this machine seems to be offline"


def _after_gone(state: FeedState, now: datetime, *, is_over: bool) -> schedule.Due:
    if is_over:
        reason = "gone for good (410 twice, a day apart); 'monitor feeds retry' starts it again"
        log.error("feed %s is %s", display(state.url), reason)
        return schedule.Due(now, reason)
    at = max((state.gone_since or now) + moves.GONE_AFTER, now + timedelta(minutes=5))
    return schedule.Due(at, "the server says it is gone (410); asked once more after a day")


def _place(state: FeedState) -> Place:
    return Place(state.address, state.moved_to, state.moved_times)


def _columns(place: Place) -> dict[str, object]:
    return {"address": place.address, "moved_to": place.to, "moved_times": place.times}


def _packed(hints: ServerHints) -> dict[str, Any]:
    """What the document itself asks, kept for the polls that are answered 304."""
    return {
        "ttl": hints.ttl.total_seconds() if hints.ttl else None,
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
    }


def _unpacked(packed: Mapping[str, Any] | None) -> ServerHints:
    if not packed:
        return ServerHints()
    return ServerHints(
        ttl=timedelta(seconds=packed["ttl"]) if packed["ttl"] else None,
        skip_hours=frozenset(packed["skip_hours"]),
        skip_days=frozenset(packed["skip_days"]),
    )
