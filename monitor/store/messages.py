"""Messages put together from rows: everything a receiver is shown of an alert.

It must not render, nor decide what is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import Connection, Row, func, select

from monitor.model import Alert, AlertReason, Article, StoryArticle, SummaryReason
from monitor.shortid import encode
from monitor.store import alerts as alert_rows
from monitor.store import articles, stories
from monitor.store.schema import alerts, feeds
from monitor.store.schema import articles as article_rows
from monitor.store.schema import stories as story_rows
from monitor.store.stories import Namer
from monitor.summaries import Counts

REASONS: tuple[AlertReason, ...] = get_args(AlertReason)
SUMMARY_REASONS: tuple[SummaryReason, ...] = get_args(SummaryReason)


def alert(connection: Connection, alert_id: int, name: Namer) -> Alert:
    """The alert of this row, as its channel's receiver is shown it."""
    row = connection.execute(select(alerts).where(alerts.c.id == alert_id)).one()
    article = articles.load(connection, row.article_id)
    assert article is not None
    feed = connection.execute(select(feeds).where(feeds.c.id == article.feed_id)).one()
    watches = alert_rows.watch_refs(row.watches)
    told = {(ref.watchlist, ref.name) for ref in watches}
    return Alert(
        id=encode("A", row.id),
        created=row.created_at,
        watches=watches,
        hits=tuple(hit for hit in articles.hits_of(connection, article.id) if (hit.watchlist, hit.watch) in told),
        article=article,
        feed_name=_outlet(connection, article, feed, name),
        feed_url=feed.url,
        story_id=encode("S", row.story_id),
        story_first_seen=connection.execute(
            select(story_rows.c.first_seen).where(story_rows.c.id == row.story_id)
        ).scalar_one(),
        story_articles=stories.reports(connection, row.story_id, name),
        priority="urgent" if row.priority == "urgent" else "normal",
        reason=next(reason for reason in REASONS if reason == row.reason),
        follows=encode("A", row.follows) if row.follows else None,
        copy_of=_copied(connection, article, name),
        thread=_thread(connection, row),
    )


def _outlet(connection: Connection, article: Article, feed: Row[tuple[object, ...]], name: Namer) -> str:
    source: str | None = connection.execute(
        select(article_rows.c.source).where(article_rows.c.id == article.id)
    ).scalar()
    called = name(feed.url, feed.title)
    return f"{source} ({called})" if source else called


def _copied(connection: Connection, article: Article, name: Namer) -> StoryArticle | None:
    row = connection.execute(select(article_rows.c.copy_of).where(article_rows.c.id == article.id)).one()
    return stories.report(connection, row.copy_of, name) if row.copy_of else None


def _thread(connection: Connection, row: Row[tuple[object, ...]]) -> str | None:
    """What the receiver gave for the first message of the story, so that a follow-up goes below it."""
    first = (
        select(alerts.c.id)
        .where(alerts.c.story_id == row.story_id, alerts.c.channel == row.channel, alerts.c.id < row.id)
        .order_by(alerts.c.id)
        .limit(1)
    )
    before: int | None = connection.execute(first).scalar()
    return alert_rows.reference_of(connection, before) if before is not None else None


def counts(connection: Connection, now: datetime, hours: int, watches: int, name: Namer) -> Counts:
    """What was seen in the last `hours`, and which feeds fail now. A first poll's articles count by their own date."""
    since = now - timedelta(hours=hours)
    active = connection.execute(select(feeds).where(feeds.c.is_active)).all()
    dated = func.coalesce(article_rows.c.published, article_rows.c.first_seen)
    recent = (article_rows.c.first_seen >= since) & (dated >= since) & article_rows.c.same_as.is_(None)
    total = connection.execute(select(func.count()).select_from(article_rows).where(recent)).scalar_one()
    short = recent & article_rows.c.matched_on.in_(("summary", "headline")) & (article_rows.c.state == "done")
    summary_only = connection.execute(select(func.count()).select_from(article_rows).where(short)).scalar_one()
    failed = tuple(name(row.url, row.title) for row in active if row.failures)
    return Counts(watches, len(active), failed, int(total), int(summary_only), hours)
