"""Feeds, those in most trouble first, and one feed with what it showed last.

What a feed's state is called is `monitor.feed_view`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from monitor import feed_view
from monitor.shortid import encode
from monitor.store import feed_pages, feeds, push
from monitor.store.feeds import FeedState
from monitor.web.desk import Look, NotHere
from monitor.web.pages.now import number
from monitor.websub import Subscription

AT_ONCE = 50


def read(connection: Connection, look: Look) -> Mapping[str, Any]:
    start = number(look.query.get("from")) or 0
    like = look.query.get("name", "")[:100]
    ids = feed_pages.worst_feeds(connection, AT_ONCE + 1, start, like)
    states = feeds.some(connection, ids[:AT_ONCE])
    lags = feed_pages.lags(connection, [state.id for state in states])
    pushed = push.listing(connection, [state.id for state in states])
    return {
        "rows": [row(look, state, pushed.get(state.id)) | {"lag": lags.get(state.id)} for state in states],
        "start": start,
        "next": start + AT_ONCE if len(ids) > AT_ONCE else None,
        "previous": max(0, start - AT_ONCE) if start else None,
        "like": like,
    }


def row(look: Look, state: FeedState, subscription: Subscription | None) -> dict[str, Any]:
    """What is known of a feed, with what is out of the ordinary in words."""

    def local(moment: Any) -> str:
        return f"{moment.astimezone(look.zone):%d %b %H:%M}" if moment else "-"

    known = feed_view.row(look.rules.feed(state.url), state, look.now, subscription)
    return known | {
        "id": state.id,
        "name": look.name(state.url, state.title),
        "remarks": feed_view.remarks(known, local),
        "is_active": state.is_active,
    }


def read_one(connection: Connection, look: Look) -> Mapping[str, Any]:
    found = feeds.some(connection, [int(look.places["id"])])
    if not found:
        raise NotHere("there is no such feed")
    newest = feed_pages.articles_of_feed(connection, found[0].id)
    return {
        "feed": row(look, found[0], push.listing(connection, [found[0].id]).get(found[0].id)),
        "lag": feed_pages.lags(connection, [found[0].id]).get(found[0].id),
        "articles": [(encode("N", one.id), one) for one in newest],
    }
