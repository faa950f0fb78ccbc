"""Feeds that an HTML page names (autodiscovery).

It reads the page's own links only; it must not guess addresses or try them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from monitor.parse.encoding import decode
from monitor.parse.text import line
from monitor.urls import join

_FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "application/json",
    "application/xml",
    "text/xml",
    "application/x.atom+xml",
    "application/x-atom+xml",
)
_LOOKS_LIKE = re.compile(
    r"(?:/(?:feed|rss|atom)s?(?:/|\.xml|\.php|\?)|\.(?:rss|rdf|atom)\?|/rss/|/feeds?\.|[?&]feed=)",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"comment|kommentar|commentaire|/replies", re.IGNORECASE)
MAX_LINKS = 50
_MAX_PAGE = 2_000_000


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that an HTML page names; `kind` is the media type as named, "" for a plain link."""

    url: str
    title: str = ""
    kind: str = ""


def discover(html: bytes, url: str) -> list[FeedLink]:
    """Feeds that a page names, best first: link rel=alternate of a feed's media type, comment feeds after
    the others; plain links that look like feeds only where there is none. At most 50; empty for what is no
    page."""
    from lxml import etree

    text = decode(html[:_MAX_PAGE]).text
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), etree.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError):
        return []
    if root is None:
        return []
    base = join(url, next((el.get("href") for el in root.iter("base") if el.get("href")), None)) or url
    found = _declared(root, base) or _linked(root, base)
    found.sort(key=lambda link: bool(_COMMENTS.search(link.url) or _COMMENTS.search(link.title)))
    return list({link.url: link for link in reversed(found)}.values())[::-1][:MAX_LINKS]


def _declared(root: Any, base: str) -> list[FeedLink]:
    links = []
    for element in root.iter("link"):
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        relations = (element.get("rel") or "").lower().split()
        if "alternate" not in relations and "feed" not in relations:
            continue
        if kind not in _FEED_TYPES and "feed" not in relations:
            continue
        if kind == "application/json" and "wp-json" in (element.get("href") or ""):
            continue  # WordPress's API, declared on every page
        if target := join(base, element.get("href")):
            links.append(FeedLink(target, line(element.get("title")), kind))
    return links


def _linked(root: Any, base: str) -> list[FeedLink]:
    targets = ((join(base, element.get("href")), element) for element in root.iter("a"))
    return [
        FeedLink(target, line("".join(element.itertext())))
        for target, element in targets
        if target and _LOOKS_LIKE.search(_place(target))
    ]


def _place(url: str) -> str:
    """The address from its path on: a host named feeds.example.org makes no feed of every link."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
