"""The archive: every article that was read, asked in the watch language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from monitor.errors import InputError
from monitor.search import Outlets, question, search
from monitor.shortid import encode
from monitor.store import pages
from monitor.web.desk import Look
from monitor.web.pages.now import number

AT_ONCE = 20
#: Candidates that the matcher reads for one page.
MOST_CANDIDATES = 200
_LONGEST = 2000


def read(connection: Connection, look: Look) -> Mapping[str, Any]:
    """Without a question, what came in last."""
    query = look.query.get("q", "").strip()[:_LONGEST]
    before = number(look.query.get("before"))
    if not query:
        return _newest(connection, look, before)
    try:
        matcher = question(query, look.config.watchlists)
    except InputError as error:
        return {"query": query, "wrong": str(error), "found": None, "newest": None, "before": None}
    outlets = Outlets.of(look.config.feeds)
    found = search(connection, matcher, outlets, limit=AT_ONCE, before=before, most=MOST_CANDIDATES)
    return {"query": query, "wrong": "", "found": found, "newest": None, "before": found.before}


def _newest(connection: Connection, look: Look, before: int | None) -> Mapping[str, Any]:
    rows = pages.newest_articles(connection, AT_ONCE + 1, before=before)
    newest = [(encode("N", row.id), row, look.name(row.feed_url, row.feed_title)) for row in rows[:AT_ONCE]]
    last = newest[-1][1].id if len(rows) > AT_ONCE else None
    return {"query": "", "wrong": "", "found": None, "newest": newest, "before": last}
