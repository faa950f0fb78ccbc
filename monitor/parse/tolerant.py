"""The way of every other feed: feedparser, the reference, which reads what no XML parser would.

It is given bytes in UTF-8 without prolog, never a path, an address or an entity declaration.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

from monitor.errors import ParseFailed
from monitor.parse.dates import from_any, from_struct
from monitor.parse.draft import Draft

#: More than this in one run of text is cut before feedparser, which needs seconds for a megabyte.
_MAX_RUN = 1_000_000
_LONG_RUN = re.compile(
    rf"(<!\[CDATA\[(?:(?!\]\]>).){{{_MAX_RUN}}})(?:(?!\]\]>).)*|(>[^<]{{{_MAX_RUN}}})[^<]*", re.DOTALL
)
_PLAIN = ("text/plain", "text")


@dataclass(frozen=True, slots=True)
class Tolerant:
    """What feedparser found; `version` is "" where it saw no feed at all."""

    drafts: list[Draft]
    version: str = ""
    title: str = ""
    link: str | None = None
    language: str | None = None
    is_broken: bool = False


def read_any(text: str) -> Tolerant:
    """The items of any XML feed, broken ones too. Raises ParseFailed when feedparser itself breaks on it."""
    import feedparser

    if len(text) > _MAX_RUN:
        text = _LONG_RUN.sub(r"\1\2", text)
    # feedparser takes a picture's description for the article's content; under another name it stays apart.
    text = text.replace("media:description", "media:caption")
    try:
        found = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
        is_atom = str(found.get("version")).startswith("atom")
        drafts = [_draft(entry, is_atom=is_atom) for entry in found.entries]
    except Exception as error:  # feedparser raises whatever its regular expressions and tables trip over
        raise ParseFailed(f"cannot be read ({type(error).__name__})") from error
    feed = found.feed
    return Tolerant(
        drafts=drafts,
        version=found.get("version") or "",
        title=str(feed.get("title") or ""),
        link=feed.get("link"),
        language=feed.get("language"),
        is_broken=bool(found.get("bozo")),
    )


def _draft(entry: Any, *, is_atom: bool) -> Draft:
    """Only Atom's content types can be believed; RSS has none, and feedparser fills them in."""
    content, summary = _texts(entry, is_atom=is_atom)
    title, is_title_plain = _detail(entry, "title")
    return Draft(
        guid=entry.get("id"),
        link=_link(entry),
        title=title,
        is_title_plain=is_title_plain and is_atom,
        summary=summary[0],
        is_summary_plain=summary[1] and is_atom,
        content=content[0],
        is_content_plain=content[1],
        author=_author(entry),
        published=_date(entry, "published") or _date(entry, "created"),
        updated=_date(entry, "updated"),
        language=_language(entry),
        tags=tuple(str(tag.get("term") or tag.get("label") or "") for tag in _own_tags(entry)),
        source=(entry.get("source") or {}).get("title"),
    )


def _detail(entry: Any, name: str) -> tuple[str, bool]:
    """A text and whether it is plain. A summary without detail is feedparser's copy of the content."""
    detail = entry.get(f"{name}_detail")
    if detail is None:
        return ("" if name == "summary" else str(entry.get(name) or "")), False
    return str(detail.get("value") or ""), detail.get("type") in _PLAIN


def _texts(entry: Any, *, is_atom: bool) -> tuple[tuple[str, bool], tuple[str, bool]]:
    """(content, summary), each with whether it is plain. In RSS only mark-up is content (content:encoded);
    plain parts are a podcast's summary."""
    parts, summary = entry.get("content") or [], _detail(entry, "summary")
    if not is_atom:
        spoken = next((part for part in parts if part.get("type") in _PLAIN), None)
        parts = [part for part in parts if part.get("type") not in _PLAIN]
        if spoken is not None and not summary[0].strip():
            summary = (str(spoken.get("value") or ""), False)
    best = max(parts, key=lambda part: len(part.get("value") or ""), default=None)
    content = (str(best.get("value") or ""), best.get("type") in _PLAIN) if best is not None else ("", False)
    if not (content[0] or summary[0]):
        summary = (str(entry.get("media_caption") or ""), False)
    return content, summary


def _link(entry: Any) -> str | None:
    """feedburner's original link, the alternate, the link; not the entry's own address, its comments or a
    file."""
    original = entry.get("feedburner_origlink")
    if original:
        return str(original)
    links = [link for link in entry.get("links") or () if link.get("rel") == "alternate" and link.get("href")]
    links.sort(key=lambda link: link.get("type") not in (None, "text/html"))
    chosen = links[0]["href"] if links else None
    is_other = any(link.get("href") == entry.get("link") for link in entry.get("links") or ())
    return chosen or (None if is_other else entry.get("link"))


def _author(entry: Any) -> str | None:
    people = entry.get("authors") or []
    names = [person.get("name") for person in people[:20] if person.get("name")]
    return ", ".join(dict.fromkeys(names)) or entry.get("author")


def _date(entry: Any, name: str) -> Any:
    # dict.get: FeedParserDict.get answers "updated" with "published" and warns.
    return from_struct(dict.get(entry, f"{name}_parsed")) or from_any(dict.get(entry, name))


def _language(entry: Any) -> str | None:
    details = [*(entry.get("content") or ()), entry.get("summary_detail"), entry.get("title_detail")]
    tags = [entry.get("language"), *(detail.get("language") for detail in details if detail)]
    return next((tag for tag in tags if tag), None)


def _own_tags(entry: Any) -> list[Any]:
    return [tag for tag in entry.get("tags") or () if "itunes" not in str(tag.get("scheme") or "")]
