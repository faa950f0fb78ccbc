"""A page read by trafilatura, once, with what it says about itself; and what is wrong with it.

It must not fetch. Call it in a worker: a hostile page may cost seconds and memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from monitor.extract.defects import defect_of, is_menu
from monitor.extract.encoding import decode
from monitor.extract.facts import Facts, facts_of
from monitor.extract.unseen import without_unseen
from monitor.urls import is_http, join, registrable_domain

#: Beyond these the extractor's time grows faster than the page (1.2 MB of flat paragraphs take 12 s).
MOST_CHARACTERS = 5_000_000
MOST_TAGS = 60_000
LONGEST_TEXT = 500_000
_HEAD = 200_000
_LITTLE = 250

_LANGUAGE = re.compile(r"<html\b[^>]{0,1000}?\s(?:xml:)?lang\s*=\s*[\"']?\s*([A-Za-z]{2,3})\b", re.IGNORECASE)
_META_LANGUAGE = re.compile(
    r"<meta\b[^>]{0,200}?(?:content-language|og:locale|inLanguage)[\"'][^>]{0,100}?content\s*=\s*[\"']([A-Za-z]{2,3})\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"<link\b[^>]{1,4000}>", re.IGNORECASE)
_IS_CANONICAL = re.compile(r"\srel\s*=\s*[\"']?canonical\b", re.IGNORECASE)
_HREF = re.compile(r"\shref\s*=\s*(?:[\"']([^\"'<>]+)|([^\s\"'<>]+))", re.IGNORECASE)
_BEHIND = re.compile(r"\A(.*\S)\s+[|–—·•*»-]\s+(\S.{1,39}?)\s*\Z", re.DOTALL)
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_TITLE = re.compile(r"<title\b[^>]{0,200}>([^<]{1,1000})</title", re.IGNORECASE)
#: Where metadata say when the article came out; looked for as plain text, which costs a hundredth of one
#: regex.
_PUBLISHED = ("datePublished", "published_time", "parsely-pub-date", "publish-date")
_MOMENT = re.compile(r"[^<>]{0,100}?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d{1,9})?\s?(?:Z|[+-]\d\d:?\d\d)?)")
_NO_HTML = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"RIFF",
    b"\x1f\x8b",
    b"\x00\x00\x00",
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as read. `defect` is "" or why its text does not count as the article: "empty", "consent wall",
    "robot check", "stub", "not html", "too large". `language` is what the page declares, two or three
    letters."""

    title: str = ""
    text: str = ""
    author: str | None = None
    published: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None
    defect: str = ""


def extract(html: bytes, *, url: str, content_type: str | None = None) -> Page:
    """Read a page; `url` is where it came from. Never raises on what a page holds, but takes its time: see
    above."""
    if not _is_html(html, content_type):
        return Page(defect="not html" if html.strip() else "empty")
    source = decode(html, content_type)
    if len(source) > MOST_CHARACTERS or source.count("<") > MOST_TAGS:
        return _in_short(source)
    tree, moment = _tree(without_unseen(source)), _moment_of(source)
    text = _text(tree, url, is_fast=True)
    facts = _facts(tree, url, with_day=moment is None) if text else Facts()
    if len(text) < _LITTLE or is_menu(text):
        # The fast way found next to nothing, or fell back to everything: the thorough way may know better.
        again = _text(tree, url, is_fast=False)
        text = max(text, again, key=lambda one: (bool(one) and not is_menu(one), len(one)))
    title = facts.title or _title(source)
    return Page(
        title=_without_site(title, facts.site, url),
        text=text[:LONGEST_TEXT],
        author=facts.author,
        published=moment or _midnight(facts.day),
        language=_language(source),
        canonical_url=_canonical(source, url),
        defect=defect_of(title, text, source),
    )


def _tree(source: str) -> Any:
    """The page parsed, once for all that read it; None where nothing can be made of it."""
    from trafilatura import load_html

    with suppress(Exception):  # libxml2 raises anything on hostile input
        return load_html(source)
    return None


def _facts(tree: Any, url: str, *, with_day: bool) -> Facts:
    with suppress(Exception):  # as above, and dates and names of any shape
        return facts_of(tree, url, with_day=with_day)
    return Facts()


