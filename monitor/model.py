"""The words of this program as frozen values; all times are aware UTC, all offsets count characters.

It holds no behaviour beyond what a value knows about itself, and imports the standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Literal

# ---------------------------------------------------------------------------------------------------- secrets


class Secret:
    """A text that never prints itself. `reveal()` is the only way to read it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))


# ------------------------------------------------------------------------------------------------------ feeds

ReadMode = Literal["auto", "page", "feed"]
#: What becomes of a possible gap: it is counted and shown, or told to `health.to` too.
GapMode = Literal["count", "tell"]


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as the user configured it."""

    url: str
    name: str = ""  # "" until the feed itself gives a title
    tags: frozenset[str] = frozenset()
    every: timedelta | None = None  # None: auto
    read: ReadMode = "auto"
    gaps: GapMode = "count"
    headers: Mapping[str, Secret] = field(default_factory=dict)
    user: str | None = None
    password: Secret | None = None
    where: str = ""  # "feeds.yaml:12"
    known_as: str = ""  # its identity in the store where its address holds a secret

    @property
    def key(self) -> str:
        """Its identity in the store, which holds no secrets."""
        return self.known_as or self.url


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask with next time, byte for byte (RFC 9110 section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None  # who gave them, if not the feed's own address: they are sent to that origin only


@dataclass(frozen=True, slots=True)
class ServerHints:
    """How often a server or feed asks to be polled. Advice, but for `retry_after`, which is an order."""

    max_age: timedelta | None = None  # Cache-Control max-age less Age, or Expires less Date
    retry_after: timedelta | None = None
    ttl: timedelta | None = None  # RSS ttl, sy:updatePeriod / sy:updateFrequency
    skip_hours: frozenset[int] = frozenset()  # 0..23, GMT
    skip_days: frozenset[int] = frozenset()  # 0 = Monday


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as a feed shows it; all texts are plain, without mark-up.

    `identities` are the names under which the item is known in its feed, strongest first: an entry is new when the
    store knows none of them. `title` is never empty. `content` is the full text if the feed carries it, else "".
    """

    identities: tuple[str, ...]
    url: str | None
    title: str
    guid: str | None = None
    author: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None
    summary: str = ""
    content: str = ""
    tags: tuple[str, ...] = ()
    source: str | None = None  # the outlet an aggregator names (RSS <source>)
    # What the parser's process works out for the one that stores; None where nobody has yet.
    canonical_url: str | None = None  # urls.canonical of `url`
    words: str | None = None  # edits.digest of title, summary and content

    def __reduce__(self) -> tuple[type[Entry], tuple[Any, ...]]:
        """Thousands come from other processes: the usual way of slotted dataclasses takes twice the time."""
        return Entry, (self.identities, *self._said)

    def named(self, identities: tuple[str, ...]) -> Entry:
        """The same entry under these names; `dataclasses.replace` takes four times as long."""
        return Entry(identities, *self._said)

    @property
    def _said(self) -> tuple[Any, ...]:
        """All but the identities, in order."""
        head = (self.url, self.title, self.guid, self.author, self.published, self.updated, self.language)
        return (*head, self.summary, self.content, self.tags, self.source, self.canonical_url, self.words)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document as this program sees it. `warnings` say what was odd about it, in words."""

    title: str
    kind: str  # rss20, rss10, rss09x, atom10, atom03, json, sitemap, …
    entries: tuple[Entry, ...]
    link: str | None = None
    language: str | None = None
    encoding: str = "utf-8"
    hints: ServerHints = ServerHints()
    hub: str | None = None  # WebSub
    self_url: str | None = None
    next_page: str | None = None  # RFC 5005
    warnings: tuple[str, ...] = ()


# --------------------------------------------------------------------------------------------------- articles

#: What the text of an article is: what was read, and so what its watches were matched on.
MatchedOn = Literal["full article", "feed text", "summary", "headline"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of an article and how it was come by. `note` says why it is not the full article, in words."""

    title: str
    text: str
    matched_on: MatchedOn
    note: str = ""  # "page refused (403)", "consent wall", "robots.txt", "page is a stub", …
    author: str | None = None
    published: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What the matcher reads."""

    title: str
    text: str
    url: str = ""
    author: str = ""
    language: str | None = None
    feed: str = ""
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Article:
    """A new entry with its text read, as it is stored."""

    id: int
    feed_id: int
    url: str | None
    title: str
    text: str
    matched_on: MatchedOn
    first_seen: datetime
    note: str = ""
    canonical_url: str | None = None
    author: str | None = None
    published: datetime | None = None
    language: str | None = None


# ---------------------------------------------------------------------------------------------------- watches

Priority = Literal["urgent", "normal"]
WhenKind = Literal["now", "hourly", "daily", "weekdays", "weekly"]


@dataclass(frozen=True, slots=True)
class When:
    """When a channel speaks: now, or in a digest at a local time. `weekday` 0 = Monday, for weekly ones."""

    kind: WhenKind = "now"
    at: time | None = None
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What a user wants to hear about. Either `match` or the three lists hold its terms; a bare term is `match`-less
    with one item in `any` and `name` as written."""

    name: str
    watchlist: str
    match: str | None = None
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    languages: frozenset[str] = frozenset()
    feeds: tuple[str, ...] = ()  # names, or tag:NAME
    spellings: frozenset[str] = frozenset()  # {"translit"}
    not_forms: tuple[str, ...] = ()
    priority: Priority = "normal"
    confirm: tuple[str, ...] = ()
    to: tuple[str, ...] | None = None
    when: When | None = None
    since: timedelta | None = None  # apply it, when new, to what was read so long before
    may_flood: bool = False
    must_match: tuple[str, ...] = ()
    must_not_match: tuple[str, ...] = ()
    where: str = ""  # "arms.yaml:12:5", the place of its first line
    places: Mapping[str, str] = field(default_factory=dict)  # "match" or "any[0]" -> "arms.yaml:14:7"


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A file of watches. `terms` are its groups, usable in every watchlist as $name."""

    name: str
    path: str
    watches: tuple[Watch, ...]
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    to: tuple[str, ...] | None = None
    editors: tuple[str, ...] | None = None
    places: Mapping[str, str] = field(default_factory=dict)  # "terms.uav[0]" -> "arms.yaml:5:10"


def all_groups(watchlists: Iterable[Watchlist]) -> dict[str, tuple[str, ...]]:
    """The terms of every group by its name: each watchlist may use the groups of all."""
    return {name: terms for watchlist in watchlists for name, terms in watchlist.terms.items()}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place where a term was found. `text` is what stands at [start, end) of `field` in the document."""

    term: str
    text: str
    field: str  # title, text, url, author
    start: int
    end: int
    snippet: str = ""  # the sentence around it
    note: str = ""  # why it counts where that is not plain: "all-capitals headline, context says acronym"


