"""The way of well-formed feeds, which most are: one pass of expat into a tree, then our own reading of it.

It takes XML without entity declarations that expat accepts, and must read it as feedparser, the reference, would;
what is not well-formed goes the tolerant way.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from monitor.parse.dates import from_any
from monitor.parse.draft import Draft
from monitor.parse.text import looks_like_html

_XML = "{http://www.w3.org/XML/1998/namespace}"
_BASE, _LANG = _XML + "base", _XML + "lang"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_ATOM = ("http://www.w3.org/2005/Atom", "https://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")
_RSS = ("", "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/", "http://backend.userland.com/rss2",
        "http://channel.netscape.com/rdf/simple/0.9/", "http://purl.org/net/rss1.1#", "http://purl.org/rss/2.0/",
        "http://blogs.law.harvard.edu/tech/rss", "http://backend.userland.com/rss", "http://my.netscape.com/publish/formats/rss-0.91.dtd")  # fmt: skip
_DC = ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/elements/1.0/")
_DCTERMS = ("http://purl.org/dc/terms/",)
_ITUNES = ("http://www.itunes.com/dtds/podcast-1.0.dtd", "http://www.itunes.com/DTDs/Podcast-1.0.dtd", "http://example.com/DTDs/PodCast-1.0.dtd")  # fmt: skip
_MEDIA = ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss")
_FEEDBURNER = ("http://rssnamespace.org/feedburner/ext/1.0",)
_CONTENT = ("http://purl.org/rss/1.0/modules/content/",)
_XHTML = ("http://www.w3.org/1999/xhtml",)

#: (namespaces, element, field, rank): what counts for a field, the lowest rank first. Single fields and lists.
_TABLE = (
    (_RSS + _ATOM, "title", "title", 0), (_DC, "title", "title", 1), (_MEDIA + _ITUNES, "title", "title", 2),
    (_RSS, "link", "link", 0), (_FEEDBURNER, "origLink", "original", 0),
    (_RSS, "guid", "guid", 0), (_ATOM, "id", "guid", 1),
    (_RSS, "description", "summary", 0), (_ATOM, "summary", "summary", 0), (_DC, "description", "summary", 1),
    (_RSS, "summary", "summary", 1), (_ITUNES, "summary", "summary", 2), (_DCTERMS, "abstract", "summary", 2),
    (_MEDIA, "description", "summary", 3), (_ITUNES, "subtitle", "summary", 4),
    (_CONTENT, "encoded", "content", 0), (_ATOM, "content", "content", 0), (_XHTML, "body", "content", 1),
    (_RSS, "fullitem", "content", 2), (_RSS, "content", "content", 3),
    (_RSS, "pubDate", "published", 0), (_RSS, "pubdate", "published", 0), (_ATOM, "published", "published", 0),
    (_ATOM, "issued", "published", 0), (_DCTERMS, "issued", "published", 1), (_RSS, "published", "published", 1),
    (_ATOM, "created", "published", 2), (_DCTERMS, "created", "published", 2),
    (_ATOM, "updated", "updated", 0), (_ATOM, "modified", "updated", 0), (_DCTERMS, "modified", "updated", 0),
    (_DC, "date", "updated", 1), (_RSS, "lastBuildDate", "updated", 2), (_RSS, "updated", "updated", 1),
    (_RSS, "date", "updated", 2), (_RSS, "modified", "updated", 2),
    (_RSS + _ATOM, "source", "source", 0), (_DC, "language", "language", 0), (_RSS, "language", "language", 0),
)  # fmt: skip
_LISTS = (
    (_ATOM, "link", "links"), (_RSS + _ATOM, "author", "authors"), (_DC, "creator", "authors"), (_DC, "author", "authors"),
    (_ITUNES, "author", "authors"), (_RSS + _ATOM, "category", "tags"), (_DC, "subject", "tags"), (_MEDIA, "group", "groups"),
    (_MEDIA, "content", "groups"),
)  # fmt: skip


def _tag(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}" if namespace else name


_SINGLE = {_tag(ns, name): (part, rank) for spaces, name, part, rank in _TABLE for ns in spaces}
_MANY = {_tag(ns, name): part for spaces, name, part in _LISTS for ns in spaces}
_ITEMS = {_tag(ns, name) for ns in (*_RSS, *_ATOM) for name in ("item", "entry")}
_ATOM_TAG = tuple(_tag(ns, "") for ns in _ATOM)
_MEDIA_DESCRIPTION = tuple(_tag(ns, "description") for ns in _MEDIA)
_MEDIA_TITLE = tuple(_tag(ns, "title") for ns in _MEDIA)


@dataclass(slots=True)
class _Parts:
    """An item's elements by what they are for."""

    single: dict[str, ET.Element] = field(default_factory=dict)
    many: dict[str, list[ET.Element]] = field(default_factory=dict)


def open_plain(text: str) -> ET.Element | None:
    """The document's tree; None if it is not well-formed. `text` starts with its root element: no declarations."""
    try:
        return ET.fromstring(text)
    except (ET.ParseError, ValueError):
        return None


def is_feed(root: ET.Element) -> bool:
    """Whether the root is RSS, RDF or Atom as this module knows them; others go to feedparser, which knows more."""
    if root.tag.startswith(_ATOM_TAG):
        return root.tag.endswith("}feed")
    if root.tag == "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF":
        return any(child.tag in _ITEMS or child.tag.endswith("}channel") for child in root)
    return root.tag == "rss" and any(child.tag == "channel" for child in root)


