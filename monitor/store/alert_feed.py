"""The newest alerts for the Atom feed: each told article once, however many channels heard of it.

It must not render, nor decide what is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, Row, Select, desc, func, select

from monitor.model import Alert, WatchRef
from monitor.store import alerts as alert_rows
from monitor.store import messages
from monitor.store.schema import alerts
from monitor.store.stories import Namer

#: Entries of the feed, unless fewer are asked for, and rows that are gone through to find them.
MOST, ROWS = 50, 2000


def newest_id(connection: Connection) -> int:
    """The last alert's row; 0 while there is none."""
    return int(connection.execute(select(func.max(alerts.c.id))).scalar() or 0)


def newest(connection: Connection, name: Namer, *, watch: str = "", limit: int = MOST) -> list[Alert]:
    """Newest first; `watch` (a name, in whatever watchlist) for those that name it."""
    query: Select[Any] = select(alerts.c.id, alerts.c.article_id, alerts.c.created_at, alerts.c.watches)
    if watch:
        query = query.where(alert_rows.of_stories_hit(connection, watch))
    rows = connection.execute(query.order_by(desc(alerts.c.id)).limit(ROWS)).all()
    named = [row for row in rows if not watch or alert_rows.names(row.watches, watch)]
    first = {min(row.id for row in part): _watches(part) for part in islice(_once(named), limit)}
    return list(messages.entries(connection, first, name).values())


def _once(rows: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    """What one decision told several channels, together."""
    return (list(part) for _, part in groupby(rows, key=lambda row: (row.article_id, row.created_at)))


def _watches(rows: Sequence[Row[Any]]) -> tuple[WatchRef, ...]:
    """Those of all channels; the first channel's alert is shown, whose id `explain` and `silence` take."""
    refs = [ref for row in sorted(rows, key=lambda row: row.id) for ref in alert_rows.watch_refs(row.watches)]
    return tuple({(ref.watchlist, ref.name): ref for ref in reversed(refs)}.values())[::-1]