@dataclass(frozen=True, slots=True)
class Hit:
    """A watch found in an article, with the evidence."""

    watch: str
    watchlist: str
    evidence: tuple[Evidence, ...]


#: How the cause of a near miss begins where words of the watch were absent, rather than something in the way.
ABSENT = "without "


@dataclass(frozen=True, slots=True)
class Miss:
    """A watch that an article came near, with the one thing that kept it from being found: `none: drone racing`."""

    watch: str
    watchlist: str
    cause: str


# --------------------------------------------------------------------------------------------- what is told

AlertReason = Literal["new story", "new watch", "confirmed", "spreading"]
SummaryReason = Literal["digest", "first look", "quiet hours", "over limit", "catch-up"]


@dataclass(frozen=True, slots=True)
class WatchRef:
    name: str
    watchlist: str
    priority: Priority = "normal"
    where: str = ""


@dataclass(frozen=True, slots=True)
class StoryArticle:
    id: str
    url: str | None
    title: str
    feed: str
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A watch of an alert whose words stand in another report of the story, and in which outlet's."""

    watch: str
    watchlist: str
    outlet: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One story told to one channel: everything a receiver is shown (DESIGN section 7)."""

    id: str  # A-7Q2K
    created: datetime
    watches: tuple[WatchRef, ...]
    hits: tuple[Hit, ...]
    article: Article
    feed_name: str
    feed_url: str
    story_id: str
    story_first_seen: datetime
    story_articles: tuple[StoryArticle, ...]
    priority: Priority = "normal"
    reason: AlertReason = "new story"
    follows: str | None = None
    copy_of: StoryArticle | None = None
    thread: str | None = None  # the Receipt.reference of the story's first alert in this channel, for follow-ups
    elsewhere: tuple[Elsewhere, ...] = ()  # watches that nothing in `article` shows


@dataclass(frozen=True, slots=True)
class Summary:
    """Several alerts in one message. `lines` are plain sentences: counts, what was folded, the proof of life.

    `title` is a short name ("" for the usual one of its reason); date, number of stories and first headline are added.
    `stories` is their number where not all of them are in `alerts`.
    """

    reason: SummaryReason
    title: str
    created: datetime
    alerts: tuple[Alert, ...]
    intro: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    stories: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of the program about itself, or a test message."""

    title: str
    created: datetime
    lines: tuple[str, ...] = ()


Message = Alert | Summary | Notice


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receiver's acceptance. `answer` is what it said, shortened; `reference` what later messages may refer to."""

    answer: str
    reference: str | None = None  # Slack ts, for threads
