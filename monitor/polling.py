"""Polling, the first half of the way in: fetch -> parse -> new entries -> store.

It carries out what pure functions decide, and holds no rule about news; a catch-all stands around one feed.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor import edits, intake, schedule, tasks
from monitor.errors import Failure, FetchFailed, StoreError
from monitor.fetch import Fetched, Fetcher
from monitor.identity import Selection, select_new
from monitor.model import ParsedFeed, ServerHints
from monitor.rules import Rules
from monitor.store import AsyncStore, articles, feeds
from monitor.store.feeds import FeedState
from monitor.urls import canonical, display
from monitor.workers import Workers

log = logging.getLogger(__name__)

PARSE_DEADLINE_S = 20.0
#: Answers that ask for less, whether or not they say for how long (RFC 9110 section 15.6.4, RFC 6585 section 4).
THROTTLING = (429, 503)


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll did: ids of articles to read or to match again, or why it failed."""

    feed: str
    new: tuple[int, ...] = ()
    archived: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a good answer showed of the feed's ways, for when to poll next."""

    history: schedule.History
    hints: ServerHints
    pace: schedule.Pace
    changed: dict[str, object]


class Poller:
    """Polls feeds."""

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
        self.fetcher = fetcher
        self.workers = workers
        self.rules = rules
        self.clock = clock
        self.chance = chance

    async def poll(self, state: FeedState) -> Polled:
        """Ask a feed for news and store what is new; a failure is recorded and tried again, for ever."""
        try:
            return await self._poll(state)
        except Failure as failure:
            return await self.store.write(self._store_failure, state, failure)
        except StoreError:
            raise
        except Exception as error:
            log.exception("feed %s: unexpected error", display(state.url))
            unexpected = Failure(f"unexpected {type(error).__name__}")
            return await self.store.write(self._store_failure, state, unexpected)

    async def _poll(self, state: FeedState) -> Polled:
        feed = self.rules.feed(state.url)
        fetched = await self.fetcher.feed(feed, state.validators)
        digest = hashlib.blake2b(fetched.body, digest_size=16).hexdigest()
        if fetched.status == 304 or digest == state.body_hash:
            return await self.store.write(self._store_unchanged, state, fetched)
        parsed = await self.workers.run(
            tasks.parse, fetched.body, fetched.url, fetched.content_type, deadline_s=PARSE_DEADLINE_S
        )
        polled = await self.store.write(self._store_entries, state, fetched, parsed, digest)
        log.info("feed %s: %d entries, %d new", display(state.url), len(parsed.entries), len(polled.new))
        return polled

    def _store_unchanged(self, connection: Connection, state: FeedState, fetched: Fetched) -> Polled:
        now = self.clock()
        history = schedule.observe(schedule.History.from_json(state.history), (), now)
        pace = replace(self._pace(state), window=state.entries, overlaps=state.gaps == 0 and state.overlaps > 0)
        self._record(connection, state, fetched, _Seen(history, _unpacked(state.hints), pace, {}))
        return Polled(state.url)

    def _store_entries(
        self, connection: Connection, state: FeedState, fetched: Fetched, parsed: ParsedFeed, digest: str
    ) -> Polled:
        now = self.clock()
        is_first = state.first_success_at is None
        entries = tuple(intake.dated(entry, now) for entry in parsed.entries)
        names = {name for entry in entries for name in entry.identities}
        known = feeds.known(connection, state.id, names)
        selection = select_new(entries, known.keys())
        plan = intake.plan(selection.new, self.rules.intake, now, is_first_poll=is_first)
        new = self._add(connection, state, plan, now, is_first=is_first)
        feeds.learn(connection, state.id, {name: known[by] for name, by in selection.learned.items()})
        edited = _edited(connection, selection, known)
        self._record(connection, state, fetched, self._seen(state, parsed, selection, digest))
        return Polled(state.url, (*new, *edited), len(plan.archive))

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

    def _seen(self, state: FeedState, parsed: ParsedFeed, selection: Selection, digest: str) -> _Seen:
        now = self.clock()
        is_gap = state.entries > 0 and bool(selection.new) and not selection.known
        changed: dict[str, object] = {
            "body_hash": digest,
            "title": parsed.title,
            "language": parsed.language,
            "warnings": list(parsed.warnings),
            "hints": _packed(parsed.hints),
            "entries": len(parsed.entries),
            "overlaps": state.overlaps + 1 if selection.known else 0,
        }
        if selection.new:
            changed["last_new_at"] = now
        if is_gap:
            changed |= {"gaps": state.gaps + 1, "last_gap_at": now}
            log.warning("feed %s: nothing known on this page, something may have been missed", display(state.url))
        items = [entry.published or now for entry in selection.new]
        history = schedule.observe(schedule.History.from_json(state.history), items, now)
        proven = bool(selection.known) and state.gaps == 0
        pace = replace(self._pace(state), window=len(parsed.entries), overlaps=proven, gap=is_gap)
        return _Seen(history, parsed.hints, pace, changed)

    def _record(self, connection: Connection, state: FeedState, fetched: Fetched, seen: _Seen) -> None:
        now = self.clock()
        validators = fetched.validators
        answered = {
            "status": fetched.status,
            "etag": validators.etag,
            "last_modified": validators.last_modified,
            "validators_url": validators.url,
            "history": seen.history.to_json(),
        }
        feeds.record_success(connection, state.id, now, seen.changed | answered)
        pace = replace(seen.pace, conditional=bool(validators.etag or validators.last_modified))
        hints = replace(
            fetched.hints, ttl=seen.hints.ttl, skip_hours=seen.hints.skip_hours, skip_days=seen.hints.skip_days
        )
        due = schedule.next_poll(seen.history, hints, now, self.chance(), pace)
        feeds.set_next(connection, state.id, due.at, due.reason)

    def _store_failure(self, connection: Connection, state: FeedState, failure: Failure) -> Polled:
        now = self.clock()
        status = failure.status if isinstance(failure, FetchFailed) else None
        wait = failure.wait if isinstance(failure, FetchFailed) else None
        held_until = now + wait if wait else None
        failures = feeds.record_failure(connection, state.id, now, str(failure), status, held_until)
        if status in THROTTLING and wait is None:
            wait = schedule.THROTTLED
        due = schedule.back_off(failures, now, self.chance(), self._pace(state), wait)
        feeds.set_next(connection, state.id, due.at, due.reason)
        log.warning("feed %s: %s; next try %s", display(state.url), failure, f"{due.at:%Y-%m-%d %H:%M:%SZ}")
        return Polled(state.url, error=str(failure))

    def _pace(self, state: FeedState) -> schedule.Pace:
        every = self.rules.feed(state.url).every
        return replace(self.rules.pace, every=every) if every else self.rules.pace


def _edited(connection: Connection, selection: Selection, known: Mapping[str, int]) -> list[int]:
    """Articles whose words in the feed have changed, to be matched again."""
    named = ((next((known[name] for name in entry.identities if name in known), None), entry) for entry in selection.known)
    pairs = [(article, entry) for article, entry in named if article is not None]
    return articles.apply_edits(
        connection, edits.plan(pairs, articles.before_edits(connection, {article for article, _ in pairs}))
    )


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
