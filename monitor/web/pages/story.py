"""A story: who reports it, what was told to whom, and what may be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from monitor.shortid import decode, encode
from monitor.store import page_rows, silences
from monitor.store import stories as story_rows
from monitor.store.silences import Subject
from monitor.web.desk import Look, NotHere
from monitor.web.pages import now

MOST_ARTICLES = 100


def read(connection: Connection, look: Look) -> Mapping[str, Any]:
    """By a story's or an alert's short id."""
    named = silences.story_of(connection, look.places["id"])
    story = decode(named[0], "S") if named else None
    if named is None or story is None:
        raise NotHere("there is no such story or alert")
    row = page_rows.story(connection, story)
    rows = now.rows(connection, look, {story: row.last_seen})
    return {
        "row": rows[0],
        "story": row,
        "id": encode("S", story),
        "articles": story_rows.reports(connection, story, look.name, MOST_ARTICLES),
        "muted": next(
            (one.until for one in silences.active(connection, look.now) if Subject("story", named[0]) == _of(one)), None
        ),
    }


def _of(silence: Any) -> Subject:
    return Subject(silence.kind, silence.name)
