"""The tables, once for SQLite and PostgreSQL; what each row means stands beside it.

It holds no queries; a change here needs a migration beside it, and a test holds the two together.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal,
)
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware UTC time as microseconds since 1970: the same order and the same value on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


def moment(value: datetime) -> ColumnElement[datetime]:
    """A time inside an SQL function, which does not know by itself how our columns keep times."""
    return literal(value, Instant())


class Json(TypeDecorator[Any]):
    """A small value as JSON text; never queried by its inside."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


# SQLite gives only an INTEGER primary key its own row id; PostgreSQL wants room for more than two billion.
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

feeds = Table(
    "feeds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Text, nullable=False, unique=True),  # as configured: the feed's identity
    Column("title", Text, nullable=False, default=""),  # the feed's own, where the user gave no name
    Column("language", Text),
    Column("is_active", Boolean, nullable=False, default=True),  # it stands in the configuration in force
    Column("added_at", Instant, nullable=False),
    Column("next_poll_at", Instant, nullable=False),
    Column("next_reason", Text, nullable=False, default=""),
    Column("first_success_at", Instant),  # None until its first poll went well
    Column("last_poll_at", Instant),
    Column("last_success_at", Instant),
    Column("last_new_at", Instant),
    Column("status", Integer),  # of the last answer, None when none came
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("failing_since", Instant),
    Column("error", Text, nullable=False, default=""),
    Column("held_until", Instant),  # by the server's Retry-After
    Column("etag", Text),
    Column("last_modified", Text),
    Column("validators_url", Text),  # who gave them, where that is another origin than the feed's
    Column("hints", Json),  # how often the document itself asks to be polled
    Column("address", Text),  # where it is asked since it moved for good; None: as configured
    Column("moved_to", Text),  # where permanent redirects lead, and how many good polls in a row they did
    Column("moved_times", Integer, nullable=False, default=0),
    Column("gone_since", Instant),  # the first 410
    Column("stopped_at", Instant),  # gone for good: not polled until someone asks for it
    Column("body_at", Instant),  # the last answer that was not 304
    Column("is_stuck", Boolean, nullable=False, default=False),  # it said 304 of a feed that had changed
    Column("parts", Json),  # of an index of sitemaps: those polled last, with validators and hash
    Column("entries", Integer, nullable=False, default=0),  # that the feed shows at once
    Column("overlaps", Integer, nullable=False, default=0),  # polls in a row that showed something known
    Column("gaps", Integer, nullable=False, default=0),  # polls that showed nothing known: something may be missed
    Column("last_gap_at", Instant),
    Column("body_hash", Text),
    Column("history", Json),  # what schedule learnt of its rhythm
    Column("warnings", Json),  # what was odd about its last document
    Column("wants_older", Boolean),  # a person asked for its older pages
    Column("norm", Json),  # what it usually shows, and what of its departures was told
    Column("polled_by", Text),  # who polls it now, and until when that holds: a lease
    Column("polled_until", Instant),
    Index("feeds_due", "is_active", "next_poll_at"),
)

# WebSub: what hubs were asked to push, and until when they do. A row that has ended stays, to answer late pushes.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feeds.id"), nullable=False),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("mode", Text, nullable=False),  # what is wanted of the hub: subscribe | unsubscribe
    Column("token", Text, unique=True),  # the end of the callback's address; None until the hub was asked
    Column("callback", Text),
    Column("secret", Text),  # drawn here, for this subscription only: the hub signs with it
    Column("asked_at", Instant),
    Column("tries", Integer, nullable=False, default=0),  # since the last success
    Column("next_at", Instant),  # when the hub is asked next; None: never
    Column("verified_at", Instant),
    Column("expires_at", Instant),  # the end of the lease; None: there is none
    Column("ended_at", Instant),
    Column("method", Text),  # the strongest that the hub signed with
    Column("pushed_at", Instant),  # the last push that was signed well
    Column("pushes", Integer, nullable=False, default=0),
    Column("unpushed", Integer, nullable=False, default=0),  # polls since then that found what was not pushed
    Column("error", Text, nullable=False, default=""),
    Index("subscriptions_due", "next_at"),
    Index("subscriptions_feed", "feed_id"),
)

