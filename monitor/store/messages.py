"""Messages put together from rows: everything a receiver is shown of an alert.

It must not render, nor decide what is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import Connection, Row, Select, func, select

from monitor.model import Alert, AlertReason, Article, Elsewhere, Hit, StoryArticle, SummaryReason, WatchRef
from monitor.shortid import encode
from monitor.store import alerts as alert_rows
from monitor.store import articles, stories
from monitor.store.schema import alerts, feeds, hits
from monitor.store.schema import articles as article_rows
from monitor.store.schema import stories as story_rows
from monitor.store.stories import Namer
from monitor.summaries import Counts
from monitor.urls import display

REASONS: tuple[AlertReason, ...] = get_args(AlertReason)
SUMMARY_REASONS: tuple[SummaryReason, ...] = get_args(SummaryReason)


def alert(connection: Connection, alert_id: int, name: Namer) -> Alert:
    """The alert of this row, as its channel's receiver is shown it."""
    row = connection.execute(select(alerts).where(alerts.c.id == alert_id)).one()
    article = articles.load(connection, row.article_id)
    assert article is not None
    feed = connection.execute(select(feeds).where(feeds.c.id == article.feed_id)).one()
    watches = alert_rows.watch_refs(row.watches)
    found, unseen = _shown(watches, articles.hits_of(connection, article.id))
    return Alert(
        id=encode("A", row.id),
        created=row.created_at,
        watches=watches,
        hits=found,
        article=article,
        feed_name=_outlet(connection, article, feed, name),
        feed_url=display(feed.url),
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
        elsewhere=_elsewhere(connection, row, unseen, name) if unseen else (),
    )


def _shown(watches: Sequence[WatchRef], found: Sequence[Hit]) -> tuple[tuple[Hit, ...], Collection[tuple[str, str]]]:
    """Of an article's hits those of `watches`, and the watches that none of them shows."""
    told = {(ref.watchlist, ref.name) for ref in watches}
    shown = tuple(hit for hit in found if (hit.watchlist, hit.watch) in told)
    return shown, told - {(hit.watchlist, hit.watch) for hit in shown}


def _elsewhere(
    connection: Connection, row: Any, watches: Collection[tuple[str, str]], name: Namer
) -> tuple[Elsewhere, ...]:
    """In which other report of the story these watches (watchlist, name) were found first."""
    query = select(hits.c.watchlist, hits.c.watch, hits.c.evidence, article_rows.c.source, feeds.c.url, feeds.c.title)
    query = query.join(article_rows, article_rows.c.id == hits.c.article_id)
    query = query.join(feeds, feeds.c.id == article_rows.c.feed_id)
    query = query.where(article_rows.c.story_id == row.story_id, hits.c.article_id != row.article_id)
    found: dict[tuple[str, str], Elsewhere] = {}
    for hit in connection.execute(query.order_by(hits.c.id).limit(MOST_ELSEWHERE)):
        pair = (hit.watchlist, hit.watch)
        if pair in watches and pair not in found:
            words = tuple(dict.fromkeys(piece["text"] for piece in hit.evidence))[:3]
            found[pair] = Elsewhere(hit.watch, hit.watchlist, hit.source or name(hit.url, hit.title), words)
    return tuple(found.values())


#: Of an article, all but its text.
_HEAD = tuple(field.name for field in fields(Article) if field.name not in ("id", "text"))
AT_ONCE = 500  # rows that one query names by number
MOST_ELSEWHERE = 500  # hits of a story's other reports that are looked at


def heads(connection: Connection, ids: Sequence[int], name: Namer) -> dict[int, Alert]:
    """The alerts of these rows, in this order, as far as a line each and their order need: without text and hits."""
    found: dict[int, Alert] = {}
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        rows = connection.execute(_heads().where(alerts.c.id.in_(part))).all()
        told = stories.reports_of(connection, {row.story_id for row in rows}, name)
        found |= {row.id: _head(row, told.get(row.story_id, ()), name) for row in rows}
    return {number: found[number] for number in ids}


def entries(connection: Connection, watches: Mapping[int, tuple[WatchRef, ...]], name: Namer) -> dict[int, Alert]:
    """The alerts of these rows, naming these watches, in this order: all of them but texts and threads, in a few
    queries."""
    query = select(alerts.c.id, alerts.c.story_id, alerts.c.article_id, article_rows.c.copy_of)
    query = query.join(article_rows, article_rows.c.id == alerts.c.article_id).where(alerts.c.id.in_(watches))
    rows = connection.execute(query).all()
    found = articles.hits_of_each(connection, {row.article_id for row in rows})
    made = heads(connection, list(watches), name)
    for row in rows:
        shown, unseen = _shown(watches[row.id], found.get(row.article_id, ()))
        made[row.id] = replace(
            made[row.id],
            watches=watches[row.id],
            hits=shown,
            copy_of=stories.report(connection, row.copy_of, name) if row.copy_of else None,
            elsewhere=_elsewhere(connection, row, unseen, name) if unseen else (),
        )
    return made


def _heads() -> Select[Any]:
    article = [article_rows.c[column] for column in (*_HEAD, "source")]
    more = (story_rows.c.first_seen.label("story_first_seen"), feeds.c.url.label("feed_url"))
    query = select(alerts, *article, *more, feeds.c.title.label("feed_title"))
    query = query.join(article_rows, article_rows.c.id == alerts.c.article_id)
    return query.join(feeds, feeds.c.id == article_rows.c.feed_id).join(
        story_rows, story_rows.c.id == alerts.c.story_id
    )


def _head(row: Row[Any], reports: tuple[StoryArticle, ...], name: Namer) -> Alert:
    called = name(row.feed_url, row.feed_title)
    return Alert(
        id=encode("A", row.id),
        created=row.created_at,
        watches=alert_rows.watch_refs(row.watches),
        hits=(),
        article=Article(id=row.article_id, text="", **{column: getattr(row, column) for column in _HEAD}),
        feed_name=f"{row.source} ({called})" if row.source else called,
        feed_url=display(row.feed_url),
        story_id=encode("S", row.story_id),
        story_first_seen=row.story_first_seen,
        story_articles=reports,
        priority="urgent" if row.priority == "urgent" else "normal",
        reason=next(reason for reason in REASONS if reason == row.reason),
        follows=encode("A", row.follows) if row.follows else None,
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
