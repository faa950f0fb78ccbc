"""The archive asked in the watch language: the index gives candidates, the matcher confirms them, words are marked.

It must not write, nor know how the index is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from monitor.match import Matcher
from monitor.model import Evidence, Feed, Watchlist
from monitor.render.evidence import Sentence
from monitor.urls import display


@dataclass(frozen=True, slots=True)
class Outlets:
    """What feeds are called, and their tags: from the configuration, or nothing known."""

    feeds: Mapping[str, Feed] = field(default_factory=dict)

    @classmethod
    def of(cls, feeds: Iterable[Feed]) -> Outlets:
        return cls({feed.url: feed for feed in feeds})

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


def question(query: str, watchlists: Sequence[Watchlist]) -> Matcher:
    """A matcher of one watch, which may use the groups of `watchlists`. Raises InputError in words."""
    raise NotImplementedError


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
    raise NotImplementedError
