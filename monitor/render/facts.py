"""What every receiver is told about an alert, in words: outlet, dates, how it was read, why it was sent.

It must not know any receiver's mark-up or limits; texts come out cleaned (`text.plain`), never escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from monitor.model import Alert, Article, StoryArticle, WatchRef
from monitor.render.languages import language_name
from monitor.render.text import host, plain, shorten

_READ = {
    "full article": "full text",
    "feed text": "the feed's text",
    "summary": "summary only",
    "headline": "headline only",
}
_NAME = 80  # characters of an outlet, a watch, a term


@dataclass(frozen=True, slots=True)
class Style:
    """How the user wants messages written: the time zone of all times, how many sentences of evidence (0 to
    3), and which of the commands explain, silence and wrong a mail may point to."""

    zone: tzinfo = UTC
    sentences: int = 3
    commands: frozenset[str] = frozenset()


def short(text: str | None, limit: int = _NAME) -> str:
    """A name that a feed or a user gave, on one line and not endless."""
    return shorten(plain((text or "")[: 16 * limit]), limit)


def headline(article: Article | StoryArticle) -> str:
    return plain(article.title) or host(article.url) or "(without a title)"


def outlet(alert: Alert) -> str:
    return short(alert.feed_name) or host(alert.article.url) or host(alert.feed_url) or "unnamed feed"


def day(moment: datetime, style: Style) -> str:
    """`25 Mar 2023`, in English whatever the locale."""
    local = moment.astimezone(style.zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def weekday(moment: datetime, style: Style) -> str:
    """`Sun 22 Nov 2026`."""
    return f"{_DAYS[moment.astimezone(style.zone).weekday()]} {day(moment, style)}"


def clock(moment: datetime, style: Style) -> str:
    return f"{moment.astimezone(style.zone):%H:%M}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def dates(alert: Alert, style: Style) -> str:
    """`dated 25 Mar 2023, first seen 14:02`: the article's own date beside the moment we met it.

    A date of the last day is given with its hour; a first sight on another day than the message with its day.
    """
    seen, published = alert.article.first_seen, alert.article.published
    first_seen = f"first seen {clock(seen, style)}"
    if day(seen, style) != day(alert.created, style):
        first_seen = f"first seen {day(seen, style)} {clock(seen, style)}"
    if published is None:
        return f"undated, {first_seen}"
    if day(published, style) == day(seen, style) and abs(seen - published) < timedelta(days=1):
        return f"dated {clock(published, style)}, {first_seen}"
    return f"dated {day(published, style)}, {first_seen}"


def how_read(alert: Alert, style: Style) -> str:
    """`full text`, `summary only (page refused)`, `copy of NBC News, 9 Dec 2022`."""
    read = read_as(alert.article.matched_on, alert.article.note)
    if (original := alert.copy_of) is None:
        return read
    when = f", {day(original.published, style)}" if original.published else ""
    copy = f"copy of {short(original.feed) or host(original.url) or 'an earlier article'}{when}"
    return copy if alert.article.matched_on == "full article" else f"{copy} · {read}"


def read_as(matched_on: str, note: str) -> str:
    """`summary only (page refused, 403)`."""
    read = _READ.get(matched_on, matched_on)
    said = short(note, 120).replace(" (", ", ").replace("(", "").replace(")", "")
    return f"{read} ({said})" if said and matched_on != "full article" else read


def about(alert: Alert, style: Style) -> str:
    """The line under the headline: `outlet · French · dated 25 Mar 2023, first seen 14:02 · full text`."""
    language = short(language_name(alert.article.language))
    parts = (outlet(alert), language, dates(alert, style), how_read(alert, style))
    return " · ".join(part for part in parts if part)


def watch_line(alert: Alert) -> str:
    """`Arms transfers: Su-35, $uav · A-7Q2K`, watchlists apart by semicolons."""
    return " · ".join(part for part in (watch_names(alert), short(alert.id)) if part)


def watch_names(alert: Alert) -> str:
    lists: dict[str, list[str]] = {}
    for watch in alert.watches:
        lists.setdefault(short(watch.watchlist), []).append(short(watch.name))
    return "; ".join(
        f"{name}: {', '.join(_few(names, 8))}" if name else ", ".join(names) for name, names in lists.items()
    )


def labels(alert: Alert) -> str:
    """`Su-35, drones`: each watch by its name, one that is a bare group (`$uav`) by the word that was
    found."""
    return ", ".join(_few(dict.fromkeys(filter(None, (_label(watch, alert) for watch in alert.watches))), 4))


def _label(watch: WatchRef, alert: Alert) -> str:
    if watch.name.startswith("$"):
        for hit in alert.hits:
            if (hit.watch, hit.watchlist) == (watch.name, watch.watchlist) and hit.evidence:
                return short(hit.evidence[0].text, 40) or short(watch.name, 40)
    return short(watch.name, 40)


def _few(names: Iterable[str], limit: int) -> list[str]:
    listed = list(names)
    return listed if len(listed) <= limit else [*listed[:limit], f"{len(listed) - limit} more"]


def follow_up(alert: Alert) -> str:
    """Why a story speaks again, "" for a first alert."""
    if alert.reason == "new story" and not alert.follows:
        return ""
    if alert.reason == "new story":
        return f"A late copy of what {short(alert.follows)} told"
    after = f"Follow-up to {short(alert.follows)}" if alert.follows else "Follow-up"
    topics = labels(alert)
    why = {
        "new watch": f"now also about {topics}" if topics else "",
        "confirmed": f"confirmed by {outlet(alert)}",
        "spreading": f"spreading, {len(outlets(alert))} outlets",
    }.get(alert.reason, "")
    return f"{after}: {why}" if why else after


def outlets(alert: Alert) -> tuple[str, ...]:
    """The names of all outlets of the story, the alert's own first, each once."""
    # The alert's own article is among the story's, by a name that may lack the outlet an aggregator gave.
    others = [report for report in alert.story_articles if not report.url or report.url != alert.article.url]
    names = [outlet(alert), *(short(report.feed) or host(report.url) for report in others)]
    return tuple(dict.fromkeys(name for name in names if name))


