"""What became of each of the demo's articles, read from the program's store.

It must not write, nor judge whether that is what should have become of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from monitor.shortid import encode
from monitor.store.schema import alerts, articles, decisions


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


def alert_count(connection: Connection) -> int:
    """How many alerts were written, over all channels."""
    return len(connection.execute(select(alerts.c.id)).all())
