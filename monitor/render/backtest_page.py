"""A backtest as a page that stands by itself: what was found, when, with samples, and what an edit changes.

It lays out the object that `monitor backtest --json` prints; it counts nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitor.render.evidence import Span
from monitor.render.report import Markup, chart, grid, joined, link, page, sentence, tag, text

Values = Mapping[str, Any]


def render(result: Values, zone: str) -> str:
    """The page of a backtest, or of a comparison (which has `changes`)."""
    local = ZoneInfo(zone)
    is_comparison = "changes" in result
    outcome = result["after"] if is_comparison else result
    title = "What an edit of the watchlists changes" if is_comparison else "What the watchlists would have found"
    body = [_summary(outcome, local)]
    if is_comparison:
        body += [*_changes(result["changes"], local), _totals(result)]
    else:
        for watch in outcome["watches"]:
            body += _watch(watch, outcome, local)
    return page(title, [*body, *_channels(outcome)])


def _summary(outcome: Values, zone: ZoneInfo) -> Markup:
    since = f"since {_day(outcome['since'], zone)}" if outcome["since"] else "in all"
    said = f"{outcome['found']:,} of {outcome['articles']:,} articles {since}; tested {_time(outcome['until'], zone)}"
    return tag("p", text(said), style="soft")


def _watch(watch: Values, outcome: Values, zone: ZoneInfo) -> Iterator[Markup]:
    yield tag("h2", text(f"{watch['watch']} ({watch['watchlist']})"))
    yield tag("p", text(f"{watch['articles']:,} articles in {watch['stories']:,} stories"))
    yield _chart(watch["by_day"], outcome, watch["watch"], zone)
    yield tag("p", text(_counted("Terms: ", watch["terms"])), style="soft")
    yield tag("p", text(_counted("Outlets: ", watch["outlets"])), style="soft")
    yield _samples(watch["samples"], zone)


def _chart(by_day: Mapping[str, int], outcome: Values, label: str, zone: ZoneInfo) -> Markup:
    days = {date.fromisoformat(day): number for day, number in by_day.items()}
    first = outcome["since"].astimezone(zone).date() if outcome["since"] else min(days, default=None)
    last = outcome["until"].astimezone(zone).date() if outcome["since"] else max(days, default=None)
    if first is None or last is None:
        return Markup("")
    return chart(days, first, last, f"{label}, articles a day")


def _counted(label: str, numbers: Mapping[str, int], most: int = 12) -> str:
    shown = ", ".join(f"{name} ({number:,})" for name, number in list(numbers.items())[:most])
    return label + shown + (", …" if len(numbers) > most else "") if numbers else ""


def _samples(samples: Sequence[Values], zone: ZoneInfo) -> Markup:
    return tag("ul", [tag("li", _sample(one, zone)) for one in samples]) if samples else Markup("")


def _sample(one: Values, zone: ZoneInfo) -> Markup:
    lines = [tag("p", link(_spans(one["headline"]), one["url"]))]
    if one["sentence"]:
        lines.append(tag("p", joined([text("“"), _spans(one["sentence"]), text("”")])))
    lines.append(tag("p", text(f"{one['outlet']} · {_time(one['at'], zone)} · {one['id']}"), style="soft"))
    return joined(lines)


def _spans(pieces: Sequence[Values]) -> Markup:
    return sentence(tuple(Span(one["text"], is_marked=one["marked"]) for one in pieces))


_SAID = {"same": "finds the same", "new": "is new", "gone": "is gone", "changed": "finds something else"}


def _changes(changes: Sequence[Values], zone: ZoneInfo) -> Iterator[Markup]:
    for one in changes:
        yield tag("h2", text(f"{one['watch']} ({one['watchlist']}) {_SAID[one['what']]}"))
        yield tag("p", text(f"{one['before']:,} articles before, {one['after']:,} after"))
        for sign, style in (("added", "plus"), ("removed", "minus")):
            if one[sign]:
                yield tag("p", text(f"{'+' if sign == 'added' else '−'}{one[sign]:,} {sign}"), style=style)
                yield _samples(one[f"{sign}_samples"], zone)


def _totals(result: Values) -> Markup:
    rows = []
    for name, outcome in (("in force", result["before"]), ("edited", result["after"])):
        alerts = sum(one["alone"] + sum(one["summaries"].values()) for one in outcome["channels"])
        rows.append([text(name), text(f"{outcome['found']:,}"), text(f"{alerts:,}")])
    return grid(("watchlists", "articles found", "alerts, all channels"), rows, "Before and after")


def _channels(outcome: Values) -> Iterator[Markup]:
    yield tag("h2", text("What would have been sent"))
    rows = [
        [
            text(one["channel"]),
            text(f"{one['alone']:,}"),
            text(_counted("", one["summaries"]) or "none"),
            text(f"{one['joined']:,}"),
            text(f"{one['archived']:,}"),
        ]
        for one in outcome["channels"]
    ]
    head = ("channel", "alerts alone", "in summaries", "joined quietly", "not told")
    yield grid(head, rows, "After grouping into stories, limits and quiet hours")


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d %b %Y}"


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d %b %Y %H:%M}"
