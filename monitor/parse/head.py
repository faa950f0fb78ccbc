"""What a feed says about itself: title, address, language, rhythm, hub, next page.

It reads the document without its items, so that a feed of any size costs a few kilobytes; it must not read
entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitor.model import ServerHints
from monitor.parse.draft import language
from monitor.parse.text import line
from monitor.parse.vocabulary import ATOM, ITEMS, LANG, RSS
from monitor.urls import join

ITEM_START = re.compile(r"<(?:[A-Za-z_][\w.\-]*:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
ITEM_END = re.compile(r"</(?:[A-Za-z_][\w.\-]*:)?(?:item|entry)\s*>", re.IGNORECASE)
_MAX_HEAD = 200_000
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONGEST = timedelta(days=365)


NO_HINTS = ServerHints()


@dataclass(frozen=True, slots=True)
class Head:
    """The feed's own facts; `kind` is named as feedparser names versions."""

    title: str = ""
    kind: str = ""
    link: str | None = None
    language: str | None = None
    hints: ServerHints = NO_HINTS
    hub: str | None = None
    self_url: str | None = None
    next_page: str | None = None


def read_head(text: str, url: str) -> Head:
    """The head of a broken RSS, RDF or Atom document, read as far as libxml2 can."""
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(_without_items(text).encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    return Head() if root is None or not isinstance(root.tag, str) else head_of(root, url)


def head_of(root: Any, url: str) -> Head:
    """The head of a tree, from lxml or ElementTree alike."""
    channel = next((element for element in root if _local(element) == "channel"), root)
    return _read(root, channel, url)


def _without_items(text: str) -> str:
    first = ITEM_START.search(text)
    if first is None:
        return text[:_MAX_HEAD]
    after = text[-_MAX_HEAD:]
    ends = [found.end() for found in ITEM_END.finditer(after)]
    return text[: min(first.start(), _MAX_HEAD)] + (after[ends[-1] :] if ends else "")


def _read(root: Any, channel: Any, url: str) -> Head:
    named = [(_local(element), element) for element in channel if element.tag not in ITEMS]
    own = _own_texts(named)
    links = list(_links(named))
    alternate = _href(links, "alternate", url)
    return Head(
        title=line(own.get("title")),
        kind=_kind(root),
        link=alternate or join(url, own.get("link")),
        language=language(own.get("language") or channel.get(LANG) or root.get(LANG)),
        hints=_hints(named),
        hub=_href(links, "hub", url),
        self_url=_href(links, "self", url),
        next_page=_href(links, "next", url) or _href(links, "prev-archive", url),
    )


def _own_texts(named: Sequence[tuple[str, Any]]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, element in named:
        if name == "language" or (name in ("title", "link") and _namespace(element) in (*RSS, *ATOM)):
            text = "".join(element.itertext()).strip()
            if text:
                texts.setdefault(name, text)
    return texts


def _links(named: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """(rel, media type, href) of every Atom link."""
    for name, element in named:
        if name == "link" and element.get("href"):
            yield element.get("rel") or "alternate", element.get("type") or "", element.get("href")


def _href(links: list[tuple[str, str, str]], rel: str, url: str) -> str | None:
    chosen = [(kind, href) for found, kind, href in links if found.lower() == rel]
    chosen.sort(key=lambda pair: pair[0] not in ("", "text/html"))
    return next(filter(None, (join(url, href) for _, href in chosen)), None)


def _hints(named: Sequence[tuple[str, Any]]) -> ServerHints:
    texts = {name: (element.text or "").strip() for name, element in named}
    return ServerHints(
        ttl=_ttl(texts.get("ttl")) or _syndication(texts),
        skip_hours=frozenset(hour for text in _nested(named, "skiphours") for hour in _hour(text)),
        skip_days=frozenset(_DAYS.index(day) for day in _nested(named, "skipdays") if day in _DAYS),
    )


def _nested(named: Sequence[tuple[str, Any]], wanted: str) -> list[str]:
    found = (child.text or "" for name, element in named if name == wanted for child in element)
    return [text.strip().lower() for text in found][:50]


def _hour(text: str) -> Iterator[int]:
    if text.isascii() and text.isdigit() and len(text) <= 2 and int(text) <= 24:
        yield int(text) % 24  # RSS 0.91 counted 1 to 24


def _ttl(text: str | None) -> timedelta | None:
    """RSS <ttl>, minutes; zero, negative and worded ones say nothing."""
    if not text or not re.match(r"\d{1,9}\Z", text, re.ASCII) or int(text) == 0:
        return None
    return min(timedelta(minutes=int(text)), _LONGEST)


def _syndication(texts: dict[str, str]) -> timedelta | None:
    """RSS 1.0 mod_syndication: period `daily` and frequency 1 where only the other is given."""
    period, frequency = texts.get("updateperiod"), texts.get("updatefrequency", "")
    if period is None and not frequency:
        return None
    hours = _PERIODS.get((period or "daily").lower())
    times = int(frequency) if re.match(r"\d{1,6}\Z", frequency, re.ASCII) else 1
    return timedelta(hours=hours) / times if hours and times else None


def _kind(root: Any) -> str:
    name, namespace = _local(root), _namespace(root)
    if name == "feed":
        return "atom03" if namespace == "http://purl.org/atom/ns#" else "atom10"
    if name == "rdf":
        return "rss090" if any("netscape.com" in _namespace(child) for child in root) else "rss10"
    version = (root.get("version") or "").strip()
    return "rss" + {"0.91": "091u"}.get(version, version.replace(".", "")[:3] if version[:1].isdigit() else "")


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _namespace(element: Any) -> str:
    tag = element.tag
    if not isinstance(tag, str):
        return "?"
    return tag[1:].partition("}")[0] if tag.startswith("{") else ("?" if ":" in tag else "")
