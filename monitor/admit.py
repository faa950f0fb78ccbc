"""The entries of a document, polled or pushed, into the store: known ones learnt and edited, new ones wait to be read.

It carries out what pure functions decide, in the caller's transaction; where the document came from it must not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from monitor import edits, intake
from monitor.identity import Selection, select_new
from monitor.model import Entry
from monitor.rules import Rules
from monitor.store import articles, feeds
from monitor.store.feeds import FeedState
from monitor.urls import canonical


@dataclass(frozen=True, slots=True)
class Admitted:
    """Ids of articles to read or to match again, how many were only archived, and what was new."""

    to_read: tuple[int, ...]
    archived: int
    selection: Selection


def admit(connection: Connection, state: FeedState, shown: Sequence[Entry], rules: Rules, now: datetime) -> Admitted:
    """Store what `shown` has that is new or edited. `state` is what was known of the feed before it."""
    entries = tuple(intake.dated(entry, now) for entry in shown)
    names = {name for entry in entries for name in entry.identities}
    known = feeds.known(connection, state.id, names)
    selection = select_new(entries, known.keys())
    watched_since = state.added_at if state.first_success_at is None else None
    plan = intake.plan(selection.new, rules.intake, now, watched_since)
    new = _add(connection, state.id, plan, now)
    feeds.learn(connection, state.id, {name: known[by] for name, by in selection.learned.items()})
    edited = _edited(connection, selection, known)
    return Admitted((*new, *edited), len(plan.archive), selection)


def _add(connection: Connection, feed_id: int, plan: intake.Plan, now: datetime) -> list[int]:
    looked = articles.add_all_waiting(connection, feed_id, _addressed(plan.first_look), now, is_first_look=True)
    news = articles.add_all_waiting(connection, feed_id, _addressed(plan.news), now, is_first_look=False)
    archived = articles.add_archived(connection, feed_id, _addressed(plan.archive), now)
    ids = zip((*plan.first_look, *plan.news, *plan.archive), (*looked, *news, *archived), strict=True)
    feeds.learn(connection, feed_id, {name: article for entry, article in ids for name in entry.identities})
    return [*looked, *news]


def _addressed(entries: Sequence[Entry]) -> list[tuple[Entry, str | None]]:
    return [(entry, _address(entry)) for entry in entries]


def _address(entry: Entry) -> str | None:
    return entry.canonical_url or (canonical(entry.url) if entry.url else None)


def _edited(connection: Connection, selection: Selection, known: Mapping[str, int]) -> list[int]:
    """Articles whose words in the feed have changed, to be matched again."""
    ids = [next((known[name] for name in entry.identities if name in known), None) for entry in selection.known]
    pairs = [(article, entry) for article, entry in zip(ids, selection.known, strict=True) if article is not None]
    before = articles.before_edits(connection, {article for article, _ in pairs})
    return articles.apply_edits(connection, edits.plan(pairs, before))
