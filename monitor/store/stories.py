"""Stories as rows, and the index that finds candidates for an article among a million others.

Whether two articles tell the same story is decided elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, TextClause, bindparam, desc, func, literal_column, select, text, update

from monitor.model import StoryArticle
from monitor.shortid import encode
from monitor.store import bulk
from monitor.store.schema import articles, feeds, fingerprints, hits, stories, story_keys

#: What a feed is called, from its address and its own title.
Namer = Callable[[str, str], str]

#: Those with most keys in common, the newest of them; more bring nothing (measured) but time for all who wait to write.
CANDIDATES = 100
PER_KEY = 300


@dataclass(frozen=True, slots=True)
class Found:
    """An article that shares a key, with what is needed to compare and to close stories."""

    article_id: int
    story_id: int
    data: bytes
    first_seen: datetime
    story_first_seen: datetime
    story_last_seen: datetime
    story_size: int
    title: str
    language: str | None


def candidates(connection: Connection, keys: Sequence[int], twin: int | None) -> list[Found]:
    """Placed articles that share a key, those with most in common first; the twin is always among them."""
    wanted = _sharing(connection, keys) if keys else set()
    if twin is not None:
        wanted.add(twin)
    if not wanted:
        return []
    return [
        Found(
            row.id,
            row.story_id,
            row.data,
            row.first_seen,
            row.story_first_seen,
            row.story_last_seen,
            row.size,
            row.title,
            row.language,
        )
        for row in connection.execute(_PLACED, {"wanted": list(wanted)})
    ]


def _placed() -> Select[Any]:
    size = select(func.count()).select_from(articles.alias("one")).where(literal_column("one.story_id") == stories.c.id)
    return (
        select(articles.c.id, articles.c.story_id, articles.c.first_seen, articles.c.title, articles.c.language)
        .add_columns(fingerprints.c.data)
        .add_columns(stories.c.first_seen.label("story_first_seen"), stories.c.last_seen.label("story_last_seen"))
        .add_columns(size.scalar_subquery().label("size"))
        .join(fingerprints, fingerprints.c.article_id == articles.c.id)
        .join(stories, stories.c.id == articles.c.story_id)
        .where(articles.c.id.in_(bindparam("wanted", expanding=True)))
    )


#: Statements of every article, put together once: that takes longer than carrying them out.
_PLACED = _placed()
_TOUCHED = update(stories).where(stories.c.id == bindparam("which"))
_BEGUN = stories.insert().returning(stories.c.id)


def _sharing(connection: Connection, keys: Sequence[int]) -> set[int]:
    """The newest articles of each key, counted; a key that millions share costs no more than one that hundreds do."""
    named = {f"key_{number}": key for number, key in enumerate(set(keys))}
    return set(connection.execute(_newest_of_each(len(named)), named).scalars())


@lru_cache(maxsize=128)
def _newest_of_each(keys: int) -> TextClause:
    """As text, since putting together a union of forty parts takes longer than its answer."""
    parts = " UNION ALL ".join(
        f"SELECT article_id FROM (SELECT article_id FROM story_keys WHERE key = :key_{number}"  # noqa: S608 - a number
        f" ORDER BY article_id DESC LIMIT {PER_KEY}) AS part_{number}"
        for number in range(keys)
    )
    return text(
        f"SELECT article_id FROM ({parts}) AS found GROUP BY article_id"  # noqa: S608 - the parts hold no value
        f" ORDER BY count(*) DESC, article_id DESC LIMIT {CANDIDATES}"
    )


def index(connection: Connection, article_id: int, data: bytes, keys: Sequence[int]) -> None:
    """Make the article findable as a candidate."""
    bulk.insert(connection, fingerprints, ("article_id", "data"), [(article_id, data)], ignore=True)
    bulk.insert(connection, story_keys, ("key", "article_id"), ((key, article_id) for key in set(keys)), ignore=True)


def begin(connection: Connection, title: str, now: datetime) -> int:
    """A new story; its id."""
    return int(connection.execute(_BEGUN, {"title": title, "first_seen": now, "last_seen": now}).scalar_one())


def touch(connection: Connection, story_id: int, now: datetime) -> None:
    """The story has a new report."""
    connection.execute(_TOUCHED, {"which": story_id, "last_seen": now})


def outlets(connection: Connection, story_id: int) -> list[tuple[str, datetime]]:
    """(outlet, first seen) of the story's articles: the feed's URL, or the outlet that an aggregator names."""
    outlet = func.coalesce(articles.c.source, feeds.c.url)
    query = select(outlet.label("outlet"), func.min(articles.c.first_seen).label("seen"))
    query = query.join(feeds, feeds.c.id == articles.c.feed_id).where(articles.c.story_id == story_id)
    return [(row.outlet, row.seen) for row in connection.execute(query.group_by(outlet))]


def reports(connection: Connection, story_id: int, name: Namer, limit: int = 50) -> tuple[StoryArticle, ...]:
    """The story's articles, oldest first; `name` says what a feed is called."""
    query = _reports().where(articles.c.story_id == story_id).order_by(articles.c.id).limit(limit)
    return tuple(_report(row, name) for row in connection.execute(query))


def reports_of(
    connection: Connection, story_ids: Collection[int], name: Namer, limit: int = 50
) -> dict[int, tuple[StoryArticle, ...]]:
    """As `reports`, of several stories at once."""
    query = _reports().add_columns(articles.c.story_id).where(articles.c.story_id.in_(list(story_ids)))
    found: defaultdict[int, list[StoryArticle]] = defaultdict(list)
    for row in connection.execute(query.order_by(articles.c.id)):
        if len(found[row.story_id]) < limit:
            found[row.story_id].append(_report(row, name))
    return {story: tuple(of_story) for story, of_story in found.items()}


def report(connection: Connection, article_id: int, name: Namer) -> StoryArticle | None:
    """One article as a report of its story."""
    row = connection.execute(_reports().where(articles.c.id == article_id)).first()
    return _report(row, name) if row else None


def _reports() -> Select[Any]:
    feed = (feeds.c.url.label("feed_url"), feeds.c.title.label("feed_title"))
    query = select(articles.c.id, articles.c.url, articles.c.title, articles.c.published, *feed)
    return query.join(feeds, feeds.c.id == articles.c.feed_id)


def _report(row: Row[Any], name: Namer) -> StoryArticle:
    return StoryArticle(encode("N", row.id), row.url, row.title, name(row.feed_url, row.feed_title), row.published)


def listing(connection: Connection, since: datetime, limit: int, name: Namer) -> list[dict[str, Any]]:
    """Stories with a hit since then, newest first, for `monitor stories`."""
    hit = select(articles.c.story_id).join(hits, hits.c.article_id == articles.c.id)
    query = (
        select(stories)
        .where(stories.c.last_seen >= since, stories.c.id.in_(hit))
        .order_by(desc(stories.c.last_seen))
        .limit(limit)
    )
    return [
        {
            "id": encode("S", row.id),
            "title": row.title,
            "first_seen": row.first_seen,
            "last_seen": row.last_seen,
            "articles": [
                {"id": report.id, "url": report.url, "title": report.title, "feed": report.feed}
                for report in reports(connection, row.id, name)
            ],
        }
        for row in connection.execute(query)
    ]
