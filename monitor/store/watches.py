"""The watches in force as rows, the archive's recent articles for trying them, and single facts that outlive us.

It must not match anything, nor judge an edit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from monitor.model import Document, Entry
from monitor.store import near_misses
from monitor.store.articles import Waiting, made_of
from monitor.store.feeds import insert_ignore
from monitor.store.schema import articles, facts, feeds, texts, watches

Key = tuple[str, str]

#: The fact that says who worked here last: "service", or "once" where rounds come from cron and nothing stays.
WORKED = "worked last"
#: The fact that an edit was not taken: what is wrong with it.
REFUSED = "refused edit"


@dataclass(frozen=True, slots=True)
class Kept:
    """An article of the archive, as the matcher reads it and as a conclusion about it needs it."""

    waiting: Waiting
    story: int
    document: Document


def known(connection: Connection) -> dict[Key, str]:
    """The digests of the watches that were in force last."""
    rows = connection.execute(select(watches.c.watchlist, watches.c.name, watches.c.digest))
    return {(row.watchlist, row.name): row.digest for row in rows}


def remember(connection: Connection, digests: Mapping[Key, str], now: datetime) -> None:
    """These are in force now; what was found out of a watch that changed or is gone is forgotten."""
    before = known(connection)
    for key in before.keys() - digests.keys() | {key for key in before if digests.get(key) != before[key]}:
        connection.execute(delete(watches).where(watches.c.watchlist == key[0], watches.c.name == key[1]))
        near_misses.forget(connection, key)
    rows = [
        {"watchlist": key[0], "name": key[1], "digest": digest, "live_since": now} for key, digest in digests.items()
    ]
    if rows:
        connection.execute(insert_ignore(connection, watches), rows)


def set_floods(connection: Connection, floods: Mapping[Key, int]) -> None:
    """These watches would find so many stories a day."""
    for (watchlist, name), per_day in floods.items():
        mine = (watches.c.watchlist == watchlist) & (watches.c.name == name)
        connection.execute(update(watches).where(mine).values(flood=per_day))


def floods(connection: Connection) -> dict[Key, int]:
    rows = connection.execute(select(watches).where(watches.c.flood.is_not(None)))
    return {(row.watchlist, row.name): row.flood for row in rows}


def archive(connection: Connection, since: datetime, below: int | None, limit: int) -> list[Kept]:
    """Articles first seen since then, newest first, of those below an id; with their texts."""
    columns = (
        articles,
        feeds.c.url.label("feed_url"),
        feeds.c.title.label("feed_title"),
        feeds.c.language.label("feed_language"),
        texts.c.text,
    )
    query = select(*columns).join(feeds, feeds.c.id == articles.c.feed_id)
    query = query.outerjoin(texts, texts.c.article_id == articles.c.id)
    query = query.where(articles.c.state == "done", articles.c.first_seen >= since, articles.c.same_as.is_(None))
    query = query.where(articles.c.story_id.is_not(None))
    if below is not None:
        query = query.where(articles.c.id < below)
    return [_kept(row) for row in connection.execute(query.order_by(articles.c.id.desc()).limit(limit))]


def _kept(row: Row[Any]) -> Kept:
    waiting = made_of(row, Entry((), row.url, row.title, published=row.published))
    document = Document(row.title, row.text or "", row.url or "", row.author or "", row.language)
    return Kept(waiting, row.story_id, document)


# ---------------------------------------------------------------------------------------------------- facts


def fact(connection: Connection, name: str) -> tuple[Any, datetime] | None:
    """What was noted under this name, and when."""
    row = connection.execute(select(facts.c.value, facts.c.at).where(facts.c.name == name)).first()
    return (row.value, row.at) if row else None


def note(connection: Connection, name: str, value: Any, now: datetime) -> None:
    """Note it; None forgets it."""
    connection.execute(delete(facts).where(facts.c.name == name))
    if value is not None:
        connection.execute(facts.insert().values(name=name, value=value, at=now))


def noted(connection: Connection, names: Collection[str]) -> dict[str, tuple[Any, datetime]]:
    rows = connection.execute(select(facts).where(facts.c.name.in_(list(names))))
    return {row.name: (row.value, row.at) for row in rows}
