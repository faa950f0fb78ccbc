"""What the web page asks of the store: each question uses an index and looks at a bounded number of rows.

It reads only, and gives plain values; words for people are made elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    desc,
    func,
    select,
    text,
)

from monitor.shortid import decode
from monitor.store.schema import alerts, articles, decisions, feeds, hits, judgments, stories

#: Hits gone through for one page of stories; a rare outlet's stories lie further back, behind "look further".
MOST_HITS = 2400
CHUNK = 400
#: Reports of one page's stories that are looked at.
MOST_REPORTS = 3000
_DAY = timedelta(days=1)


@contextmanager
def bounded(connection: Connection, seconds: float) -> Iterator[None]:
    """Questions asked inside are ended after `seconds`, as a StoreError of the transaction around."""
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"SET LOCAL statement_timeout = {int(seconds * 1000)}"))
        yield
        return
    deadline = time.monotonic() + seconds
    raw: Any = connection.connection.driver_connection
    raw.set_progress_handler(lambda: time.monotonic() > deadline, 20_000)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


# ---------------------------------------------------------------------------------------------------- stories


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which hits. `watch` is (watchlist, name); a feed by its row."""

    watch: tuple[str, str] | None = None
    language: str | None = None
    feed_id: int | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """A story as a list shows it: by the newest of its hits that are wanted. `hit` is that hit's row."""

    story_id: int
    hit: int
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """`before` is where to go on; None at the end. `is_cut`: hits were left unseen that might have been wanted."""

    leads: tuple[Lead, ...]
    before: int | None = None
    is_cut: bool = False


def newest_stories(connection: Connection, wanted: Wanted, limit: int, before: int | None = None) -> Page:
    """Stories by their newest hit, the newest first; `before` goes on after an earlier page."""
    found: dict[int, Lead] = {}
    at, looked = before, 0
    while looked < MOST_HITS:
        rows = connection.execute(_hits_before(connection, wanted.watch, at)).all()
        for row in rows:
            at, looked = row.id, looked + 1
            is_fitting = wanted.language in (None, row.language) and wanted.feed_id in (None, row.feed_id)
            if not is_fitting or row.story_id is None or row.story_id in found:
                continue
            if len(found) == limit:
                return Page(_unseen(connection, found, wanted, before), _last(found))
            found[row.story_id] = Lead(row.story_id, row.id, row.found_at)
        if len(rows) < CHUNK:
            return Page(_unseen(connection, found, wanted, before))
    return Page(_unseen(connection, found, wanted, before), at, is_cut=True)


def _last(found: dict[int, Lead]) -> int:
    return min(lead.hit for lead in found.values())


def _hits_before(connection: Connection, watch: tuple[str, str] | None, before: int | None) -> Select[Any]:
    """The next hits, by row; of one watch by time, in which its index stands."""
    part = select(hits.c.id, hits.c.article_id, hits.c.found_at).limit(CHUNK)
    if before is not None:
        part = part.where(hits.c.id < before)
    if watch is None:
        part = part.order_by(desc(hits.c.id))
    else:
        part = part.where(hits.c.watchlist == watch[0], hits.c.watch == watch[1])
        part = part.order_by(desc(hits.c.found_at), desc(hits.c.id))
        if before is not None:
            at = connection.execute(select(hits.c.found_at).where(hits.c.id == before)).scalar()
            part = part.where(hits.c.found_at <= at) if at is not None else part
    chosen = part.subquery()
    columns = (chosen.c.id, chosen.c.found_at, articles.c.story_id, articles.c.language, articles.c.feed_id)
    query = select(*columns).join(articles, articles.c.id == chosen.c.article_id)
    return query.order_by(desc(chosen.c.found_at), desc(chosen.c.id)) if watch else query.order_by(desc(chosen.c.id))


