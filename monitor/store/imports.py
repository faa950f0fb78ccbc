"""Articles of a file taken into the archive, as if the first poll of a feed had shown them.

What is known already stays as it is; whether what is fresh is told is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from monitor.jsonl import Line
from monitor.model import Entry
from monitor.store import articles, feeds
from monitor.store import schema as tables
from monitor.store.feeds import insert_ignore
from monitor.urls import canonical, is_http

#: Before the name of a feed that exists in files only.
SCHEME = "archive:"
#: No article is of later than tomorrow.
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of lines."""

    archived: int = 0
    fresh: int = 0
    known: int = 0

    def __add__(self, other: Done) -> Done:
        return Done(self.archived + other.archived, self.fresh + other.fresh, self.known + other.known)


def take(connection: Connection, lines: Sequence[Line], now: datetime, fresh: timedelta | None, *, name: str) -> Done:
    """Store the articles that are new; `name` is the feed of those that name none."""
    done = Done()
    for line in lines:
        feed = _feed(connection, line.feed or name, now)
        entry = _entry(line, now)
        address = canonical(entry.url) if entry.url else None
        if _is_known(connection, feed, entry, address):
            done += Done(known=1)
            continue
        is_old = fresh is not None and (entry.published is None or now - entry.published > fresh)
        if is_old:
            ids = articles.add_archived(connection, feed, [(entry, address)], now)
        else:
            ids = [articles.add_waiting(connection, feed, entry, address, now, is_first_look=True)]
        feeds.learn(connection, feed, dict.fromkeys(entry.identities, ids[0]))
        done += Done(archived=1) if is_old else Done(fresh=1)
    return done


def _entry(line: Line, now: datetime) -> Entry:
    url = line.url if is_http(line.url) else None
    identities = (f"id:{line.id}", f"url:{canonical(url)}") if url else (f"id:{line.id}",)
    return Entry(
        identities=identities,
        url=url,
        title=line.title,
        author=line.author,
        published=line.published if line.published is None or line.published <= now + _AHEAD else None,
        language=line.language,
        content=line.text,
    )


def _feed(connection: Connection, name: str, now: datetime) -> int:
    """The feed of this name that exists in files only; it is never polled."""
    row = {"url": SCHEME + name, "title": name, "is_active": False, "added_at": now, "next_poll_at": now}
    connection.execute(insert_ignore(connection, tables.feeds), row)
    query = select(tables.feeds.c.id).where(tables.feeds.c.url == SCHEME + name)
    return int(connection.execute(query).scalar_one())


def _is_known(connection: Connection, feed: int, entry: Entry, address: str | None) -> bool:
    if feeds.known(connection, feed, entry.identities):
        return True
    same = select(tables.articles.c.id).where(tables.articles.c.canonical_url == address).limit(1)
    return address is not None and connection.execute(same).first() is not None