def read_plain(root: ET.Element) -> list[Draft]:
    """The items of a tree for which `is_feed`, in document order."""
    base = root.get(_BASE) or ""
    return [_draft(item, urljoin(base, item.get(_BASE) or "")) for item in root.iter() if item.tag in _ITEMS]


def _draft(item: ET.Element, base: str) -> Draft:
    parts = _sorted(item)
    single = parts.single
    title, is_title_plain = _value(single.get("title"))
    summary, is_summary_plain = _value(single.get("summary"))
    content, is_content_plain = _value(single.get("content"))
    if not (summary.strip() or content.strip()):
        summary, is_summary_plain = _nested(parts, _MEDIA_DESCRIPTION), False
    return Draft(
        guid=_text(single.get("guid")) or item.get(_ABOUT),
        link=_link(parts, base),
        title=title or _nested(parts, _MEDIA_TITLE),
        is_title_plain=is_title_plain,
        summary=summary,
        is_summary_plain=is_summary_plain,
        content=content,
        is_content_plain=is_content_plain,
        author=_author(parts),
        published=from_any(_text(single.get("published"))),
        updated=from_any(_text(single.get("updated"))),
        language=_language(item, single),
        tags=tuple(_tags(parts)),
        source=_source(single.get("source")),
    )


def _sorted(item: ET.Element) -> _Parts:
    parts, ranks = _Parts(), dict[str, int]()
    for child in item:
        found = _SINGLE.get(child.tag)
        if found is not None:
            name, rank = found
            if rank < ranks.get(name, 99) and (child.text or len(child)):
                parts.single[name], ranks[name] = child, rank
        elif name := _MANY.get(child.tag, ""):
            parts.many.setdefault(name, []).append(child)
        elif child.tag in _LINK_WITH_HREF:
            parts.many.setdefault("links", []).append(child)
    return parts


_LINK_WITH_HREF = {_tag(ns, "link") for ns in _RSS}


def _value(element: ET.Element | None) -> tuple[str, bool]:
    """An element's mark-up or text, and whether it is plain text by its type (RFC 4287 section 3.1)."""
    if element is None:
        return "", False
    if len(element):
        return _inner(element), False
    text = element.text or ""
    kind = (element.get("type") or "").lower()
    if not element.tag.startswith(_ATOM_TAG):
        return text, False
    is_plain = kind in ("", "text", "text/plain") and element.get("mode") != "escaped"
    return text, is_plain and not looks_like_html(text)


def _inner(element: ET.Element) -> str:
    """The mark-up inside an element (xhtml content, or HTML that was not escaped)."""
    for inner in element.iter():
        if isinstance(inner.tag, str):
            inner.tag = inner.tag.rpartition("}")[2]
    body = "".join(ET.tostring(child, encoding="unicode", method="html") for child in element)
    return (element.text or "").replace("&", "&amp;").replace("<", "&lt;") + body


def _text(element: ET.Element | None) -> str | None:
    if element is None:
        return None
    return ("".join(element.itertext()) if len(element) else element.text or "").strip() or None


def _link(parts: _Parts, base: str) -> str | None:
    """feedburner's original, RSS <link>, Atom's alternate, or the guid where that is one (RSS 2.0)."""
    plain = _text(parts.single.get("original")) or _text(parts.single.get("link"))
    return urljoin(base, plain) if plain else _alternate(parts, base) or _permalink(parts)


def _alternate(parts: _Parts, base: str) -> str | None:
    links = [
        link for link in parts.many.get("links", ()) if (link.get("rel") or "alternate") == "alternate" and link.get("href")
    ]
    links.sort(key=lambda link: link.get("type") not in (None, "text/html"))
    if not links:
        return None
    return _joined(urljoin(base, links[0].get(_BASE) or ""), (links[0].get("href") or "").strip())


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def _permalink(parts: _Parts) -> str | None:
    guid = parts.single.get("guid")
    is_link = guid is not None and guid.tag in _GUIDS and guid.get("isPermaLink", "true").lower() != "false"
    return _text(guid) if is_link else None


_GUIDS = {_tag(ns, "guid") for ns in _RSS}


def _author(parts: _Parts) -> str | None:
    names = (_name(person) for person in parts.many.get("authors", ())[:20])
    return ", ".join(dict.fromkeys(name for name in names if name)) or None


def _name(person: ET.Element) -> str | None:
    if not len(person):
        return _text(person)
    return next((_text(child) for child in person if child.tag.rpartition("}")[2] == "name"), None)


def _tags(parts: _Parts) -> Iterator[str]:
    for element in parts.many.get("tags", ()):
        yield element.get("term") or _text(element) or element.get("label") or ""


def _language(item: ET.Element, single: dict[str, ET.Element]) -> str | None:
    said = _text(single.get("language"))
    marked = (single[name].get(_LANG) for name in ("content", "summary", "title") if name in single)
    return said or next(filter(None, (*marked, item.get(_LANG))), None)


def _source(element: ET.Element | None) -> str | None:
    if element is None:
        return None
    return _text(element) if not len(element) else _text(next((el for el in element if el.tag.endswith("}title")), None))


def _nested(parts: _Parts, tags: tuple[str, ...]) -> str:
    """What Media RSS says inside a group: where a video's words are (YouTube)."""
    found = (element for group in parts.many.get("groups", ()) for element in group.iter() if element.tag in tags)
    return next((element.text for element in found if element.text), "")
