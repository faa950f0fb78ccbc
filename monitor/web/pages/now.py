"""The first page: stories newest first, and which of them are new since this browser last looked.

What a row says of an alert is in words here; which stories there are is the store's answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.render.evidence import Sentence, covering, mark
from monitor.render.facts import in_another_report, read_as, short
from monitor.render.languages import language_name
from monitor.render.text import host, plain
from monitor.shortid import encode
from monitor.store import ask, feeds, mentions, pages, silences
from monitor.store.pages import Outlet, Story, Wanted
from monitor.web.desk import Look
from monitor.web.pages import filters

STORIES = 25
#: After a pause this long, what is there counts as looked at.
PAUSE = timedelta(minutes=20)
_HEADLINE = 300  # characters shown


@dataclass(frozen=True, slots=True)
class Row:
    """A story as a list shows it."""

    id: str
    title: Sentence
    url: str | None
    article: str | None  # N-… of the article shown
    language: str | None
    sentence: Sentence
    outlets: tuple[str, ...]
    more_outlets: int
    watches: tuple[tuple[str, str], ...]  # (watchlist, name)
    told: tuple[Mapping[str, Any], ...]
    why: str
    is_urgent: bool
    judged: str  # wrong | right | ""
    elsewhere: tuple[str, ...] = ()  # watches that nothing in the article shows, each with where it was found
    published: datetime | None = None
    read_as: str = ""
    found_at: datetime | None = None
    is_muted: bool = False


def read(connection: Connection, look: Look) -> Mapping[str, Any]:
    watches = known_watches(connection, look)
    wanted = _wanted(connection, look, watches)
    before = number(look.query.get("before"))
    page = pages.newest_stories(connection, wanted, STORIES, before)
    newest = pages.newest_hit(connection)
    line, cookie = _last_look(look, newest)
    languages, outlets_ = pages.languages(connection), _feeds(connection, look)
    shown = rows(connection, look, {lead.story_id: lead.found_at for lead in page.leads})
    newer = sum(1 for lead in page.leads if lead.hit > line)
    return {
        "rows": shown,
        "newer": newer if line and newer < len(shown) else 0,
        "newest": newest,
        "before": page.before,
        "is_cut": page.is_cut,
        "is_first_page": before is None,
        "watches": watches,
        "languages": languages,
        "feeds": outlets_,
        "unknown": _unknown(look, _known(watches, languages, outlets_), has_rows=bool(shown)),
        "chosen": {key: look.query.get(key, "") for key in ("watch", "language", "feed")},
        "cookies": {"looked": cookie} if before is None else {},
    }


def rows(connection: Connection, look: Look, found_at: Mapping[int, datetime]) -> list[Row]:
    """These stories in this order."""
    found = pages.stories_of(connection, list(found_at))
    told: dict[str, list[Mapping[str, Any]]] = {}
    for alert in ask.told_of(connection, list(found_at), look.name):
        told.setdefault(alert["story"], []).append(alert)
    muted = {one.name for one in silences.active(connection, look.now) if one.kind == "story"}
    judged = pages.judged(connection, [story.lead.id for story in found.values() if story.lead])
    made = [_row(look, found[story], told.get(encode("S", story), []), judged) for story in found_at if story in found]
    times = {encode("S", story): at for story, at in found_at.items()}
    return [replace(row, found_at=times[row.id], is_muted=row.id in muted) for row in made]


def _row(look: Look, story: Story, told: Sequence[Mapping[str, Any]], judged: Mapping[int, str]) -> Row:
    lead = story.lead
    pieces = [piece for _, evidence in story.evidence for piece in evidence]
    title = plain((lead.title if lead else story.title)[: 4 * _HEADLINE]) or host(lead.url if lead else None)
    names = outlets(look, story)
    return Row(
        id=encode("S", story.id),
        title=mark(title or "(without a title)", [one["text"] for one in pieces if one["field"] == "title"], _HEADLINE),
        url=lead.url if lead else None,
        article=encode("N", lead.id) if lead else None,
        language=lead.language if lead else None,
        sentence=sentence(pieces, title),
        outlets=tuple(names[:4]),
        more_outlets=max(0, len(names) - 4),
        watches=tuple(story.watches),
        told=tuple(told),
        why=story.why,
        is_urgent=any(alert["priority"] == "urgent" for alert in told),
        judged=judged.get(lead.id, "") if lead else "",
        elsewhere=_elsewhere(look, story),
        published=lead.published if lead else None,
        read_as=_read_as(lead.state, lead.matched_on, lead.note) if lead else "",
    )


def _elsewhere(look: Look, story: Story) -> tuple[str, ...]:
    named = [(watch, outlet_name(look, outlet)) for (_, watch), outlet in story.elsewhere.items()]
    return tuple(in_another_report(watch, outlet) for watch, outlet in named[:4])


def _read_as(state: str, matched_on: str, note: str | None) -> str:
    """What a reader has to know of how it was read: nothing where that was in full."""
    if state == "waiting":
        return "to be read"
    return "" if matched_on == "full article" else read_as(matched_on, note or "")


def sentence(pieces: Sequence[Mapping[str, Any]], title: str) -> Sentence:
    """The sentence with most of the words that were found, marked; empty where they stand in the headline alone, also
    where the page repeats it."""
    echo = plain(title).casefold()
    by_sentence: dict[str, list[str]] = {}
    for piece in pieces:
        if piece["field"] == "text" and piece["snippet"] and plain(piece["snippet"]).casefold() != echo:
            by_sentence.setdefault(piece["snippet"], []).append(piece["text"])
    best = covering(by_sentence, 1)
    return mark(best[0], by_sentence[best[0]]) if best else ()


def outlets(look: Look, story: Story) -> list[str]:
    """Who reports, each once, the first first."""
    return list(dict.fromkeys(outlet_name(look, one) for one in story.outlets))


def outlet_name(look: Look, outlet: Outlet) -> str:
    return short(outlet.source or "") or short(look.name(outlet.feed_url, outlet.feed_title))


def number(text: str | None) -> int | None:
    """A row's number from an address, None for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else None


