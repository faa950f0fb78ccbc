"""The archive asked in the watch language: the index gives candidates, the matcher confirms them, words are marked.

It must not write, nor know how the index is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from monitor.errors import ConfigError, InputError, Problem
from monitor.match import Matcher
from monitor.match import compile as compile_watches
from monitor.model import Document, Evidence, Feed, Watch, Watchlist, all_groups
from monitor.render.evidence import Sentence, covering, mark
from monitor.shortid import encode
from monitor.store import archive
from monitor.store import search as index
from monitor.store.archive import Archived
from monitor.urls import display

SENTENCES = 3  # shown of an article


@dataclass(frozen=True, slots=True)
class Outlets:
    """What feeds are called, and their tags: from the configuration, or nothing known."""

    feeds: Mapping[str, Feed] = field(default_factory=dict)

    @classmethod
    def of(cls, feeds: Iterable[Feed]) -> Outlets:
        return cls({feed.key: feed for feed in feeds})

    def name(self, url: str, title: str) -> str:
        feed = self.feeds.get(url)
        return (feed.name if feed else "") or title or display(url)

    def tags(self, url: str) -> frozenset[str]:
        feed = self.feeds.get(url)
        return feed.tags if feed else frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """An article that a question finds, with the words marked."""

    article_id: int
    id: str  # N-…
    title: str
    url: str | None
    outlet: str
    language: str | None
    published: datetime | None
    first_seen: datetime
    matched_on: str
    story: str | None  # S-…
    headline: Sentence
    sentences: tuple[Sentence, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """What was found, newest first. `before` is where to go on, None if that was all; `unindexed` articles wait for
    the index and were looked at one by one."""

    found: tuple[Found, ...]
    before: int | None
    looked_at: int
    unindexed: int


def question(query: str, watchlists: Sequence[Watchlist] = ()) -> Matcher:
    """A matcher of one watch, which may use the groups of `watchlists`. Raises InputError in words."""
    groups = all_groups(watchlists)
    watch = Watch(name=query, watchlist="search", match=query, where="search")
    try:
        return compile_watches([Watchlist("search", "search", (watch,), groups)])
    except ConfigError as error:
        said = "; ".join(dict.fromkeys(_said(problem) for problem in error.problems))
        raise InputError(f"the question {query!r} cannot be read: {said}") from error


def _said(problem: Problem) -> str:
    return problem.message.split(": ", 1)[-1] if problem.message.startswith("watch ") else problem.message


def search(
    connection: Connection,
    matcher: Matcher,
    outlets: Outlets,
    *,
    limit: int = 20,
    since: datetime | None = None,
    before: int | None = None,
    most: int | None = None,
) -> Results:
    """The newest articles that `matcher` finds; `before` goes on after an earlier page; at most `most` candidates are
    looked at, so that a page costs a bounded time."""
    matcher = matcher.with_tables(index.languages(connection))
    ids = candidates(connection, matcher, since=since, before=before)
    found: list[Found] = []
    looked_at = 0
    for part in _parts(ids[:most]):
        for archived in archive.load(connection, part):
            looked_at += 1
            hits = matcher.find(document_of(archived, outlets))
            if hits:
                found.append(_found(archived, hits[0].evidence, outlets))
            if len(found) == limit or looked_at == most:
                is_last = looked_at == len(ids)
                return Results(tuple(found), None if is_last else archived.id, looked_at, index.unindexed(connection))
    return Results(tuple(found), None, looked_at, index.unindexed(connection))


def candidates(
    connection: Connection, matcher: Matcher, *, since: datetime | None = None, before: int | None = None
) -> list[int]:
    """Numbers of at least every article that `matcher` finds, the newest first."""
    first = archive.first_since(connection, since) if since else 0
    need = matcher.wanted(index.languages(connection))
    return index.candidates(connection, need, first=first, before=before)


def document_of(archived: Archived, outlets: Outlets) -> Document:
    """An archived article as the matcher reads it."""
    return Document(
        title=archived.title,
        text=archived.text,
        url=archived.url or "",
        author=archived.author or "",
        language=archived.language,
        feed=outlets.name(archived.feed_url, archived.feed_title),
        tags=outlets.tags(archived.feed_url),
    )


def _found(archived: Archived, evidence: Sequence[Evidence], outlets: Outlets) -> Found:
    return Found(
        article_id=archived.id,
        id=encode("N", archived.id),
        title=archived.title,
        url=archived.url,
        outlet=outlet_of(archived, outlets),
        language=archived.language,
        published=archived.published,
        first_seen=archived.first_seen,
        matched_on=archived.matched_on,
        story=encode("S", archived.story_id) if archived.story_id is not None else None,
        headline=marked_title(archived.title, evidence),
        sentences=marked_sentences(evidence, archived.title),
        evidence=tuple(evidence),
    )


def outlet_of(archived: Archived, outlets: Outlets) -> str:
    """The feed's name, before it the outlet that an aggregator names."""
    called = outlets.name(archived.feed_url, archived.feed_title)
    return f"{archived.source} ({called})" if archived.source else called


def marked_title(title: str, evidence: Iterable[Evidence]) -> Sentence:
    """A headline with the words marked that were found in it."""
    return mark(title, [piece.text for piece in evidence if piece.field == "title"], longest=10_000)


def marked_sentences(evidence: Iterable[Evidence], title: str, most: int = SENTENCES) -> tuple[Sentence, ...]:
    """The first sentences of a text in which something was found, each with the words marked; new terms go first.

    One that only says the headline again is left out.
    """
    headline = " ".join(title.split()).casefold()
    words: dict[str, list[str]] = {}
    terms: dict[str, set[str]] = {}
    for piece in evidence:
        if piece.field != "title" and piece.snippet and piece.snippet.casefold() != headline:
            words.setdefault(piece.snippet, []).append(piece.text)
            terms.setdefault(piece.snippet, set()).add(piece.term)
    return tuple(mark(snippet, words[snippet]) for snippet in covering(terms, most))


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Small parts first: the newest articles mostly answer."""
    start, size = 0, 20
    while start < len(ids):
        yield ids[start : start + size]
        start, size = start + size, min(size * 2, 500)
