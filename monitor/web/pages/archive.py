"""The archive: every article that was read, asked in the watch language.

It shows what was found; asking is `monitor.web.seeking`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from monitor.search import Results
from monitor.shortid import encode
from monitor.store import pages
from monitor.web.desk import Look
from monitor.web.pages.now import number

AT_ONCE = 20
#: Candidates that the matcher reads for one page.
MOST_CANDIDATES = 200
LONGEST = 2000  # characters of a question


def read(connection: Connection, look: Look) -> Mapping[str, Any]:
    """Without a question, what came in last."""
    before = number(look.query.get("before"))
    rows = pages.newest_articles(connection, AT_ONCE + 1, before=before)
    newest = [(encode("N", row.id), row, look.name(row.feed_url, row.feed_title)) for row in rows[:AT_ONCE]]
    last = newest[-1][1].id if len(rows) > AT_ONCE else None
    return {"query": "", "wrong": "", "found": None, "newest": newest, "before": last}


def answered(query: str, found: Results) -> Mapping[str, Any]:
    return {"query": query, "wrong": "", "found": found, "newest": None, "before": found.before}


def unasked(query: str, why: str) -> Mapping[str, Any]:
    """The question as it stands, and why it was not answered."""
    return {"query": query, "wrong": why, "found": None, "newest": None, "before": None}