def _unseen(connection: Connection, found: dict[int, Lead], wanted: Wanted, before: int | None) -> tuple[Lead, ...]:
    """Without those that an earlier page has shown, for a newer hit."""
    if before is None or not found:
        return tuple(found.values())
    query = select(articles.c.story_id).join(hits, hits.c.article_id == articles.c.id)
    query = query.where(articles.c.story_id.in_(list(found)), hits.c.id >= before)
    if wanted.watch:
        query = query.where(hits.c.watchlist == wanted.watch[0], hits.c.watch == wanted.watch[1])
    if wanted.language:
        query = query.where(articles.c.language == wanted.language)
    if wanted.feed_id is not None:
        query = query.where(articles.c.feed_id == wanted.feed_id)
    shown = set(connection.execute(query.distinct()).scalars())
    return tuple(lead for lead in found.values() if lead.story_id not in shown)


@dataclass(frozen=True, slots=True)
class Outlet:
    """Who reports a story: the feed, and the outlet that an aggregator names."""

    feed_url: str
    feed_title: str
    source: str | None = None


@dataclass(slots=True)
class Story:
    """What a list shows of a story. `lead` is the row of its first article with a hit."""

    id: int
    title: str
    first_seen: datetime
    last_seen: datetime
    lead: Row[Any] | None = None
    watches: list[tuple[str, str]] = field(default_factory=list)
    evidence: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)  # of the lead: (watch, pieces)
    outlets: list[Outlet] = field(default_factory=list)
    reports: int = 0
    elsewhere: dict[tuple[str, str], Outlet] = field(default_factory=dict)  # watches that the lead does not show
    why: str = ""  # a decision not to tell it


def stories_of(connection: Connection, ids: Sequence[int]) -> dict[int, Story]:
    """These stories, with the first article that a watch found, its evidence, and who else reports."""
    rows = connection.execute(select(stories).where(stories.c.id.in_(ids)))
    found = {row.id: Story(row.id, row.title, row.first_seen, row.last_seen) for row in rows}
    leads = _leads(connection, found)
    _add_evidence(connection, found, leads)
    _add_outlets(connection, found)
    _add_decisions(connection, found, leads)
    return found


def _leads(connection: Connection, found: dict[int, Story]) -> dict[int, Story]:
    """By article: the stories of which it is the first with a hit."""
    query = select(articles.c.story_id, hits.c.article_id, hits.c.watchlist, hits.c.watch, articles.c.source)
    query = query.add_columns(feeds.c.url, feeds.c.title).join(hits, hits.c.article_id == articles.c.id)
    query = query.join(feeds, feeds.c.id == articles.c.feed_id).where(articles.c.story_id.in_(list(found)))
    first: dict[int, int] = {}
    for row in connection.execute(query.order_by(hits.c.id).limit(MOST_REPORTS)):
        first.setdefault(row.story_id, row.article_id)
        story, pair = found[row.story_id], (row.watchlist, row.watch)
        if pair not in story.watches:
            story.watches.append(pair)
            story.elsewhere[pair] = Outlet(row.url, row.title, row.source)
    wanted: Select[Any] = select(articles, feeds.c.url.label("feed_url"), feeds.c.title.label("feed_title"))
    wanted = wanted.join(feeds, feeds.c.id == articles.c.feed_id).where(articles.c.id.in_(list(first.values())))
    leads = {}
    for lead in connection.execute(wanted):
        found[lead.story_id].lead = lead
        leads[lead.id] = found[lead.story_id]
    return leads


def _add_evidence(connection: Connection, found: dict[int, Story], leads: dict[int, Story]) -> None:
    query = select(hits.c.article_id, hits.c.watchlist, hits.c.watch, hits.c.evidence)
    query = query.where(hits.c.article_id.in_(list(leads)))
    for row in connection.execute(query.order_by(hits.c.id)):
        leads[row.article_id].evidence.append((row.watch, row.evidence))
        leads[row.article_id].elsewhere.pop((row.watchlist, row.watch), None)


