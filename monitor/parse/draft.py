"""An item as a reader of one format found it, and how it becomes an Entry: cleaned, capped, absolute,
unwrapped.

Every format ends here, so that all of them store the same; it must not know which format an item came from.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from monitor.edits import digest
from monitor.model import Entry
from monitor.parse.text import MAX_LINE, first_sentence, line, paragraphs
from monitor.urls import canonical, is_http, join

MAX_TAGS = 50
MAX_ID = 2_000
MAX_URL = 4_000
_MAIL = re.compile(r"[^\s<>()\[\],;\"]+@[^\s<>()\[\],;\"]+")
_EMPTY_BRACKETS = re.compile(r"[(<\[]\s*(?:mailto:)?\s*[)>\]]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*\Z")


@dataclass(slots=True)
class Draft:
    """An item in its feed's own words: mark-up not yet stripped, links not yet absolute."""

    guid: str | None = None
    link: str | None = None
    title: str = ""
    is_title_plain: bool = False
    summary: str = ""
    is_summary_plain: bool = False
    content: str = ""
    is_content_plain: bool = False
    author: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    source: str | None = None


def finish(draft: Draft, base: str, feed_language: str | None = None) -> Entry:
    """The entry, without identities yet. `base` is what relative links are relative to."""
    # An id that is an address is better than none, whatever isPermaLink says.
    url = article_url(draft.link, base) or (article_url(draft.guid, base) if is_http(draft.guid) else None)
    summary = paragraphs(draft.summary, is_plain=draft.is_summary_plain)
    content = paragraphs(draft.content, is_plain=draft.is_content_plain)
    source = line(draft.source) or None
    spoken = language(draft.language)
    title = _title(draft, url, summary or content, source)
    summary = "" if _begins(content, summary) else summary
    return Entry(
        identities=(),
        url=url,
        title=title,
        guid=short_id(draft.guid),
        author=author(draft.author),
        published=draft.published or draft.updated,
        updated=draft.updated if draft.published and draft.updated != draft.published else None,
        language=spoken if spoken != feed_language else None,
        summary=summary,
        content=content,
        tags=clean_tags(draft.tags),
        source=source,
        canonical_url=canonical(url) if url else None,
        words=digest(title, summary, content),
    )


def _begins(content: str, summary: str) -> bool:
    """Whether the summary is but the content's beginning, white space aside: it adds nothing then."""
    if not content or not summary or content[0] != summary[0]:
        return False
    return "".join(content[: 3 * len(summary)].split()).startswith("".join(summary.split()))


def _title(draft: Draft, url: str | None, text: str, source: str | None) -> str:
    title = line(draft.title, is_plain=draft.is_title_plain)
    if title and source and url and "news.google." in url and _host(url).startswith("news.google."):
        title = title.removesuffix(f" - {source}").rstrip() or title
    return title or line(first_sentence(text)) or url or line(draft.guid) or "(untitled)"


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def article_url(link: str | None, base: str) -> str | None:
    """The absolute http(s) address of an item, unwrapped where a redirect carries it in plain sight; else
    None."""
    absolute = join(base, link)
    if absolute is None or len(absolute) > MAX_URL:
        return None
    return _unwrapped(absolute) or absolute


def _unwrapped(url: str) -> str | None:
    """What Google Alerts and Bing News links lead to; their redirectors name it in the query."""
    if "/url?" not in url and "apiclick.aspx?" not in url:
        return None
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not (re.match(r"(?:www\.)?google\.", host) or host.endswith("bing.com")):
        return None
    values = parse_qs(parts.query)
    targets = [target for name in ("url", "q") for target in values.get(name, ())]
    return next(filter(is_http, targets), None)


def short_id(guid: str | None) -> str | None:
    """An id as given, white space at the ends and control characters aside; over 2,000 characters its
    hash."""
    if not guid:
        return None
    clean = guid.strip()
    if not clean.isprintable():
        clean = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", "", clean).strip()
    if len(clean) > MAX_ID:
        return "blake2b:" + hashlib.blake2b(clean.encode(), digest_size=16).hexdigest()
    return clean or None


def author(value: str | None) -> str | None:
    """A person's name without the mail address that RSS puts beside it; the address alone if there is no
    name."""
    text = line(value)
    if "@" not in text:
        return text or None
    name = _EMPTY_BRACKETS.sub("", _MAIL.sub("", text)).strip(" ,;:-")
    name = name[1:-1].strip() if name.startswith("(") and name.endswith(")") else name
    return name or text or None


def language(tag: str | None) -> str | None:
    """A BCP 47 tag in its usual case (`en-GB`), None for what is none."""
    clean = (tag or "").strip().replace("_", "-")
    if not _LANGUAGE.match(clean) or clean.lower() in ("und", "mul", "zxx"):
        return None
    head, *rest = clean.split("-")
    return "-".join([head.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def clean_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """At most 50 different tags, each a line."""
    cleaned = (line(tag[:MAX_LINE]) for tag in tags[: 10 * MAX_TAGS])
    return tuple(dict.fromkeys(tag for tag in cleaned if tag))[:MAX_TAGS]
