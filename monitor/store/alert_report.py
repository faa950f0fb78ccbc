"""The rows of a report of alerts: what was told when, about which story, and what readers said of it.

It reads only; how a report looks is decided elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from monitor.shortid import decode
from monitor.store import ask, stories
from monitor.store.schema import alerts, judgments
from monitor.store.stories import Namer

MOST = 100_000
AT_ONCE = 500  # rows that one query names by number


@dataclass(frozen=True, slots=True)
class Row:
    """One alert of a report. `marks` are `Su-35: wrong (a toy)`, as readers marked them."""

    at: datetime
    id: str
    channel: str
    watches: tuple[str, ...]
    title: str
    outlet: str
    language: str | None
    url: str | None
    outlets: tuple[str, ...]  # of the story
    told_at: datetime | None
    state: str
    marks: tuple[str, ...]
    story: str = ""  # S-…


def rows(connection: Connection, since: datetime, name: Namer, *, watch: str = "", limit: int = MOST) -> list[Row]:
    """Alerts since then, newest first; of one watch if given."""
    told = ask.told(connection, since, limit, name, only_held=False, watch=watch)
    numbers = {alert["id"]: decode(alert["id"], "A") or 0 for alert in told}
    marks = _marks(connection, numbers.values())
    reports = _outlets(connection, {decode(alert["story"], "S") or 0 for alert in told}, name)
    return [
        Row(
            at=alert["created_at"],
            id=alert["id"],
            channel=alert["channel"],
            watches=tuple(alert["watches"]),
            title=alert["title"],
            outlet=alert["outlet"],
            language=alert["language"],
            url=alert["url"],
            outlets=reports.get(decode(alert["story"], "S") or 0, ()),
            told_at=alert["settled_at"] if alert["state"] == "sent" else None,
            state=alert["state"],
            story=alert["story"],
            marks=tuple(said for one, said in marks.get(numbers[alert["id"]], ()) if one in alert["watches"]),
        )
        for alert in told
    ]


def _marks(connection: Connection, ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """By alert: (watch, what was said of it)."""
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    said = (judgments.c.watch, judgments.c.verdict, judgments.c.because)
    query = select(alerts.c.id, *said).join(judgments, judgments.c.article_id == alerts.c.article_id)
    for part in _parts(ids):
        for row in connection.execute(query.where(alerts.c.id.in_(part)).order_by(judgments.c.id)):
            because = f" ({row.because})" if row.because else ""
            found[row.id].append((row.watch, f"{row.watch}: {row.verdict}{because}"))
    return found


def _outlets(connection: Connection, ids: Collection[int], name: Namer) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for part in _parts(ids):
        for story, reports in stories.reports_of(connection, part, name).items():
            found[story] = tuple(dict.fromkeys(report.feed for report in reports))
    return found


def _parts(ids: Collection[int]) -> list[list[int]]:
    wanted = list(ids)
    return [wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE)]
