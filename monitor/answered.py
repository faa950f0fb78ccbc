"""What a poll that was answered leaves in the store: its entries, what was learnt of the feed, when to ask next.

It carries out what pure functions decide, in the caller's transaction; it must not ask anybody anything.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor import moves, schedule, sources, websub
from monitor.admit import Admitted, admit
from monitor.feed_reports import after_poll, report_gap, report_move, report_recovery
from monitor.gather import Gathered
from monitor.identity import Selection
from monitor.model import ParsedFeed, ServerHints
from monitor.moves import Place
from monitor.rules import Rules
from monitor.store import feeds, polls, push
from monitor.store.feeds import FeedState
from monitor.store.polls import Poll
from monitor.urls import display

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a poll is recorded under: the rules in force, the moment, a chance in [0, 1), what a request may cost."""

    rules: Rules
    now: datetime
    chance: float
    price: float | None

    def pace(self, state: FeedState) -> schedule.Pace:
        every = self.rules.feed(state.url).every
        pace = replace(self.rules.pace, every=every) if every else self.rules.pace
        return pace if self.price is None else replace(pace, price=self.price)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a good answer showed of the feed's ways, for when to poll next."""

    history: schedule.History
    hints: ServerHints
    pace: schedule.Pace
    changed: dict[str, object]


def keep_unchanged(connection: Connection, state: FeedState, got: Gathered, terms: Terms) -> None:
    """Nothing has changed since the poll before."""
    history = schedule.observe(schedule.History.from_json(state.history), (), terms.now)
    pace = replace(terms.pace(state), window=state.entries, overlaps=state.gaps == 0 and state.overlaps > 0)
    changed: dict[str, object] = {"overlaps": state.overlaps + 1}
    _record(connection, state, got, _Seen(history, _unpacked(state.hints), pace, changed), terms)
    note(connection, state, terms.now, status=got.fetched.status)


def keep_entries(
    connection: Connection, state: FeedState, got: Gathered, parsed: ParsedFeed, terms: Terms
) -> tuple[Admitted, bool]:
    """What the feed shows; what was admitted of it, and whether something may have been missed."""
    done = admit(connection, state, parsed.entries, terms.rules, terms.now)
    has_news = bool(done.selection.new)
    if terms.rules.callbacks:
        _note_hub(connection, state, got, parsed, terms, has_news=has_news)
    seen = _seen(state, got, parsed, done.selection, terms)
    _record(connection, state, got, seen, terms)
    shown, new, is_gap = len(parsed.entries), len(done.selection.new), seen.pace.gap
    note(connection, state, terms.now, status=got.fetched.status, entries=shown, new=new, is_gap=is_gap)
    return done, is_gap


def note(connection: Connection, state: FeedState, now: datetime, /, **how: Any) -> None:
    """Keep what became of this poll, for whoever asks later why an article was seen, or not."""
    polls.record(connection, Poll(state.id, now, now, why=state.next_reason, **how))


def _note_hub(
    connection: Connection, state: FeedState, got: Gathered, parsed: ParsedFeed, terms: Terms, *, has_news: bool
) -> None:
    """What the feed offers to be pushed; one with a password is asked itself, and its hub knows nothing of it."""
    header, document = (got.fetched.hub, got.fetched.topic), (parsed.hub, parsed.self_url)
    offered = None if sources.has_credentials(terms.rules.feed(state.url)) else websub.offer(header, document)
    push.note_offer(connection, state.id, offered, terms.now)
    if has_news and state.first_success_at is not None:
        push.note_unpushed(connection, state.id)


def _is_pushed(connection: Connection, state: FeedState, terms: Terms) -> bool:
    subs = push.of_feed(connection, state.id) if terms.rules.callbacks else ()
    return any(websub.is_relied_on(sub, terms.now) for sub in subs)


def _seen(state: FeedState, got: Gathered, parsed: ParsedFeed, selection: Selection, terms: Terms) -> _Seen:
    now = terms.now
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
    pace = replace(terms.pace(state), window=window, overlaps=proven, gap=is_gap)
    return _Seen(history, parsed.hints, pace, changed)


def _record(connection: Connection, state: FeedState, got: Gathered, seen: _Seen, terms: Terms) -> None:
    rules, now = terms.rules, terms.now
    validators = got.fetched.validators
    place = _place_after(state, got, rules)
    due = _next_poll(connection, state, got, seen, terms)
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
    norm = after_poll(connection, rules, state, got, seen.history, now).to_json()
    feeds.record_success(connection, state.id, now, seen.changed | answered | {"norm": norm} | columns(place))
    report_recovery(connection, rules, state, now)
    if place.address is not None and place.address != state.address:
        report_move(connection, rules, state, place.address, now)
    if seen.pace.gap:
        report_gap(connection, rules, state, now)
    if got.is_stuck and not state.is_stuck:
        log.warning("feed %s: its server says 304 though the feed changed; asked in full now", display(state.url))


def _next_poll(connection: Connection, state: FeedState, got: Gathered, seen: _Seen, terms: Terms) -> schedule.Due:
    validators = got.fetched.validators
    is_conditional = bool(validators.etag or validators.last_modified) and not got.is_stuck
    pace = replace(seen.pace, conditional=is_conditional, pushed=_is_pushed(connection, state, terms))
    hints = replace(
        got.fetched.hints, ttl=seen.hints.ttl, skip_hours=seen.hints.skip_hours, skip_days=seen.hints.skip_days
    )
    return schedule.next_poll(seen.history, hints, terms.now, terms.chance, pace)


def _place_after(state: FeedState, got: Gathered, rules: Rules) -> Place:
    before, feed = place_of(state), rules.feed(state.url)
    place = moves.after_answer(before, got.fetched.permanent_url, may_move=not sources.has_credentials(feed))
    if place.address is not None and place.address != before.address:
        log.warning("feed %s has moved for good; it is asked at %s now", display(state.url), display(place.address))
    return place


def place_of(state: FeedState) -> Place:
    """Where the feed is asked, and where it says that it has gone."""
    return Place(state.address, state.moved_to, state.moved_times)


def columns(place: Place) -> dict[str, object]:
    """The columns that keep a place."""
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
