"""The text of an article from its page, and which text counts when there are several.

It must not fetch, nor see the store; trafilatura's types stay in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.model import Entry, ReadMode, Reading


@dataclass(frozen=True, slots=True)
class Page:
    """A page as read. `defect` is "" or why the text does not count: "empty", "consent wall", "stub", "not html",
    "too deep". `language` is what the page declares."""

    title: str = ""
    text: str = ""
    author: str | None = None
    published: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None
    defect: str = ""


def extract(html: bytes, *, url: str, content_type: str | None = None) -> Page:
    """Read a page. Never raises on what a page holds; call it in a worker, a page may cost seconds and memory."""
    raise NotImplementedError


def needs_page(entry: Entry, mode: ReadMode) -> bool:
    """Whether the article's page has to be fetched: not if the feed carries the full article, or `mode` is feed."""
    raise NotImplementedError


def choose(entry: Entry, page: Page | None, refusal: str, mode: ReadMode) -> Reading:
    """Which text counts. `refusal` says in words why there is no page ("page refused (403)"), "" if none was asked.

    Never empty where the feed had text; the note says why it is not the full article.
    """
    raise NotImplementedError
