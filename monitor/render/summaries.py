"""How a summary is laid out, whatever the receiver: its title, the order of its stories, which are shown
in full.

It must not render a story; each receiver's file does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.model import Alert, Summary, SummaryReason
from monitor.render.facts import Style, headline, labels, outlets, short, weekday
from monitor.render.text import plain, shorten

IN_FULL = 8  # stories shown in full, the others take a line each
MOST_LINES = 300

_NAMES = {
    "digest": "News digest",
    "first look": "First look",
    "quiet hours": "After the quiet hours",
    "over limit": "More than the limit",
    "catch-up": "Catch-up",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The stories of a summary as they are shown: urgent and other ones in full, then a line each, then a
    count."""

    urgent: tuple[Alert, ...]
    others: tuple[Alert, ...]
    lines: tuple[Alert, ...]
    left_out: int = 0

    @property
    def in_full(self) -> tuple[Alert, ...]:
        return self.urgent + self.others


def layout(summary: Summary, *, in_full: int = IN_FULL, most_lines: int = MOST_LINES) -> Layout:
    """The first `in_full` stories as they are, `most_lines` as lines, the others counted; late copies last."""
    alerts = ordered(summary)
    first = [alert for alert in alerts if not is_late_copy(alert)][:in_full]
    full, rest = first, alerts[len(first) :]
    return Layout(
        tuple(alert for alert in full if alert.priority == "urgent"),
        tuple(alert for alert in full if alert.priority != "urgent"),
        tuple(rest[:most_lines]),
        max(0, len(rest) - most_lines),
    )


def ordered(summary: Summary) -> list[Alert]:
    """The alerts in reading order, each story once (the later alert of a story is the one that says more)."""
    if summary.reason == "first look":
        return ranked(summary.reason, summary.alerts)
    once = {alert.story_id or alert.id: alert for alert in sorted(summary.alerts, key=lambda alert: alert.created)}
    kept = {alert.id for alert in once.values()}
    return ranked(summary.reason, [alert for alert in summary.alerts if alert.id in kept])


def ranked(reason: SummaryReason, alerts: Iterable[Alert]) -> list[Alert]:
    """Urgent first, then by number of outlets, then newest first; a first look only newest first; what was over a
    limit as it comes, which is one of each watch in turn. Late copies come last."""
    key = _priority if reason == "over limit" else _newest if reason == "first look" else _rank
    return sorted(sorted(alerts, key=key), key=is_late_copy)


def is_late_copy(alert: Alert) -> bool:
    """Whether it tells of no story, but of a copy of one that was told and is over."""
    return alert.reason == "new story" and alert.follows is not None


def _priority(alert: Alert) -> bool:
    return alert.priority != "urgent"


def _rank(alert: Alert) -> tuple[bool, int, float]:
    return (alert.priority != "urgent", -len(outlets(alert)), -alert.article.first_seen.timestamp())


def _newest(alert: Alert) -> tuple[bool, float]:
    """By the date the article bears, since a first poll sees all at once; nothing is newer than when it was seen."""
    seen = alert.article.first_seen
    return (alert.priority != "urgent", -min(alert.article.published or seen, seen).timestamp())


def name(summary: Summary) -> str:
    """Its own short name, or the usual one of its reason where it has none (or a whole sentence in its
    place)."""
    own = plain(summary.title)
    return own if own and len(own) <= 40 and ":" not in own else _NAMES.get(summary.reason, "News")


def count(summary: Summary) -> str:
    """`no stories`, `1 story`, `9 stories, 2 late copies`; `no match yet` on a first look."""
    alerts = ordered(summary)
    copies = sum(map(is_late_copy, alerts))
    stories = summary.stories if summary.stories is not None else len(alerts) - copies
    apart = f", {_counted(copies, 'late copy', 'late copies')}" if copies else ""
    if not stories:
        return ("no match yet" if summary.reason == "first look" else "no stories") + apart
    return _counted(stories, "story", "stories") + apart


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def title(summary: Summary, style: Style, limit: int = 200) -> str:
    """`News digest, Sun 22 Nov 2026: 9 stories · the first headline`."""
    head = heading(summary, style)
    alerts = ordered(summary)
    return shorten(f"{head} · {headline(alerts[0].article)}" if alerts else head, limit)


def heading(summary: Summary, style: Style) -> str:
    return f"{name(summary)}, {weekday(summary.created, style)}: {count(summary)}"


def one_line(alert: Alert) -> tuple[str, str]:
    """A story's headline and what stands behind it: `NBC News and 2 more · Su-35 · A-7Q2K`."""
    names: Sequence[str] = outlets(alert)
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    copy = f"late copy of {short(alert.follows)} in " if is_late_copy(alert) else ""
    return shorten(headline(alert.article), 160), f"{copy}{names[0]}{more} · {labels(alert)} · {short(alert.id)}"


def left_out(layout: Layout) -> str:
    return f"… and {layout.left_out} more; `monitor alerts` lists them all" if layout.left_out else ""
