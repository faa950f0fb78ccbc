"""What became of each of the demo's articles, read from the program's store, and asking for feeds at once.

It must not judge whether that is what should have become of it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from monitor.shortid import encode
from monitor.store.feeds import retry
from monitor.store.schema import articles, decisions, feeds


@dataclass(frozen=True, slots=True)
class Fate:
    """An article as the store has it. `decided` are (channel, action, why)."""

    state: str
    matched_on: str
    note: str
    language: str
    relation: str
    story: str
    decided: tuple[tuple[str, str, str], ...]

    @property
    def actions(self) -> set[str]:
        return {action for _, action, _ in self.decided}

    @property
    def why(self) -> str:
        return self.decided[0][2] if self.decided else ""


def fates(connection: Connection) -> dict[str, Fate]:
    """By the path of the article's address."""
    made: dict[int, list[tuple[str, str, str]]] = {}
    for row in connection.execute(select(decisions).order_by(decisions.c.id)):
        made.setdefault(row.article_id, []).append((row.channel, row.action, row.why))
    return {
        urlsplit(row.url).path: Fate(
            state=row.state,
            matched_on=row.matched_on,
            note=row.note,
            language=row.language or "",
            relation=row.relation or "",
            story=encode("S", row.story_id) if row.story_id else "",
            decided=tuple(made.get(row.id, ())),
        )
        for row in connection.execute(select(articles))
    }


def polled(connection: Connection) -> dict[str, datetime]:
    """When each feed, by the path of its address, last answered well."""
    rows = connection.execute(select(feeds.c.url, feeds.c.last_success_at))
    return {urlsplit(row.url).path: row.last_success_at for row in rows if row.last_success_at}


def ask_for(connection: Connection, paths: Collection[str], now: datetime) -> None:
    """Make these feeds due now, as `monitor feeds retry` does."""
    urls = connection.execute(select(feeds.c.url)).scalars()
    retry(connection, [url for url in urls if urlsplit(url).path in paths], now)
