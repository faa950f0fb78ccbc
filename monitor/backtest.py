"""What watchlists would have found and sent over the archive, and what an edit of them adds and removes.

It decides with the same pure functions as the service; it must not write, send, or know where articles come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from monitor.alerting import AlertsPolicy, ChannelPolicy
from monitor.match import Matcher
from monitor.model import Document, Hit, Watchlist
from monitor.render.evidence import Sentence


@dataclass(frozen=True, slots=True)
class Audience:
    """Who would be told, and when: made by `monitor.assemble.make_audience`."""

    alerts: AlertsPolicy = field(default_factory=AlertsPolicy)
    channels: tuple[ChannelPolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """An article of an archive. `at` is when it would have come in."""

    key: str  # N-… of a store, the id of a file's line
    document: Document
    at: datetime
    published: datetime | None
    outlet: str
    feed_url: str = ""
    story: str | None = None  # where the archive knows it
    relation: str | None = None


class Archive(Protocol):
    """Where articles come from: a store, or a file."""

    def candidates(self, matcher: Matcher) -> Iterator[Article]:
        """At least every article that `matcher` finds, in order of time."""
        ...

    def count(self) -> int:
        """Articles in the time that is looked at."""
        ...


@dataclass(frozen=True, slots=True)
class Sample:
    """A hit as people are shown it."""

    key: str
    title: str
    url: str | None
    outlet: str
    language: str | None
    at: datetime
    headline: Sentence
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class WatchResult:
    """What one watch finds."""

    watch: str
    watchlist: str
    articles: int
    stories: int
    by_day: Mapping[date, int]  # articles
    terms: Mapping[str, int]  # articles in which each term was found
    outlets: Mapping[str, int]
    samples: tuple[Sample, ...]  # newest first


@dataclass(frozen=True, slots=True)
class ChannelResult:
    """What one channel would have been sent."""

    channel: str
    alone: int  # alerts of their own
    summaries: Mapping[str, int]  # alerts by the kind of summary they would have gone into
    joined: int  # reports of told stories that join quietly
    archived: int
    by_day: Mapping[date, int]  # alerts, alone or in summaries


@dataclass(frozen=True, slots=True)
class Outcome:
    """A backtest. `found` maps articles to the watches (watchlist, name) that find them."""

    since: datetime | None
    until: datetime
    articles: int  # in that time
    looked_at: int  # of them, by the matcher
    watches: tuple[WatchResult, ...]
    channels: tuple[ChannelResult, ...]
    found: Mapping[str, tuple[Hit, ...]] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit does to one watch."""

    watch: str
    watchlist: str
    what: str  # new | gone | changed | same
    before: int  # articles
    after: int
    added: tuple[Sample, ...]  # newest first, at most as many as samples were asked for
    removed: tuple[Sample, ...]
    added_count: int = 0
    removed_count: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The watchlists in force against edited ones."""

    before: Outcome
    after: Outcome
    changes: tuple[Change, ...]


#: Called with how many articles were looked at, and of how many.
Progress = Callable[[int, int], None]


def run(
    archive: Archive,
    watchlists: Sequence[Watchlist],
    audience: Audience,
    now: datetime,
    *,
    only: Sequence[str] = (),
    since: datetime | None = None,
    samples: int = 5,
    progress: Progress | None = None,
) -> Outcome:
    """What `watchlists` (of them only the watches named in `only`) find in `archive`, and what would be sent."""
    raise NotImplementedError


def compare(
    archive: Archive,
    before: Sequence[Watchlist],
    after: Sequence[Watchlist],
    audience: Audience,
    now: datetime,
    *,
    only: Sequence[str] = (),
    since: datetime | None = None,
    samples: int = 5,
    progress: Progress | None = None,
) -> Comparison:
    """Both runs over the same articles, and what the edit adds and removes, watch by watch."""
    raise NotImplementedError
