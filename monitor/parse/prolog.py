"""What stands before a document's root element, and what kind of document it is: feed, page, something else.

It works on text that is decoded already, and must let nothing with an entity declaration through.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.errors import ParseFailed

#: One thing that may stand before the root element. A DOCTYPE's internal subset ends at `]` and `>`.
_MISC = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE\b[^<>\[]*(\[|>)", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\b", re.IGNORECASE)
_ROOT = re.compile(r"<(?:([A-Za-z_][\w.\-]*):)?([A-Za-z_][\w.\-]*)(?=[\s/>])")
_FEED_ROOT = re.compile(
    r"<(?:[A-Za-z_][\w.\-]*:)?(?:rss|rdf|feed|channel|urlset|sitemapindex)(?=[\s/>])", re.IGNORECASE
)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|script|meta|title|div|table|center|h1|p|br)\b", re.IGNORECASE)
_FORBIDDEN = tuple(map(chr, (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF)))
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A document from its root element on; `root` is that element's local name in lower case, `json` for
    JSON."""

    text: str
    root: str
    warnings: tuple[str, ...] = ()


def open_document(text: str) -> Document:
    """The document without declaration, DOCTYPE, comments before the root, illegal control characters.

    Raises ParseFailed for nothing, HTML, entity declarations (every bomb needs one; CVE-2012-2921), other
    XML, text.
    """
    clean, removed = _ILLEGAL.subn("", text) if _may_be_illegal(text) else (text, 0)
    if not clean or clean.isspace():
        raise ParseFailed("is empty")
    if clean.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return Document(clean.strip("\ufeff \t\r\n"), "json")
    start, junk = _root_start(clean)
    found = _ROOT.match(clean, start)
    assert found is not None
    warnings = ("has characters that XML forbids",) * bool(removed) + ("has text before its first element",) * junk
    return Document(clean[start:], found.group(2).lower(), warnings)


def _may_be_illegal(text: str) -> bool:
    """Looking for one character after the other takes a third of the time that a set of them takes."""
    return any(character in text for character in _FORBIDDEN) or not _is_encodable(text)


def _is_encodable(text: str) -> bool:
    """Whether it holds no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _root_start(text: str) -> tuple[int, bool]:
    """Where the root element starts, and whether something stood before it that may not."""
    position = _skip_prolog(text, 1 if text.startswith("\ufeff") else 0)
    root = _ROOT.match(text, position)
    if root is not None and root.group(2).lower() != "br":
        return position, False
    late = _FEED_ROOT.search(text, position)
    if late is None or (_HTML.search(text, position, late.start()) and _HTML.match(text, position)):
        raise ParseFailed(_not_a_feed(text, position))
    _refuse_entities(text[position : late.start()])
    return late.start(), True


def _skip_prolog(text: str, position: int) -> int:
    while True:
        if misc := _MISC.match(text, position):
            position = misc.end()
        elif doctype := _DOCTYPE.match(text, position):
            position = _end_of_doctype(text, doctype)
        else:
            return position


def _end_of_doctype(text: str, doctype: re.Match[str]) -> int:
    if doctype.group(1) == ">":
        return doctype.end()
    _refuse_entities(text[doctype.end() :])
    closing = re.compile(r"\]\s*>").search(text, doctype.end())
    return closing.end() if closing else len(text)


def _refuse_entities(text: str) -> None:
    """Entities are declared before the root element only, but where an internal subset ends is for a full
    parser to say; so whatever stands up to the first feed element is searched."""
    root = _FEED_ROOT.search(text)
    if _ENTITY.search(text, 0, root.start() if root else len(text)):
        raise ParseFailed("declares entities, which no feed needs and bombs are made of; it was not read", retry=True)


def _not_a_feed(text: str, position: int) -> str:
    if _HTML.search(text, position, position + 5000):
        return "is an HTML page"
    return "is no XML, no JSON and no page" if "<" in text[:5000] else "is plain text, not a feed"
