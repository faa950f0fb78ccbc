"""What is known of an article before its page is asked for: what makes asking needless, or senseless.

It reads rows; it asks for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from monitor.extract import choose_again
from monitor.model import Article, Reading
from monitor.store import articles
from monitor.store.articles import Waiting

#: Refusals that are a pause and no answer.
PAUSED = frozenset({"page refused (429)", "page refused (503)"})


@dataclass(slots=True)
class Known:
    """By the id of an article that waits: what it says, as read before; those with no page of their own; why their
    page is not asked for again."""

    readings: dict[int, Reading] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)
    refusals: dict[int, str] = field(default_factory=dict)


def known(connection: Connection, found: Sequence[Waiting], since: datetime) -> Known:
    """What is known of these articles; refusals of articles first seen since then."""
    gathered = Known()
    for one in found:
        if articles.shares_address(connection, one):
            gathered.shared.add(one.id)
        twin = None if one.is_edit else _twin(connection, one)
        reading = _reread(connection, one) if one.is_edit else _reading_of(twin)
        if reading is not None:
            gathered.readings[one.id] = reading
        elif twin is not None and twin.first_seen >= since and (why := _refusal_of(twin)):
            gathered.refusals[one.id] = why
    return gathered


def reading_of_twin(connection: Connection, waiting: Waiting) -> Reading | None:
    """What another feed's article with the same address says, where its page was read."""
    return _reading_of(_twin(connection, waiting))


def _twin(connection: Connection, waiting: Waiting) -> Article | None:
    twin = articles.twin(connection, waiting.id, waiting.canonical_url)
    return articles.load(connection, twin) if twin is not None else None


def _reading_of(twin: Article | None) -> Reading | None:
    if twin is None or twin.matched_on != "full article":
        return None
    return Reading(
        title=twin.title,
        text=twin.text,
        matched_on=twin.matched_on,
        author=twin.author,
        published=twin.published,
        language=twin.language,
    )


def _reread(connection: Connection, edited: Waiting) -> Reading | None:
    article = articles.load(connection, edited.id)
    if article is not None and article.note in PAUSED:
        return None  # its page was never given
    return choose_again(edited.entry, article) if article else None


def _refusal_of(twin: Article) -> str:
    """Why its page gave no text: it is not asked for again because a second feed shows it."""
    return twin.note if twin.note.startswith("page ") and twin.note not in PAUSED else ""
