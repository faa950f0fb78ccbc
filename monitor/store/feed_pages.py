"""Feeds as a page lists them: those in most trouble first, how late each is, and what it showed last.

It reads only; what is trouble in words is said elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, desc, select

from monitor.store.schema import articles, feeds


def worst_feeds(connection: Connection, limit: int, offset: int = 0, like: str = "") -> list[int]:
    """Rows of the feeds in force, those in most trouble first."""
    trouble = (
        desc(feeds.c.stopped_at.is_not(None)),
        desc(feeds.c.failures > 0),
        desc(feeds.c.last_poll_at.is_(None)),
        desc(feeds.c.gaps > 0),
        desc(feeds.c.failures),
        desc(feeds.c.gaps),
        feeds.c.id,
    )
    query = select(feeds.c.id).where(feeds.c.is_active)
    if like:
        query = query.where(
            feeds.c.url.icontains(like, autoescape=True) | feeds.c.title.icontains(like, autoescape=True)
        )
    return list(connection.execute(query.order_by(*trouble).limit(limit).offset(offset)).scalars())


def lags(connection: Connection, feed_ids: Collection[int], of_each: int = 15) -> dict[int, timedelta]:
    """The middle time from an article's own date to our first sight, of each feed's newest dated articles."""
    found = {}
    for feed_id in feed_ids:
        query = select(articles.c.first_seen, articles.c.published).where(articles.c.feed_id == feed_id)
        rows = connection.execute(query.order_by(desc(articles.c.first_seen)).limit(of_each)).all()
        late = sorted(row.first_seen - row.published for row in rows if row.published is not None)
        if late and (middle := late[len(late) // 2]) >= timedelta():
            found[feed_id] = middle
    return found


def articles_of_feed(connection: Connection, feed_id: int, limit: int = 30) -> list[Row[Any]]:
    """The newest articles that a feed showed."""
    columns = ("id", "title", "url", "language", "published", "first_seen", "matched_on", "note", "state", "story_id")
    query = select(*(articles.c[name] for name in columns)).where(articles.c.feed_id == feed_id)
    return list(connection.execute(query.order_by(desc(articles.c.first_seen), desc(articles.c.id)).limit(limit)))
