"""Feeds from OPML and back: what other readers export, and what they import.

XML is read from text that was decoded here and holds no entity declaration, so that no encoding can hide one; broken
mark-up is repaired where it can be.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from monitor.config.settings import often, url_fault
from monitor.config.values import every_text, shown
from monitor.errors import InputError, Problem
from monitor.model import Feed, ReadMode
from monitor.urls import display

MAX_BYTES = 10_000_000
MAX_DEPTH = 50
NAMESPACE = "https://news-monitor.invalid/opml"  # names attributes that only this program reads

_DECLARED = re.compile(rb"""\A\s{0,99}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._-]{1,40})["']""")
_HEAD = re.compile(r"\A\s*<\?xml[^>]*\?>")
_NO_CHARSETS = ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)(\w{2,31};)?")
#: An attribute up to the quote that is followed by another attribute or by the tag's end.
_BEGUN = re.compile(r"""\s[A-Za-z_][\w:.-]{0,99}\s{0,9}=\s{0,9}\"""")
_ENDED = re.compile(r"""\"(?=\s{1,99}[A-Za-z_][\w:.-]{0,99}\s{0,9}=\s{0,9}"|\s{0,99}[/?]?>\s{0,999}(?:<|\Z))""")
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def read_opml(body: bytes, file: str = "OPML", left_out: list[Problem] | None = None) -> list[Feed]:
    """The feeds of an OPML file, in its order; folders and categories are tags, a feed in several folders has them all.

    Outlines whose address cannot be asked are appended to `left_out`, as warnings. Raises InputError for what is no
    OPML, declares entities, or is too large. (http://opml.org/spec2.opml)
    """
    if len(body) > MAX_BYTES:
        raise InputError(f"{file}: larger than {MAX_BYTES // 1_000_000} MB; that is no list of feeds")
    root = _root(_decoded(body, file), file)
    found: dict[str, Feed] = {}
    for outline, folders in _outlines(root, file):
        feed = _feed(outline, folders, file)
        if isinstance(feed, Problem):
            (left_out if left_out is not None else []).append(feed)
        elif feed is not None:
            known = found.get(feed.url)
            found[feed.url] = feed if known is None else _united(known, feed)
    return list(found.values())


def _decoded(body: bytes, file: str) -> str:
    marks: tuple[tuple[bytes, str], ...] = (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
    )
    marks += ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    declared = _DECLARED.match(body)
    encoding = next((name for mark, name in marks if body.startswith(mark)), "")
    encoding = encoding or _unmarked(body) or (declared.group(1).decode() if declared else "utf-8")
    if not _is_charset(encoding):
        raise InputError(f"{file}: unknown encoding '{encoding}'; save it as UTF-8")
    try:
        text = body.decode(encoding)
    except UnicodeError:
        text = body.decode("utf-8" if encoding.lower() not in ("utf-8", "utf-8-sig") else "cp1252", "replace")
    return _CONTROL.sub("", _HEAD.sub("", text))


def _is_charset(name: str) -> bool:
    """Whether Python reads texts in it; "hex" and "idna" are codecs to it too."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return found.name not in _NO_CHARSETS and getattr(found, "_is_text_encoding", True)


def _unmarked(body: bytes) -> str:
    """UTF-16 and UTF-32 without a byte order mark (XML 1.0, appendix F)."""
    starts = {
        b"\x00\x00\x00<": "utf-32-be",
        b"<\x00\x00\x00": "utf-32-le",
        b"\x00<": "utf-16-be",
        b"<\x00": "utf-16-le",
    }
    return next((name for start, name in starts.items() if body.startswith(start)), "")


def _root(text: str, file: str) -> Any:
    from lxml import etree

    if re.search(r"<!ENTITY", text, re.IGNORECASE):
        raise InputError(f"{file}: declares entities, which no list of feeds needs; refused")
    text = _without_doctype(text)
    text = _BARE_AMPERSAND.sub(lambda found: _entity(found.group(1)), text)
    for is_lenient in (False, True):
        attempt = _escaped(text) if is_lenient else text
        parser = etree.XMLParser(
            encoding="utf-8",
            recover=is_lenient,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        try:
            root = etree.fromstring(attempt.encode(), parser)
        except (etree.XMLSyntaxError, ValueError):
            root = None
        if root is not None:
            break
    if root is None or not isinstance(root.tag, str) or root.tag.rpartition("}")[2].lower() != "opml":
        raise InputError(f"{file}: no OPML; it must begin with <opml>")
    return root


def _without_doctype(text: str) -> str:
    """The first one is cut out, up to its end; nothing of it is needed."""
    begun = _DOCTYPE.search(text)
    if begun is None:
        return text
    end = text.find(">", begun.end())
    if (inner := text.find("[", begun.end(), end if end >= 0 else None)) >= 0:
        end = text.find(">", max(inner, text.find("]", inner)))
    return text[: begun.start()] + text[end + 1 :] if end >= 0 else text


def _escaped(text: str) -> str:
    """The text with quotes and tags escaped that stand in values of attributes as they are; read once, from left to
    right, so that no text takes longer than it is long."""
    parts: list[str] = []
    at = 0
    while begun := _BEGUN.search(text, at):
        ended = _ENDED.search(text, begun.end())
        if ended is None:
            break
        value = text[begun.end() : ended.start()].replace('"', "&quot;").replace("<", "&lt;")
        parts += (text[at : begun.end()], value, '"')
        at = ended.end()
    return "".join((*parts, text[at:]))


def _entity(name: str | None) -> str:
    """A named HTML entity as its character; an ampersand by itself as one."""
    if name and (character := html.unescape(f"&{name}")) != f"&{name}":
        return f"&#{ord(character[0])};"
    return f"&amp;{name or ''}"


def _outlines(root: Any, file: str) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Every outline with the names of the folders around it, in the file's order."""
    waiting: list[tuple[Any, tuple[str, ...]]] = [(child, ()) for child in reversed(root)]
    while waiting:
        node, folders = waiting.pop()
        if not isinstance(node.tag, str):
            continue
        if len(folders) > MAX_DEPTH:
            raise InputError(f"{file}: folders nested more than {MAX_DEPTH} deep")
        inner = folders
        if node.tag.rpartition("}")[2].lower() == "outline":
            yield node, folders
            name = _attribute(node, "title", "text")
            if name and not _attribute(node, "xmlurl"):
                inner = (*folders, name)
        waiting += [(child, inner) for child in reversed(node)]


