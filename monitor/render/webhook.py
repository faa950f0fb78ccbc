"""The body of a webhook request: JSON as `webhook.schema.json` beside this file describes it.

The same message gives the same bytes; it must not know the receiver, the time of the attempt or any secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from monitor.model import Alert, Elsewhere, Evidence, Hit, Message, Notice, StoryArticle, Summary
from monitor.render.text import same_length, web_link
from monitor.urls import display

MOST_HITS = 100  # of an alert: the first of each watch and term, then the others
MOST_HITS_IN_SUMMARY = 20
MOST_ALERTS = 200  # of a summary; the others are counted
MOST_ARTICLES = 100  # of a story
MOST_ELSEWHERE = 100  # watches
LONGEST = 2000  # characters of a name or a title; receivers expect bodies of some 20 kB
SNIPPET = 600


def body(message: Message) -> bytes:
    """The request's body, UTF-8 (in fact ASCII), without the time of sending."""
    document = {"type": kind(message), "timestamp": _time(message.created), "data": _data(message)}
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def kind(message: Message) -> str:
    if isinstance(message, Alert):
        return "alert.created"
    return "alert.summary" if isinstance(message, Summary) else "notice"


def _data(message: Message) -> dict[str, Any]:
    if isinstance(message, Alert):
        return alert_data(message)
    if isinstance(message, Notice):
        return {"title": _text(message.title), "lines": [_text(line) for line in message.lines]}
    return {
        "reason": message.reason,
        "title": _text(message.title),
        "intro": [_text(line) for line in message.intro],
        "alerts": [alert_data(alert, MOST_HITS_IN_SUMMARY) for alert in message.alerts[:MOST_ALERTS]],
        "left_out": max(0, len(message.alerts) - MOST_ALERTS),
        "lines": [_text(line) for line in message.lines],
    }


def alert_data(alert: Alert, most_hits: int = MOST_HITS) -> dict[str, Any]:
    """The `data` of an alert.created, and each item of a summary's `alerts`."""
    return {
        "alert": {
            "id": _text(alert.id),
            "priority": alert.priority,
            "reason": alert.reason,
            "follows": _text_or_none(alert.follows),
        },
        "watches": [
            {"name": _text(watch.name), "watchlist": _text(watch.watchlist), "priority": watch.priority}
            for watch in alert.watches
        ],
        "article": _article(alert),
        "hits": [_hit(hit, piece) for hit, piece in _first(alert.hits, most_hits)],
        "elsewhere": [_elsewhere(one) for one in alert.elsewhere[:MOST_ELSEWHERE]],
        "story": {
            "id": _text(alert.story_id),
            "first_seen": _time(alert.story_first_seen),
            "articles": [_story_article(article) for article in alert.story_articles[:MOST_ARTICLES]],
        },
    }


def _elsewhere(one: Elsewhere) -> dict[str, Any]:
    return {
        "watch": _text(one.watch),
        "watchlist": _text(one.watchlist),
        "feed": _text(one.outlet),
        "words": [_text(word) for word in one.words],
    }


def _article(alert: Alert) -> dict[str, Any]:
    article = alert.article
    return {
        "id": str(article.id),
        "url": web_link(article.url),
        "title": _text(article.title),
        "author": _text_or_none(article.author),
        "published": _time(article.published) if article.published else None,
        "first_seen": _time(article.first_seen),
        "language": _text_or_none(article.language),
        "matched_on": article.matched_on,
        "note": _text(article.note),
        "copy_of": _story_article(alert.copy_of) if alert.copy_of else None,
        "feed": {"name": _text(alert.feed_name), "url": web_link(display(alert.feed_url))},
    }


def _story_article(article: StoryArticle) -> dict[str, Any]:
    return {
        "id": _text(article.id),
        "url": web_link(article.url),
        "title": _text(article.title),
        "feed": _text(article.feed),
    }


def _hit(hit: Hit, piece: Evidence) -> dict[str, Any]:
    return {
        "watch": _text(hit.watch),
        "term": _text(piece.term),
        "text": _text(piece.text),
        "field": _text(piece.field),
        "start": piece.start,
        "end": piece.end,
        "snippet": _text(piece.snippet, SNIPPET),
    }


def _first(hits: Iterable[Hit], most: int) -> list[tuple[Hit, Evidence]]:
    """At most `most`, in their order, those that show something new before those that repeat it."""
    rows = [(hit, piece) for hit in hits for piece in hit.evidence]
    if len(rows) <= most:
        return rows
    seen = set[tuple[str, str, str]]()
    rank: list[tuple[bool, int]] = []
    for place, (hit, piece) in enumerate(rows):
        key = (hit.watchlist, hit.watch, piece.term)
        rank.append((key in seen, place))
        seen.add(key)
    return [rows[place] for place in sorted(place for _, place in sorted(rank)[:most])]


def _text(text: str, limit: int = LONGEST) -> str:
    return same_length(text)[:limit]


def _text_or_none(text: str | None) -> str | None:
    return _text(text) if text else None


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