def _add_outlets(connection: Connection, found: dict[int, Story]) -> None:
    """Who reports: the first named first."""
    query = select(articles.c.story_id, articles.c.source, feeds.c.url, feeds.c.title)
    query = query.add_columns(func.count().label("reports"), func.min(articles.c.id).label("first"))
    query = query.join(feeds, feeds.c.id == articles.c.feed_id).where(articles.c.story_id.in_(list(found)))
    query = query.group_by(articles.c.story_id, articles.c.source, feeds.c.url, feeds.c.title)
    for row in sorted(connection.execute(query), key=lambda row: row.first):
        found[row.story_id].outlets.append(Outlet(row.url, row.title, row.source))
        found[row.story_id].reports += row.reports


def _add_decisions(connection: Connection, found: dict[int, Story], leads: dict[int, Story]) -> None:
    """Why what was not told was not."""
    query = select(decisions.c.article_id, decisions.c.why).where(decisions.c.article_id.in_(list(leads)))
    query = query.where(decisions.c.action == "archive").order_by(decisions.c.id)
    for row in connection.execute(query):
        leads[row.article_id].why = leads[row.article_id].why or row.why


def judged(connection: Connection, article_ids: Collection[int]) -> dict[int, str]:
    """What readers said of these articles: wrong or right."""
    query = select(judgments.c.article_id, judgments.c.verdict).where(judgments.c.article_id.in_(list(article_ids)))
    return {row.article_id: row.verdict for row in connection.execute(query.order_by(judgments.c.id))}


def titles(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """The headlines of these alerts (A-…)."""
    numbers = {decode(name, "A"): name for name in names}
    query = select(alerts.c.id, articles.c.title).join(articles, articles.c.id == alerts.c.article_id)
    return {numbers[row.id]: row.title for row in connection.execute(query.where(alerts.c.id.in_(list(numbers))))}


def newest_hit(connection: Connection) -> int:
    """The row of the newest hit, 0 if there is none."""
    return connection.execute(select(func.max(hits.c.id))).scalar() or 0


def stories_since(connection: Connection, hit: int, limit: int = 100) -> int:
    """Stories with a hit after this one, counted up to `limit`."""
    query = select(articles.c.story_id).join(hits, hits.c.article_id == articles.c.id).where(hits.c.id > hit)
    part = query.order_by(hits.c.id).limit(limit * 5).subquery()
    return min(limit, connection.execute(select(func.count(func.distinct(part.c.story_id)))).scalar_one())


def newest_articles(
    connection: Connection, limit: int, *, before: int | None = None, feed_id: int | None = None
) -> list[Row[Any]]:
    """Articles by row, newest first, each once."""
    query = select(articles, feeds.c.url.label("feed_url"), feeds.c.title.label("feed_title"))
    query = query.join(feeds, feeds.c.id == articles.c.feed_id).where(articles.c.same_as.is_(None))
    if before is not None:
        query = query.where(articles.c.id < before)
    if feed_id is not None:
        query = query.where(articles.c.feed_id == feed_id).order_by(desc(articles.c.first_seen))
    return list(connection.execute(query.order_by(desc(articles.c.id)).limit(limit)))


def article(connection: Connection, article_id: int) -> Row[Any]:
    """The row of an article that is there, with its feed's address and title."""
    query = select(articles, feeds.c.url.label("feed_url"), feeds.c.title.label("feed_title"))
    query = query.join(feeds, feeds.c.id == articles.c.feed_id).where(articles.c.id == article_id)
    return connection.execute(query).one()


def languages(connection: Connection, hits_back: int = 1000) -> list[str]:
    """The languages of the newest hits, the commonest first."""
    part = select(hits.c.article_id).order_by(desc(hits.c.id)).limit(hits_back).subquery()
    query = select(articles.c.language, func.count().label("times"))
    query = query.join(part, part.c.article_id == articles.c.id).where(articles.c.language.is_not(None))
    return [row.language for row in connection.execute(query.group_by(articles.c.language).order_by(desc("times")))]
