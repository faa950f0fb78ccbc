"""The way of well-formed feeds, which most are: one pass of expat into a tree, then our own reading of it.

It takes XML without entity declarations that expat accepts, and must read it as feedparser, the reference,
would; what is not well-formed goes the tolerant way.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from monitor.parse.dates import from_any
from monitor.parse.draft import Draft
from monitor.parse.text import looks_like_html
from monitor.parse.vocabulary import (
    ABOUT,
    ATOM_TAG,
    BASE,
    CHANNELS,
    ITEMS,
    LANG,
    MANY,
    MEDIA_DESCRIPTION,
    MEDIA_TITLE,
    PREFIXES,
    ROOTS,
    RSS_GUIDS,
    RSS_LINKS,
    SINGLE,
)

_PREFIX = re.compile(r"(?:</?|\s)(?!xml|http)([A-Za-z_][\w\-]{0,30}):[A-Za-z_][\w.\-]{0,60}(?=[\s/>=])", re.ASCII)
_MOST_PREFIXES = 50


@dataclass(slots=True)
class _Parts:
    """An item's elements by what they are for."""

    single: dict[str, ET.Element] = field(default_factory=dict)
    many: dict[str, list[ET.Element]] = field(default_factory=dict)


def open_plain(text: str) -> ET.Element | None:
    """The document's tree; None if it is not well-formed. `text` starts with its root element: no
    declarations."""
    try:
        return ET.fromstring(text)  # noqa: S314 - open_document let no entity declaration through
    except (ET.ParseError, ValueError):
        return None


def with_prefixes(text: str) -> str:
    """The document with the prefixes declared that it uses and does not declare: the usual way of being broken."""
    root = text[: text.find(">")]
    used = sorted({found.group(1) for found in _PREFIX.finditer(text)})[:_MOST_PREFIXES]
    missing = [name for name in used if f"xmlns:{name}" not in root]
    made = "".join(f' xmlns:{name}="{PREFIXES.get(name, f"urn:undeclared:{name}")}"' for name in missing)
    place = len(root.split(None, 1)[0])
    return text[:place] + made + text[place:]


def is_feed(root: ET.Element) -> bool:
    """Whether the root is RSS, RDF or Atom as this module knows them; others go to feedparser, which knows
    more."""
    if root.tag.startswith(ATOM_TAG):
        return root.tag.endswith("}feed")
    if root.tag == "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF":
        return any(child.tag in ITEMS or child.tag.endswith("}channel") for child in root)
    return root.tag in ROOTS and any(child.tag in CHANNELS for child in root)


def read_plain(root: ET.Element) -> list[Draft]:
    """The items of a tree for which `is_feed`, in document order."""
    base = root.get(BASE) or ""
    return [_draft(item, _joined(base, item.get(BASE) or "")) for item in root.iter() if item.tag in ITEMS]


def _draft(item: ET.Element, base: str) -> Draft:
    parts = _sorted(item)
    single = parts.single
    title, is_title_plain = _value(single.get("title"))
    summary, is_summary_plain = _value(single.get("summary"))
    content, is_content_plain = _value(single.get("content"))
    if not (summary.strip() or content.strip()):
        summary, is_summary_plain = _nested(parts, MEDIA_DESCRIPTION), False
    return Draft(
        guid=_text(single.get("guid")) or item.get(ABOUT),
        link=_link(parts, base),
        title=title or _nested(parts, MEDIA_TITLE),
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
        found = SINGLE.get(child.tag)
        if found is not None:
            name, rank = found
            if rank < ranks.get(name, 99) and (child.text or len(child)):
                parts.single[name], ranks[name] = child, rank
        elif name := MANY.get(child.tag, ""):
            parts.many.setdefault(name, []).append(child)
        elif child.tag in RSS_LINKS:
            parts.many.setdefault("links", []).append(child)
    return parts


def _value(element: ET.Element | None) -> tuple[str, bool]:
    """An element's mark-up or text, and whether it is plain text by its type (RFC 4287 section 3.1)."""
    if element is None:
        return "", False
    if len(element):
        return _inner(element), False
    text = element.text or ""
    kind = (element.get("type") or "").lower()
    if not element.tag.startswith(ATOM_TAG):
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
    return _joined(base, plain) if plain else _alternate(parts, base) or _permalink(parts)


def _alternate(parts: _Parts, base: str) -> str | None:
    links = [
        link
        for link in parts.many.get("links", ())
        if (link.get("rel") or "alternate") == "alternate" and link.get("href")
    ]
    links.sort(key=lambda link: link.get("type") not in (None, "text/html"))
    if not links:
        return None
    return _joined(_joined(base, links[0].get(BASE) or ""), (links[0].get("href") or "").strip())


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href) if base else href
    except ValueError:
        return href


def _permalink(parts: _Parts) -> str | None:
    guid = parts.single.get("guid")
    is_link = guid is not None and guid.tag in RSS_GUIDS and guid.get("isPermaLink", "true").lower() != "false"
    return _text(guid) if is_link else None


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
    marked = (single[name].get(LANG) for name in ("content", "summary", "title") if name in single)
    return said or next(filter(None, (*marked, item.get(LANG))), None)


def _source(element: ET.Element | None) -> str | None:
    if element is None:
        return None
    return (
        _text(element) if not len(element) else _text(next((el for el in element if el.tag.endswith("}title")), None))
    )


def _nested(parts: _Parts, tags: tuple[str, ...]) -> str:
    """What Media RSS says inside a group: where a video's words are (YouTube)."""
    found = (element for group in parts.many.get("groups", ()) for element in group.iter() if element.tag in tags)
    return next((element.text for element in found if element.text), "")
