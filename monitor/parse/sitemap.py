"""News sitemaps and indexes of sitemaps (sitemaps.org 0.9 with Google's news extension), read as feeds.

An index's entries are its sitemaps, which the caller may poll in turn; it must not fetch them.
"""

from __future__ import annotations

from typing import Any

from monitor.errors import ParseFailed
from monitor.parse.dates import from_any
from monitor.parse.draft import Draft
from monitor.parse.head import Head
from monitor.urls import is_http

MAX_ENTRIES = 50_000  # the protocol's own limit


def read_sitemap(text: str, root_name: str) -> tuple[Head, list[Draft]]:
    """The items of a news sitemap, or the sitemaps of an index. Raises ParseFailed when there is nothing to
    follow."""
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseFailed("is a broken sitemap") from error
    if root is None:
        raise ParseFailed("is a broken sitemap")
    is_index = root_name == "sitemapindex"
    items = [element for element in root if _local(element) in ("url", "sitemap")][:MAX_ENTRIES]
    drafts = [_draft(element) for element in items]
    kind = "sitemap-index" if is_index else "sitemap"
    return Head(kind=kind), [draft for draft in drafts if is_http(draft.link)]


def _draft(element: Any) -> Draft:
    texts: dict[str, str] = {}
    for child in element.iter():
        if child.text and child.text.strip():
            texts.setdefault(_local(child), child.text.strip())
    link = texts.get("loc")
    return Draft(
        guid=link,
        link=link,
        title=texts.get("title", ""),
        published=from_any(texts.get("publication_date")) or from_any(texts.get("lastmod")),
        updated=from_any(texts.get("lastmod")),
        language=texts.get("language"),
        tags=tuple(word.strip() for word in texts.get("keywords", "").split(",") if word.strip()),
        source=texts.get("name"),
    )


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""