def known_watches(connection: Connection, look: Look) -> dict[str, tuple[str, str]]:
    """Watches by the name that addresses use (`Arms transfers/Su-35`): those in force, then those that once found
    something."""
    found = [*look.rules.watch_policies, *mentions.known_watches(connection)]
    return {f"{watchlist}/{name}": (watchlist, name) for watchlist, name in found}


def _wanted(connection: Connection, look: Look, watches: Mapping[str, tuple[str, str]]) -> Wanted:
    named = look.query.get("watch")
    return Wanted(
        # One that is not known finds nothing, rather than everything.
        watch=watches.get(named, ("", named)) if named else None,
        language=look.query.get("language") or None,
        feed_id=(number(look.query["feed"]) or 0) if look.query.get("feed") else None,
    )


def _unknown(look: Look, known: Mapping[str, Mapping[str, str]], *, has_rows: bool) -> list[filters.Unknown]:
    """Filters that are none; languages are those of the newest hits, so that others may well have found something."""
    return [one for one in filters.unknown(look.query, known) if not (has_rows and one.what == "language")]


def _known(
    watches: Mapping[str, tuple[str, str]], languages: Sequence[str], outlets: Sequence[tuple[str, str]]
) -> dict[str, dict[str, str]]:
    """What may be asked for, by key of the address and value, each with its name."""
    return {
        "watch": {key: name for key, (_, name) in watches.items()},
        "language": {code: language_name(code) for code in languages},
        "feed": dict(outlets),
    }


def _feeds(connection: Connection, look: Look) -> list[tuple[str, str]]:
    """(row, name) of the feeds in force, by name."""
    named = [(str(row), short(look.name(url, title))) for row, url, title in feeds.names(connection)]
    return sorted(named, key=lambda pair: pair[1].casefold())


def _last_look(look: Look, newest: int) -> tuple[int, str]:
    """The newest hit when this browser looked before its last pause, and what it is to remember."""
    now = int(look.now.timestamp())
    parts = look.cookies.get("looked", "").split("-")
    if len(parts) != 3 or None in (numbers := [number(part) for part in parts]):
        return 0, f"0-{newest}-{now}"
    line, last, at = (one or 0 for one in numbers)
    if now - at > PAUSE.total_seconds():
        line = last
    return line, f"{line}-{newest}-{now}"
