"""What is known of a site: the feeds that showed its articles, what they showed, and how its pages could be read.

It reads only.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, desc, func, select

from monitor.store.feeds import FeedState, state_of
from monitor.store.schema import articles, feeds


def that_showed(connection: Connection, host: str) -> list[FeedState]:
    """Feeds that showed articles of this host, wherever they are themselves."""
    mine = select(articles.c.feed_id).where(_of(host)).distinct().limit(50)
    return [state_of(row) for row in connection.execute(select(feeds).where(feeds.c.id.in_(mine)).order_by(feeds.c.id))]


def titles(
    connection: Connection, feed_id: int, since: datetime, until: datetime, limit: int
) -> list[tuple[str, datetime]]:
    """Headlines that a feed first showed in this time, the newest first."""
    shown = (articles.c.feed_id == feed_id) & (articles.c.first_seen >= since) & (articles.c.first_seen <= until)
    query = select(articles.c.title, articles.c.first_seen).where(shown).order_by(desc(articles.c.id)).limit(limit)
    return [(row.title, row.first_seen) for row in connection.execute(query)]


def notes(connection: Connection, host: str, since: datetime, until: datetime) -> list[tuple[str, int]]:
    """Why pages of this host could not be read in this time, the commonest reason first."""
    in_time = (articles.c.first_seen >= since) & (articles.c.first_seen <= until) & (articles.c.note != "")
    number = func.count().label("number")
    query = select(articles.c.note, number).where(_of(host), in_time).group_by(articles.c.note)
    return [(row.note, row.number) for row in connection.execute(query.order_by(desc(number)).limit(5))]


def _of(host: str) -> ColumnElement[bool]:
    """Addresses of a host, as an index finds them: canonical ones have no www."""
    begin = f"https://{host}"
    return (articles.c.canonical_url >= f"{begin}/") & (articles.c.canonical_url < f"{begin}0")