def _text(tree: Any, url: str, *, is_fast: bool) -> str:
    """The article's text as trafilatura reads it, "" where it finds none or fails on what it finds."""
    from trafilatura import bare_extraction

    if tree is None:
        return ""
    # Tables change no score on 139 pages of 60 publishers, and hold what some articles are about.
    options: Any = {"include_comments": False, "include_tables": True}
    with suppress(Exception):  # its libraries raise anything on hostile input; nothing read is the answer then
        found: Any = bare_extraction(tree, url=url, fast=is_fast, **options)
        return (found.text or "") if found is not None else ""
    return ""


def _without_site(title: str, site: str | None, url: str) -> str:
    """A headline without the outlet and the date that pages put behind it: `Headline | DW | 28.04.2023`."""
    names = {_letters(name) for name in (site or "", registrable_domain(urlsplit(url).netloc or ""))} - {""}
    names |= {name.removesuffix(_letters(name.rpartition(".")[2])) for name in list(names)}
    while match := _BEHIND.match(title):
        last = _letters(match[2])
        is_name = last in names or (len(last) > 3 and any(name.startswith(last) for name in names))
        if not is_name and not _DAY.fullmatch(match[2]):
            break
        title = match[1]
    return title.strip()


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _is_html(html: bytes, content_type: str | None) -> bool:
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind.startswith(("image/", "audio/", "video/", "font/")) or kind in (
        "application/pdf",
        "application/zip",
    ):
        return False
    beginning = html[:1024].lstrip()
    if not beginning or beginning.startswith(_NO_HTML):
        return False
    return b"\x00" not in beginning or beginning[:2] in (b"\xff\xfe", b"\xfe\xff") or b"<\x00" in beginning


def _in_short(source: str) -> Page:
    """Too large to be read well: its paragraphs as they stand, at a cost that only grows in proportion."""
    from lxml import html

    try:
        tree = html.fromstring(
            source[:MOST_CHARACTERS].encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8")
        )
        paragraphs = (" ".join(found.text_content().split()) for found in tree.iter("p"))
        text = "\n".join(paragraph for paragraph in paragraphs if paragraph)[:LONGEST_TEXT]
    except (ValueError, html.etree.LxmlError):  # no document in it
        text = ""
    return Page(title=_title(source), text=text, language=_language(source), defect="too large")


def _title(source: str) -> str:
    match = _TITLE.search(source[:_HEAD])
    return " ".join(unescape(match[1]).split()) if match else ""


def _language(source: str) -> str | None:
    head = source[:_HEAD]
    match = _LANGUAGE.search(head) or _META_LANGUAGE.search(head)
    return match[1].lower() if match else None


def _canonical(source: str, url: str) -> str | None:
    """What the page calls itself, if it can be so: of its own site, and not the front page."""
    tag = next((found[0] for found in _LINK.finditer(source[:_HEAD]) if _IS_CANONICAL.search(found[0])), "")
    match = _HREF.search(tag)
    absolute = join(url, unescape(match[1] or match[2])) if match else None
    if absolute is None or not is_http(url):
        return absolute
    itself, named = urlsplit(url), urlsplit(absolute)
    if named.path.strip("/") == "" and not named.query and itself.path.strip("/"):
        return None
    return absolute if registrable_domain(named.netloc) == registrable_domain(itself.netloc) else None


def _moment_of(source: str) -> datetime | None:
    """The moment that the page's metadata give, which is right more often than a day found in the text (on
    139 pages 4 of 4 where they differ)."""
    moments = filter(None, map(_moment, _published_texts(source)))
    return next((moment for moment in moments if moment.year >= 1990), None)


def _midnight(day: str | None) -> datetime | None:
    """trafilatura's day, at midnight UTC."""
    try:
        return datetime.fromisoformat(day[:10]).replace(tzinfo=UTC) if day else None
    except ValueError:
        return None


def _published_texts(source: str) -> Iterator[str]:
    for name in _PUBLISHED:
        at = source.find(name)
        while at >= 0:
            if match := _MOMENT.match(source, at + len(name)):
                yield match[1]
            at = source.find(name, at + len(name))


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace(" ", "T", 1).replace(" ", ""))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
