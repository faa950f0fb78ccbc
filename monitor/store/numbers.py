"""How much there is, fails and waits: the one place of counts, for status, pages, notices and metrics.

It counts what is there now; what came in a time is `tallies`. It must not judge whether that is much or little.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Label, and_, case, func, select

from monitor.store.schema import alerts, articles, deliveries, feeds, hits

#: A feed that should have been polled so long ago is late.
OVERDUE = timedelta(minutes=10)
#: Feeds that have failed for longer are each known by themselves.
LATELY = timedelta(days=1)
#: Deliveries that tell something: not the edits of what was told, no tests, nor what went on in a catch-up summary.
tells = deliveries.c.kind.not_in(("amend", "trial")) & (deliveries.c.state != "gathered")


@dataclass(frozen=True, slots=True)
class OfFeeds:
    """All that are configured, those that are gone for good (`feeds_stopped`) included; `polled` are the others.

    `failing_lately` began to fail within LATELY, the first of them at `failing_lately_since`. `next_poll` is when the
    first is due, `failing_polled` when one that fails was last asked.
    """

    feeds: int
    feeds_failing: int
    feeds_stopped: int
    feeds_overdue: int
    feeds_with_gaps: int
    gaps: int
    last_gap: datetime | None
    feeds_never_read: int
    feeds_not_polled_yet: int
    last_poll: datetime | None  # that went well
    polled: int
    polled_failing: int
    failing_lately: int
    failing_lately_since: datetime | None
    failing_polled: datetime | None
    next_poll: datetime | None


@dataclass(frozen=True, slots=True)
class OfMessages:
    """Messages not accepted yet, summaries that still gather included; `overdue` are due, `failed` were given up."""

    pending: int
    overdue: int
    failed: int
    next_delivery: datetime | None


@dataclass(frozen=True, slots=True)
class OfArticles:
    """`unread` wait to be read or matched again; `unreadable` could not be."""

    unread: int
    unreadable: int
    last_article: datetime | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """All of them."""

    of_feeds: OfFeeds
    of_messages: OfMessages
    of_articles: OfArticles

    @property
    def shown(self) -> dict[str, Any]:
        """By the names of `monitor status --json`."""
        names = (
            *("feeds", "feeds_failing", "feeds_stopped", "feeds_with_gaps", "gaps", "last_gap", "feeds_never_read"),
            *("feeds_not_polled_yet", "last_poll"),
        )
        return (
            {name: getattr(self.of_feeds, name) for name in names}
            | {name: getattr(self.of_messages, name) for name in ("pending", "failed", "next_delivery")}
            | {"unread": self.of_articles.unread, "last_article": self.of_articles.last_article}
        )


def now_there(connection: Connection, now: datetime) -> Numbers:
    return Numbers(of_feeds(connection, now), of_messages(connection, now), of_articles(connection))


def of_feeds(connection: Connection, now: datetime) -> OfFeeds:
    """In one pass, as any of these numbers needs one."""
    is_polled = feeds.c.stopped_at.is_(None)
    is_failing = feeds.c.failures > 0
    began_lately = is_polled & (feeds.c.failures > 1) & (feeds.c.failing_since > now - LATELY)
    query = select(
        func.count().label("feeds"),
        _sum("feeds_failing", is_failing),
        _sum("feeds_stopped", ~is_polled),
        _sum("feeds_overdue", is_polled & (feeds.c.next_poll_at < now - OVERDUE)),
        _sum("feeds_with_gaps", feeds.c.gaps > 0),
        func.coalesce(func.sum(feeds.c.gaps), 0).label("gaps"),
        func.max(feeds.c.last_gap_at).label("last_gap"),
        _sum("feeds_never_read", feeds.c.first_success_at.is_(None) & (feeds.c.failures > 1)),
        _sum("feeds_not_polled_yet", feeds.c.last_poll_at.is_(None)),
        func.max(feeds.c.last_success_at).label("last_poll"),
        _sum("polled", is_polled),
        _sum("polled_failing", is_polled & is_failing),
        _sum("failing_lately", began_lately),
        func.min(case((began_lately, feeds.c.failing_since))).label("failing_lately_since"),
        func.max(case((is_polled & is_failing, feeds.c.last_poll_at))).label("failing_polled"),
        func.min(case((is_polled, feeds.c.next_poll_at))).label("next_poll"),
    )
    return OfFeeds(*connection.execute(query.where(feeds.c.is_active)).one())


def of_messages(connection: Connection, now: datetime) -> OfMessages:
    """Each by an index: what was sent in years is not looked at."""
    waiting = select(func.count(), func.min(deliveries.c.due_at)).where(deliveries.c.state == "pending")
    pending, first = connection.execute(waiting).one()
    due = select(func.count()).where(deliveries.c.state == "pending", deliveries.c.due_at <= now)
    lost = select(func.count()).where(deliveries.c.state == "given up", tells)
    overdue, failed = (int(connection.execute(query).scalar_one()) for query in (due, lost))
    return OfMessages(pending, overdue, failed, first)


def of_articles(connection: Connection) -> OfArticles:
    def count(*states: str) -> int:
        return int(connection.execute(select(func.count()).where(articles.c.state.in_(states))).scalar_one())

    last: datetime | None = connection.execute(select(func.max(articles.c.first_seen))).scalar()
    return OfArticles(count("waiting", "edited"), count("failed"), last)


def totals(connection: Connection) -> dict[str, int]:
    """How much there is in all: counts that grow with the store, so that no page asks for them."""
    whole = select(func.count()).select_from(articles).where(articles.c.same_as.is_(None))
    there = {"articles": whole} | {table.name: select(func.count()).select_from(table) for table in (hits, alerts)}
    return {name: int(connection.execute(query).scalar_one()) for name, query in there.items()}


def gauges(connection: Connection, now: datetime) -> dict[str, float]:
    """For metrics, by their names; an article's number is its id, which costs no count."""
    found = now_there(connection, now)
    known = connection.execute(select(func.max(articles.c.id))).scalar()
    return {
        "feeds": found.of_feeds.polled,
        "feeds_failing": found.of_feeds.polled_failing,
        "feeds_overdue": found.of_feeds.feeds_overdue,
        "articles": known or 0,
        "unread": found.of_articles.unread,
        "pending": found.of_messages.pending,
        "overdue": found.of_messages.overdue,
        "failed": found.of_messages.failed,
        "gaps": found.of_feeds.gaps,
        "last_poll_timestamp_seconds": _stamp(found.of_feeds.last_poll),
        "last_article_timestamp_seconds": _stamp(found.of_articles.last_article),
    }


def _sum(name: str, *conditions: ColumnElement[bool]) -> Label[Any]:
    return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0).label(name)


def _stamp(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
