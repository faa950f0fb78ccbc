"""From the bytes of a feed document to a ParsedFeed: RSS, RDF, Atom, JSON Feed, news sitemaps.

It reads bytes only and must never open a path or an address; whatever is not a feed ends in one ParseFailed.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import ParsedFeed


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that an HTML page names (autodiscovery)."""

    url: str
    title: str = ""
    kind: str = ""  # the media type as named


def parse_feed(body: bytes, *, url: str, content_type: str | None = None) -> ParsedFeed:
    """The feed in `body`, fetched from `url`. Raises ParseFailed with the reason in words."""
    raise NotImplementedError


def discover(html: bytes, url: str) -> list[FeedLink]:
    """Feeds that a page names, best first (link rel=alternate, then plain links that look like feeds)."""
    raise NotImplementedError