def _attribute(node: Any, *names: str) -> str:
    """The first of some attributes that says something; their case differs between programs."""
    lowered = {str(key).lower(): value for key, value in node.attrib.items()}
    return next((" ".join(lowered[name].split()) for name in names if lowered.get(name, "").strip()), "")


def _feed(outline: Any, folders: Sequence[str], file: str) -> Feed | Problem | None:
    url = _attribute(outline, "xmlurl")
    if url.startswith("feed:"):
        url = url.removeprefix("feed:").removeprefix("//") if "://" in url[5:] else "https:" + url[5:]
    url = re.sub(r"[\s<>\"\\]", lambda found: quote(found.group()), url)
    name = _attribute(outline, "title", "text")
    if not url:
        return None
    if fault := url_fault(url):
        called = f" ('{name}')" if name and name != url else ""
        return Problem(file, outline.sourceline or 0, 1, f"{shown(display(url))}{called} left out: {fault}", True)
    every = _attribute(outline, f"{{{NAMESPACE}}}every")
    read = _attribute(outline, f"{{{NAMESPACE}}}read")
    read_mode: ReadMode = "page" if read == "page" else "feed" if read == "feed" else "auto"
    return Feed(
        url=url,
        name="" if name in (url, display(url)) else name,
        tags=frozenset(folders) | _categories(_attribute(outline, "category")),
        every=_every(every),
        read=read_mode,
        gaps="tell" if _attribute(outline, f"{{{NAMESPACE}}}gaps") == "tell" else "count",
        where=f"{file}:{outline.sourceline}",
    )


def _every(text: str) -> timedelta | None:
    """How often, as this program wrote it; what does not hold is left to the program."""
    from pydantic_core import PydanticCustomError

    try:
        return often(text) if text else None
    except PydanticCustomError:
        return None


def _categories(text: str) -> frozenset[str]:
    """Comma-separated, each a path with slashes; %2C and %2F stand for a comma and slash within a name."""
    words = [word.strip() for path in text.split(",") for word in path.split("/")]
    return frozenset(word.replace("%2C", ",").replace("%2F", "/").replace("%25", "%") for word in words if word)


def _united(known: Feed, again: Feed) -> Feed:
    from dataclasses import replace

    return replace(known, name=known.name or again.name, tags=known.tags | again.tags)


# ----------------------------------------------------------------------------------------------------- writing


def write_opml(feeds: Iterable[Feed], title: str = "News monitor") -> str:
    """OPML 2.0 that read_opml reads back without loss, but for headers and passwords, which are left out.

    Feeds stand in a folder named by their first tag, as other readers show them; further tags are categories.
    """
    folders: dict[str, list[str]] = {}
    for feed in feeds:
        tags = sorted(feed.tags)
        folders.setdefault(tags[0] if tags else "", []).append(_outline(feed, tags[1:]))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<opml version="2.0" xmlns:monitor="{NAMESPACE}">']
    lines += ["  <head>", f"    <title>{_text(title)}</title>", "  </head>", "  <body>"]
    for folder, outlines in folders.items():
        if not folder:
            lines += [f"    {outline}" for outline in outlines]
        else:
            lines.append(f"    <outline text={_quoted(folder)} title={_quoted(folder)}>")
            lines += [f"      {outline}" for outline in outlines]
            lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _outline(feed: Feed, tags: Sequence[str]) -> str:
    parts = ['<outline type="rss"', f"text={_quoted(feed.name or display(feed.url))}"]
    if feed.name:
        parts.append(f"title={_quoted(feed.name)}")
    parts.append(f"xmlUrl={_quoted(feed.url)}")
    if tags:
        parts.append(f"category={_quoted(','.join(map(_category, tags)))}")
    if feed.every:
        parts.append(f"monitor:every={_quoted(every_text(feed.every))}")
    if feed.read != "auto":
        parts.append(f"monitor:read={_quoted(feed.read)}")
    if feed.gaps != "count":
        parts.append(f"monitor:gaps={_quoted(feed.gaps)}")
    return " ".join(parts) + "/>"


def _category(tag: str) -> str:
    return tag.replace("%", "%25").replace(",", "%2C").replace("/", "%2F")


def _quoted(value: str) -> str:
    return quoteattr(_CONTROL.sub("", value))


def _text(value: str) -> str:
    return html.escape(_CONTROL.sub("", value), quote=False)