def also_in(alert: Alert) -> str:
    """`Also in BBC News, Le Monde`, "" where the story has one outlet."""
    others = outlets(alert)[1:]
    return f"Also in {', '.join(_few(others, 6))}" if others else ""


def because(watch: WatchRef, alert: Alert) -> str:
    """`Su-35 of Arms transfers (arms.yaml:12) found “Su-35”`, for the reader who asks why."""
    words: list[str] = []
    for hit in alert.hits:
        if (hit.watch, hit.watchlist) == (watch.name, watch.watchlist):
            words += [f"“{short(piece.text, 60)}”" for piece in hit.evidence if plain(piece.text)]
    place = f" ({short(file_and_line(watch.where), 200)})" if watch.where else ""
    whose = f" of {short(watch.watchlist)}" if watch.watchlist else ""
    found = f" found {', '.join(_few(dict.fromkeys(words), 4))}" if words else _found_elsewhere(watch, alert)
    return f"{short(watch.name)}{whose}{place}{found}"


def _found_elsewhere(watch: WatchRef, alert: Alert) -> str:
    outlets = [one.outlet for one in alert.elsewhere if (one.watch, one.watchlist) == (watch.name, watch.watchlist)]
    return f" was found in another report of the story, {short(outlets[0])}" if outlets else ""


def elsewhere(alert: Alert) -> str:
    """`Fruit: “apples” in another report, Le Monde`, for watches that nothing in the article itself shows."""
    return "; ".join(_few((in_another_report(one.watch, one.outlet, one.words) for one in alert.elsewhere), 3))


def in_another_report(watch: str, outlet: str, words: Iterable[str] = ()) -> str:
    said = ", ".join(f"“{short(word, 40)}”" for word in words if plain(word))
    return f"{short(watch, 40)}: {said}{' ' if said else ''}in another report, {short(outlet)}"


def file_and_line(where: str) -> str:
    """`arms.yaml:12` from `arms.yaml:12:5`."""
    file, _, last = where.rpartition(":")
    return file if ":" in file and last.isdigit() and file.rpartition(":")[2].isdigit() else where