# Under which names an entry is known in its feed. Never deleted: what left a feed may come back years later.
identities = Table(
    "identities",
    metadata,
    Column("feed_id", Id, ForeignKey("feeds.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("article_id", Id, nullable=False),
    sqlite_with_rowid=False,
)

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feeds.id"), nullable=False),
    Column("url", Text),
    Column("canonical_url", Text),
    Column("title", Text, nullable=False),
    Column("author", Text),
    Column("published", Instant),
    Column("first_seen", Instant, nullable=False),
    Column("language", Text),
    Column("matched_on", Text, nullable=False, default="summary"),
    Column("note", Text, nullable=False, default=""),
    Column("source", Text),  # the outlet that an aggregator names
    # waiting: its page is to be read | edited: its feed's words changed, it is to be matched again | done
    # | archived: too old to alert | failed: it ended every worker it met
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("tried_at", Instant),  # when it last ended a worker
    Column("is_first_look", Boolean, nullable=False, default=False),  # shown by its feed's first poll
    Column("entry", Json),  # the entry as the feed showed it, until it is read
    Column("shown", Text),  # a hash of the words that its feed showed last
    Column("rematches", Integer, nullable=False, default=0),  # how often those words had changed
    Column("story_id", Id, ForeignKey("stories.id")),
    Column("relation", Text),  # first | report | copy
    Column("copy_of", Id),
    Column("same_as", Id),  # the article with the same address that another feed showed first
    Column("read_by", Text),  # who reads it now, and until when that holds: a lease
    Column("read_until", Instant),
    # On PostgreSQL a hash (0004); said here, it would load that dialect at every start, for a tenth of a second.
    Index("articles_canonical_url", "canonical_url"),
    Index("articles_first_seen", "first_seen"),
    Index("articles_story", "story_id"),
    Index("articles_state", "state", "id"),
    Index("articles_feed", "feed_id", "first_seen"),
    Index("articles_same_as", "same_as"),
)

texts = Table(
    "texts",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id"), primary_key=True),
    Column("text", Text, nullable=False),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

story_keys = Table(
    "story_keys",
    metadata,
    Column("key", BigInteger, primary_key=True),
    Column("article_id", Id, primary_key=True),
    sqlite_with_rowid=False,
)

stories = Table(
    "stories",
    metadata,
    Column("id", Id, primary_key=True),
    Column("title", Text, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Index("stories_last_seen", "last_seen"),
)

hits = Table(
    "hits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id"), nullable=False),
    Column("watchlist", Text, nullable=False),
    Column("watch", Text, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("found_at", Instant, nullable=False),
    UniqueConstraint("article_id", "watchlist", "watch"),
    Index("hits_watch", "watchlist", "watch", "found_at"),
)

# What was decided for an article and a channel, told or not, each with its reason.
decisions = Table(
    "decisions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("cause", Text),  # of what is archived: silenced | long ago | first poll | not fresh
    Column("held_until", Instant),  # of what goes into a summary: as it was decided
    Column("decided_at", Instant, nullable=False),
    Index("decisions_article", "article_id"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("story_id", Id, ForeignKey("stories.id"), nullable=False),
    Column("article_id", Id, ForeignKey("articles.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("watches", Json, nullable=False),  # [[name, watchlist, priority, where], …]
    Column("priority", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("follows", Id),
    Column("why", Text, nullable=False),
    Column("bundle", Text),  # the kind of summary it goes into; None: a message of its own
    Column("held_until", Instant),  # in that, as it was decided
    Column("outlet", Text, nullable=False, default=""),  # whose report was told
    Column("level", Integer, nullable=False, default=0),  # how far the story had spread: 0, 5 or 20 outlets
    Column("created_at", Instant, nullable=False),
    Index("alerts_story", "story_id", "channel"),
    Index("alerts_channel", "channel", "created_at"),
)

# One message to one receiver: the durable intention. Its id never changes, so a receiver can tell a repeat.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),  # msg_…
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False, default=""),  # one recipient of a mail
    Column("kind", Text, nullable=False),  # alert | summary | notice | trial | amend: a story's first message, edited
    Column("reason", Text, nullable=False, default=""),  # of a summary or a notice
    Column("bundle", Text, unique=True),  # channel, target, kind and due time of a summary that still gathers
    Column("body", Json),  # title and lines of a notice, intro and lines of a summary
    # pending | sent | given up | gathered: its alert went into a catch-up summary
    Column("state", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),  # attempts that failed by the message itself
    Column("in_doubt", Boolean, nullable=False, default=False),  # an attempt ended unanswered: it may have arrived
    Column("trying_since", Instant),  # the first attempt, or the first after a retry by hand
    Column("claimed_by", Text),
    Column("claimed_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("answer", Text, nullable=False, default=""),  # the receiver's, or the last error
    Column("reference", Text),  # what later messages of the story may refer to
    Column("reported_at", Instant),  # that it was given up was told to health.to
    Index("deliveries_due", "state", "due_at"),
    Index("deliveries_channel", "channel", "state", "attempts", "created_at"),
    Index("deliveries_reason", "reason", "channel", "due_at"),
    Index("deliveries_created", "created_at"),
)

delivery_alerts = Table(
    "delivery_alerts",
    metadata,
    Column("delivery_id", Text, ForeignKey("deliveries.id"), primary_key=True),
    Column("alert_id", Id, ForeignKey("alerts.id"), primary_key=True),
    Index("delivery_alerts_alert", "alert_id"),
    sqlite_with_rowid=False,
)

channels = Table(
    "channels",
    metadata,
    Column("name", Text, primary_key=True),
    Column("introduced_at", Instant),  # its first summary was written
    Column("paused_until", Instant),
    Column("failures", Integer, nullable=False, default=0),
    Column("failing_since", Instant),
    Column("error", Text, nullable=False, default=""),
    Column("is_gone", Boolean),  # it fails until a person mends it; None while it does not fail, or of before 1.2.0
    Column("stumbled", Json),  # deliveries that failed by themselves since the last acceptance
    Column("sent_by", Text),  # who sends there now, and until when that holds: one at a time keeps the order
    Column("sent_until", Instant),
)

silences = Table(
    "silences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),  # watch | story | feed | everything
    Column("value", Text, nullable=False, default=""),
    Column("until", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# What is or was wrong with the program itself, so that each trouble is told once and its end once.
troubles = Table(
    "troubles",
    metadata,
    Column("key", Text, primary_key=True),  # which one: "channel desk", "offline", "disk", …
    Column("since", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("told_at", Instant),  # its beginning, or last that it comes and goes
    Column("is_end_told", Boolean, nullable=False, default=False),
    Column("returns", Integer, nullable=False, default=0),  # since it was told
    Column("title", Text, nullable=False, default=""),  # of the message that it is over
    Column("brief", Text),  # what is shown while it is there
)

# How many articles a day came near a watch and were not found by it, by what kept them from it; the newest of them.
near_misses = Table(
    "near_misses",
    metadata,
    Column("watchlist", Text, primary_key=True),
    Column("watch", Text, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),  # since 1970, UTC
    Column("cause", Text, primary_key=True),
    Column("articles", Integer, nullable=False),
    Column("article_id", Id, nullable=False),
    sqlite_with_rowid=False,
)

# The watches in force, so that an edit is known as one over restarts too.
watches = Table(
    "watches",
    metadata,
    Column("watchlist", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("digest", Text, nullable=False),  # of what it looks for
    Column("live_since", Instant, nullable=False),
    Column("flood", Integer),  # stories a day, where they are so many that it goes into digests
)

# Single facts that outlive the process: when something was last done, what edit was refused.
facts = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Json, nullable=False),
    Column("at", Instant, nullable=False),
)

# What became of each poll, for `monitor explain`. Polls in a row that went the same way and showed nothing new are one
# row; old rows are dropped.
polls = Table(
    "polls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feeds.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False, default=1),
    Column("status", Integer),  # of the answer, None when none came
    Column("entries", Integer),  # that the feed showed, None when it showed nothing (304, an error)
    Column("new", Integer, nullable=False, default=0),
    Column("is_gap", Boolean, nullable=False, default=False),  # nothing known was shown: something may be missed
    Column("why", Text, nullable=False, default=""),  # it was due
    Column("error", Text, nullable=False, default=""),
    Index("polls_feed", "feed_id", "last_at"),
    Index("polls_age", "last_at"),
)

# Each attempt to get a delivery accepted, with the receiver's answer.
attempts = Table(
    "attempts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delivery_id", Text, ForeignKey("deliveries.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),  # of the delivery after it
    Column("answer", Text, nullable=False, default=""),
    Column("next_at", Instant),
    Index("attempts_delivery", "delivery_id"),
)

# What an article with a hit was found in, as it came: pages, and what its feed said; each version once.
evidence = Table(
    "evidence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id"), nullable=False),
    Column("kind", Text, nullable=False),  # page | entry
    Column("seen_at", Instant, nullable=False),
    Column("url", Text),  # where it came from, after redirects
    Column("status", Integer),
    Column("headers", Json),  # [[name, value], …] without cookies
    Column("sha256", Text, nullable=False),  # of the body as it came
    Column("size", Integer, nullable=False),  # of the body, in bytes
    Column("body", LargeBinary),  # zlib; None once it was dropped by age, or because it was too large
    UniqueConstraint("article_id", "kind", "sha256"),
    Index("evidence_age", "seen_at"),
)

# What readers said of a watch in an article: the examples that `monitor suggest` learns from.
judgments = Table(
    "judgments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id"), nullable=False),
    Column("watchlist", Text, nullable=False),
    Column("watch", Text, nullable=False),
    Column("verdict", Text, nullable=False),  # wrong | right
    Column("because", Text, nullable=False, default=""),
    Column("judged_at", Instant, nullable=False),
    UniqueConstraint("article_id", "watchlist", "watch"),
    Index("judgments_watch", "watchlist", "watch"),
)

# Where several machines share the store: who is there, …
members = Table(
    "members",
    metadata,
    Column("name", Text, primary_key=True),  # as in its claims
    Column("role", Text, nullable=False),
    Column("version", Text, nullable=False),  # of the program
    Column("watches", Text, nullable=False),  # of its watchlists: they are to be the same everywhere
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

# … who does what only one may do, …
duties = Table(
    "duties",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Instant, nullable=False),
)

# … and whose turn it is to ask a host.
turns = Table(
    "turns",
    metadata,
    Column("host", Text, primary_key=True),
    Column("next_at", Instant, nullable=False),  # no request begins before
    Column("holders", Json, nullable=False),  # [[who, until], …] of requests under way
)
