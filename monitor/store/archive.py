"""Articles with their texts as the archive holds them, to be searched, tested against and exported.

It must not write what a poll writes; an import brings its own feeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from monitor.store.schema import articles, feeds, texts

AT_ONCE = 500  # rows that one query names by number
#: States of articles that were read, or are kept unread.
KEPT = ("done", "archived", "edited")


@dataclass(frozen=True, slots=True)
class Archived:
    """An article of the archive with its text, a twin's text being that of the first."""

    id: int
    feed_url: str
    feed_title: str
    url: str | None
    title: str
    text: str
    author: str | None
    language: str | None
    published: datetime | None
    first_seen: datetime
    matched_on: str
    source: str | None
    story_id: int | None
    relation: str | None
    same_as: int | None
    is_first_look: bool


def load(connection: Connection, ids: Sequence[int]) -> list[Archived]:
    """These articles, in this order; those that are not there are left out."""
    found: dict[int, Archived] = {}
    for start in range(0, len(ids), AT_ONCE):
        part = list(ids[start : start + AT_ONCE])
        found |= {row.id: _archived(row) for row in connection.execute(_query().where(articles.c.id.in_(part)))}
    return [found[number] for number in ids if number in found]


def first_since(connection: Connection, since: datetime) -> int:
    """The number of the first article that was seen since then; beyond all where there is none."""
    found = connection.execute(select(func.min(articles.c.id)).where(articles.c.first_seen >= since)).scalar()
    return found if found is not None else 2**62


def count(connection: Connection, first: int = 0) -> int:
    """Articles of the archive from a number on."""
    query = select(func.count()).select_from(articles).where(articles.c.id >= first, articles.c.state.in_(KEPT))
    return int(connection.execute(query).scalar_one())


def everything(connection: Connection, first: int = 0) -> Iterator[Archived]:
    """All articles from a number on, the oldest first, a few in memory at a time."""
    while True:
        query = _query().where(articles.c.id >= first, articles.c.state.in_(KEPT)).order_by(articles.c.id)
        rows = [_archived(row) for row in connection.execute(query.limit(AT_ONCE))]
        if not rows:
            return
        yield from rows
        first = rows[-1].id + 1


def _query() -> Select[Any]:
    source = func.coalesce(articles.c.same_as, articles.c.id)
    names = ("id", "url", "title", "author", "language", "published", "first_seen", "matched_on", "source", "story_id")
    columns = [articles.c[name] for name in (*names, "relation", "same_as", "is_first_look")]
    feed = (feeds.c.url.label("feed_url"), feeds.c.title.label("feed_title"))
    query = select(*columns, *feed, func.coalesce(texts.c.text, "").label("text"))
    return query.join(feeds, feeds.c.id == articles.c.feed_id).outerjoin(texts, texts.c.article_id == source)


def _archived(row: Row[Any]) -> Archived:
    return Archived(**row._mapping)
