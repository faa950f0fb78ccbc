"""The way from bytes to a ParsedFeed: decode, open, choose the reader for the format, finish, name.

It decides which reader is used and nothing else; the readers stand beside it, one a format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from monitor.errors import ParseFailed
from monitor.identity import identify
from monitor.model import ParsedFeed
from monitor.parse.discovery import discover
from monitor.parse.draft import Draft, finish
from monitor.parse.encoding import decode
from monitor.parse.head import ITEM_END, ITEM_START, Head, head_of, read_head
from monitor.parse.json_feed import read_json
from monitor.parse.plain import is_feed, open_plain, read_plain, with_prefixes
from monitor.parse.prolog import Document, open_document
from monitor.parse.sitemap import read_sitemap
from monitor.parse.text import line, with_characters
from monitor.parse.tolerant import Tolerant, read_any
from monitor.urls import is_http, join

#: Entries taken from one document, the newest.
MAX_ENTRIES = 2_000
_BROKEN = ("is not well-formed XML",)
_DATE = re.compile(r"<(?:pubDate|dc:date|published|updated)[^>]{0,100}>([^<]{6,60})<")


@dataclass(frozen=True, slots=True)
class _Found:
    head: Head
    drafts: list[Draft]
    warnings: tuple[str, ...] = ()
    base: str | None = field(default=None)


def parse_feed(body: bytes, *, url: str, content_type: str | None = None) -> ParsedFeed:
    """The feed in `body`, fetched from `url` and labelled `content_type` by the server.

    At most 2,000 entries, in document order, with identities; all texts plain and capped. Raises
    ParseFailed with the reason in words for everything that is not a feed; pages say which feeds they name.
    """
    decoded = decode(body, content_type)
    try:
        document = open_document(decoded.text)
        found = _read(document, url)
    except ParseFailed as failure:
        if "HTML page" not in str(failure):
            raise
        raise ParseFailed(_named_feeds(body, url, str(failure))) from None
    return _feed(found, url, decoded.encoding, (*decoded.warnings, *document.warnings, *found.warnings))


def _named_feeds(body: bytes, url: str, reason: str) -> str:
    links = [link.url for link in discover(body, url)[:3]]
    if not links:
        return f"{reason} that names no feed"
    return f"{reason}; it names the feed{'s' * (len(links) > 1)} {', '.join(links)}"


def _read(document: Document, url: str) -> _Found:
    if document.root == "json":
        found = read_json(document.text, url)
        return _Found(found.head, found.drafts)
    if document.root in ("urlset", "sitemapindex"):
        return _Found(*read_sitemap(document.text, document.root))
    text, cut = _newest(document.text)
    found_xml = _read_xml(text, document.root, url)
    return replace(found_xml, warnings=(*found_xml.warnings, *cut))


def _read_xml(text: str, root: str, url: str) -> _Found:
    if root == "html":
        text = _feed_in_page(text)
    known = with_characters(text)
    warnings: tuple[str, ...] = ()
    tree = open_plain(known)
    if tree is None:
        tree, warnings = open_plain(with_prefixes(known)), _BROKEN
    if tree is not None and is_feed(tree):
        return _Found(head_of(tree, url), read_plain(tree), warnings)
    head = read_head(known, url)
    found = read_any(known)
    if not found.version and not found.drafts:
        raise ParseFailed(f"is XML, but not a feed (its first element is <{root[:40]}>)")
    return _Found(_completed(head, found, url), found.drafts, _BROKEN if found.is_broken else ())


def _feed_in_page(text: str) -> str:
    """The feed that someone wrapped in <html><body>; other pages raise ParseFailed."""
    inner = re.compile(r"<(?:rss|feed|rdf:RDF)\s[^<>]*(?:xmlns|version)").search(text, 0, 2000)
    if inner is None:
        raise ParseFailed("is an HTML page")
    return text[inner.start() :]


def _completed(head: Head, found: Tolerant, url: str) -> Head:
    """What only one of the two could read of the feed's own facts."""
    return replace(
        head,
        title=head.title or line(found.title),
        kind=found.version or head.kind,
        link=head.link or join(url, found.link),
        language=head.language or found.language,
    )


def _newest(text: str) -> tuple[str, tuple[str, ...]]:
    """The document with at most 2,000 items: feedparser needs half a millisecond for each. Newest stand
    first nearly everywhere; where the first item is older than the last, the last ones are kept."""
    if text.count("<") <= MAX_ENTRIES:
        return text, ()
    starts = [found.start() for found in ITEM_START.finditer(text)]
    if len(starts) <= MAX_ENTRIES:
        return text, ()
    ends = [found.end() for found in ITEM_END.finditer(text)]
    tail = text[ends[-1] :] if ends and ends[-1] > starts[-1] else ""
    if _is_oldest_first(text, starts):
        kept = text[: starts[0]] + text[starts[-MAX_ENTRIES] :]
    else:
        kept = text[: starts[MAX_ENTRIES]] + tail
    return kept, (f"has {len(starts)} items; the newest {MAX_ENTRIES} were read",)


def _is_oldest_first(text: str, starts: list[int]) -> bool:
    from monitor.parse.dates import from_any

    first, last = _DATE.search(text, starts[0], starts[1]), _DATE.search(text, starts[-1])
    if not first or not last:
        return False
    older, newer = from_any(first.group(1)), from_any(last.group(1))
    return older is not None and newer is not None and older < newer


def _feed(found: _Found, url: str, encoding: str, warnings: tuple[str, ...]) -> ParsedFeed:
    head = found.head
    # Relative links stand against the site where the feed names it (RSS), else against the feed (Atom:
    # xml:base).
    base = head.link if head.kind.startswith("rss") and is_http(head.link) and head.link else url
    entries = [finish(draft, base, head.language) for draft in found.drafts[:MAX_ENTRIES]]
    return ParsedFeed(
        title=head.title,
        kind=head.kind,
        entries=identify(entries, head.link),
        link=head.link,
        language=head.language,
        encoding=encoding,
        hints=head.hints,
        hub=head.hub,
        self_url=head.self_url,
        next_page=head.next_page,
        warnings=warnings,
    )
