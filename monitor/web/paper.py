"""Turns a page's values into HTML: every text is escaped and without controls, every link http(s) or our own.

It must not ask the store; what a text means is the page's business.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from monitor.render.evidence import Sentence, mark
from monitor.render.facts import read_as, short
from monitor.render.languages import language_name
from monitor.render.text import inert, web_link
from monitor.urls import display
from monitor.web.desk import Look
from monitor.web.passages import MOST_TEXT, cut, paragraphs

#: Static files, each with its type; no other is served.
STATIC = {
    "style.css": "text/css; charset=utf-8",
    "monitor.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@cache
def static(name: str) -> bytes:
    return (files("monitor.web") / "static" / name).read_bytes()


def static_url(name: str) -> str:
    """With a mark of its content, so that browsers may keep it."""
    return f"/static/{name}?{hashlib.sha256(static(name)).hexdigest()[:12]}"


def render(template: str, look: Look, values: Mapping[str, Any]) -> bytes:
    """The page as UTF-8. `values` are the page's own; what all pages have is added."""
    clock = _Clock(look)
    shown = {
        "look": look,
        "form": look.keys.form(look.visitor),
        "when": clock.when,
        "until": clock.until,
        "ago": clock.ago,
        "said": SAID.get(look.query.get("said", ""), ""),
    }
    return _environment().get_template(template).render(**shown, **values).encode("utf-8", "replace")


#: What an act did, by the name that stands in the address.
SAID = {
    "wrong": "Marked as not relevant. Nothing changes by itself; 'monitor suggest' learns from it.",
    "right": "Marked as right.",
    "unmarked": "The mark was taken back.",
    "muted": "Muted for seven days: further reports of this story are kept, and not told.",
    "heard": "The story is heard again.",
    "retried": "Due now; the service sends it at once.",
    "polled": "Due now; the service asks it at once.",
}


def _inert(value: object) -> object:
    """What every `{{ … }}` goes through: mark-up made by ourselves as it is, all else without controls."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else inert(str(value))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("monitor.web"),
        autoescape=True,
        finalize=_inert,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "short": short,
        "marked": marked,
        "worry": worry,
        "read_as": lambda row: "to be read" if row.state == "waiting" else read_as(row.matched_on, row.note or ""),
        "cut": cut,
        "language": language_name,
        "code": language_code,
        "address": display,
        "number": lambda count: f"{count:,}".replace(",", "\u2009"),
        "asked": lambda values: urlencode({key: value for key, value in values.items() if value not in (None, "")}),
        "place": lambda text: quote(text, safe=""),
        "span": span,
        "web": web_link,
        "sentence": lambda piece: mark(piece.snippet, [piece.text]),
        "paragraphs": _of_outcome,
    }
    made.globals |= {
        "static": static_url,
    }
    return made


def _of_outcome(outcome: Any) -> list[Sentence]:
    """A text that was tried, its found places marked, by paragraphs."""
    places = [piece for verdict in outcome.verdicts if verdict.is_met for piece in verdict.evidence]
    return paragraphs(outcome.text[:MOST_TEXT], [(one.start, one.end) for one in places if one.field == "text"])


def marked(sentence: Sentence) -> Markup:
    """A sentence with the words that were found marked."""
    found = Markup("<mark>{}</mark>")
    pieces = [found.format(inert(one.text)) if one.is_marked else escape(inert(one.text)) for one in sentence]
    return Markup("").join(pieces)


_SEE = re.compile(r"see 'monitor (?P<page>deliveries|feeds)[^']*'$")
_PAGES = {"deliveries": ("/deliveries", "Deliveries"), "feeds": ("/feeds", "Feeds")}


def worry(said: str) -> Markup:
    """A sentence of `monitor.worries`; where its next step is a command that has a page, the page stands instead."""
    line = short(said, 400)
    found = _SEE.search(line)
    if found is None:
        return escape(line)
    link = Markup('see <a href="{}">{}</a>').format(*_PAGES[found["page"]])
    return escape(line[: found.start()]) + link


def language_code(code: str | None) -> str:
    """For `lang=`: our own code or nothing."""
    return code if code and re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", code) else ""


def span(duration: timedelta | None) -> str:
    """`40 s`, `12 min`, `3 h`, `5 days`: roughly, as people say it."""
    if duration is None:
        return ""
    seconds = max(0, duration.total_seconds())
    for limit, size, unit in ((90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"


class _Clock:
    """Times as people say them, in the user's zone, each with the full one behind it."""

    def __init__(self, look: Look) -> None:
        self._now = look.now
        self._zone = look.zone

    def when(self, moment: datetime | None) -> Markup:
        return self._tag(moment, self._said(moment)) if moment else Markup("never")

    def ago(self, moment: datetime | None) -> Markup:
        return self._tag(moment, f"{span(self._now - moment)} ago") if moment else Markup("never")

    def until(self, moment: datetime) -> Markup:
        return self._tag(moment, self._said(moment) if moment > self._now else "now")

    def _said(self, moment: datetime) -> str:
        local, today = moment.astimezone(self._zone), self._now.astimezone(self._zone).date()
        if local.date() == today:
            return f"{local:%H:%M}"
        if local.date() == today - timedelta(days=1):
            return f"yesterday {local:%H:%M}"
        if local.date() == today + timedelta(days=1):
            return f"tomorrow {local:%H:%M}"
        return f"{local.day} {local:%b %H:%M}" if local.year == today.year else f"{local.day} {local:%b %Y}"

    def _tag(self, moment: datetime, said: str) -> Markup:
        full = f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M:%S %Z}"
        return Markup('<time datetime="{}" title="{}">{}</time>').format(moment.isoformat(), full, said)
