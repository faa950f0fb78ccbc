"""What an edit of a known entry asks for: to be matched again, at most 24 times an article.

Pure: it compares the words shown now with a hash of those shown before; it must not read a store or a page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from monitor.model import Entry

#: Changes after which an article is left alone: a clock in its text is no news (as reader's HASH_CHANGED_LIMIT).
MOST = 24

#: match: on what the feed says now, with the page as it was read; read: like a new entry, with its page;
#: replace: it was not read yet, so the newest words are read; note: only the hash is remembered.
What = Literal["match", "read", "replace", "note"]


@dataclass(frozen=True, slots=True)
class Before:
    """What the store knows of an entry's article; `shown` is None where no hash was kept."""

    state: str
    shown: str | None
    rematches: int
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Edit:
    """An article whose entry shows other words than before."""

    article_id: int
    entry: Entry
    shown: str
    what: What


def shown(entry: Entry) -> str:
    """A hash of title, summary and content; case and white space do not count."""
    return entry.words or digest(*(" ".join(part.split()) for part in (entry.title, entry.summary, entry.content)))


def digest(title: str, summary: str, content: str) -> str:
    """As `shown`, of texts that have one space or line break between words, and none at their ends."""
    words = (part.replace("\n", " ").casefold() for part in (title, summary, content))
    return hashlib.blake2b("\x00".join(words).encode("utf-8", "replace"), digest_size=8).hexdigest()


def plan(known: Iterable[tuple[int, Entry]], before: Mapping[int, Before]) -> list[Edit]:
    """The edits among known entries, given with their articles' ids in the document's order.

    Of an item that a document shows twice, the first counts. An article that was archived unread is read once its
    own date says that it is newer than our first look at it; one that ended its workers is left alone.
    """
    made: dict[int, Edit] = {}
    seen: set[int] = set()
    for article_id, entry in known:
        if article_id in seen or article_id not in before:
            continue
        seen.add(article_id)
        digest = shown(entry)
        what = _what(entry, digest, before[article_id])
        if what is not None:
            made[article_id] = Edit(article_id, entry, digest, what)
    return list(made.values())


def _what(entry: Entry, digest: str, before: Before) -> What | None:
    if digest == before.shown or before.rematches >= MOST:
        return None
    if before.shown is None or before.state == "failed":
        return "note"
    if before.state == "waiting":
        return "replace"
    if before.state == "archived":
        date = entry.updated or entry.published
        return "read" if date is not None and date > before.first_seen else "note"
    return "match"
