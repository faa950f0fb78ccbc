"""A report of alerts: as a page with counts and a chart, and as a table for spreadsheets.

It lays out rows and counts them; it chooses none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from monitor.render.report import Markup, chart, grid, link, page, table, tag, text

COLUMNS = (
    "time", "alert", "channel", "watches", "headline", "outlet", "language", "URL", "outlets of the story", "told",
    "marked",
)  # fmt: skip
MOST_COUNTED = 50


class Row(Protocol):
    """An alert, as monitor.store.alert_report has it."""

    @property
    def at(self) -> datetime: ...
    @property
    def id(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def watches(self) -> tuple[str, ...]: ...
    @property
    def title(self) -> str: ...
    @property
    def outlet(self) -> str: ...
    @property
    def language(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...
    @property
    def outlets(self) -> tuple[str, ...]: ...
    @property
    def told_at(self) -> datetime | None: ...
    @property
    def state(self) -> str: ...
    @property
    def marks(self) -> tuple[str, ...]: ...
    @property
    def story(self) -> str: ...


def csv(rows: Iterable[Row], zone: str) -> str:
    """A table that every spreadsheet reads, and calculates nothing of."""
    local = ZoneInfo(zone)
    return table(COLUMNS, (_cells(row, local) for row in rows))


def _cells(row: Row, zone: ZoneInfo) -> list[str]:
    return [
        _time(row.at, zone),
        row.id,
        row.channel,
        ", ".join(row.watches),
        row.title,
        row.outlet,
        row.language or "",
        row.url or "",
        ", ".join(row.outlets),
        _time(row.told_at, zone) if row.told_at else row.state,
        "; ".join(row.marks),
    ]


def html(rows: Sequence[Row], zone: str, since: datetime, until: datetime) -> str:
    """A page that stands by itself."""
    local = ZoneInfo(zone)
    first, last = since.astimezone(local).date(), until.astimezone(local).date()
    first_told = {row.story: row.at for row in rows}  # the oldest row comes last
    days: Counter[date] = Counter(at.astimezone(local).date() for at in first_told.values())
    first = max(first, min(days, default=first))
    many = f"{_many(len(first_told), 'story', 'stories')} in {_many(len(rows), 'alert', 'alerts')}"
    stories = [
        tag("p", text(f"{many}, {first:%d %b %Y} to {last:%d %b %Y}; made {_time(until, local)}"), style="soft"),
        chart(days, first, last, "stories a day"),
        _counts("By watch", ((watch, row.story) for row in rows for watch in row.watches), "watch"),
        _counts("By outlet", ((row.outlet, row.story) for row in rows), "outlet"),
        tag("h2", text("Alerts")),
        grid(
            ("time", "watches", "headline", "outlets", "told", "marked"),
            [_row(row, local) for row in rows],
            "Newest first",
        ),
    ]
    return page("What was told", stories)


def _many(number: int, one: str, more: str) -> str:
    """A story is counted once, an alert for every channel that it is for."""
    return f"1 {one}" if number == 1 else f"{number:,} {more}"


def _counts(title: str, pairs: Iterable[tuple[str, str]], what: str) -> Markup:
    """How many stories and alerts there are by name, from (name, story) of each alert."""
    named = list(pairs)
    alerts, stories = Counter(name for name, _ in named), Counter(name for name, _ in set(named))
    cells = ((name, f"{stories[name]:,}", f"{number:,}") for name, number in alerts.most_common(MOST_COUNTED))
    return grid((what, "stories", "alerts"), [[text(cell) for cell in row] for row in cells], title)


def _row(row: Row, zone: ZoneInfo) -> list[Markup]:
    others = [outlet for outlet in row.outlets if outlet != row.outlet]
    also = f" (also {', '.join(others[:8])}{', …' if len(others) > 8 else ''})" if others else ""
    told = f"{row.channel}: {_time(row.told_at, zone) if row.told_at else row.state}"
    return [
        text(_time(row.at, zone)),
        text(", ".join(row.watches)),
        link(text(row.title), row.url),
        text(f"{row.outlet}{f' · {row.language}' if row.language else ''}{also}"),
        text(f"{told} · {row.id}"),
        text("; ".join(row.marks)),
    ]


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
