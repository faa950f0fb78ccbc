"""JSON Feed 1.0 and 1.1 (jsonfeed.org).

It believes nothing about types: any value may be of any kind, and what is not of the right kind is left out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from monitor.errors import ParseFailed
from monitor.parse.dates import from_any
from monitor.parse.draft import Draft, language
from monitor.parse.head import Head
from monitor.parse.text import line
from monitor.urls import join


@dataclass(frozen=True, slots=True)
class JsonFeed:
    """A JSON feed's own facts and its items."""

    head: Head
    drafts: list[Draft] = field(default_factory=list)


def read_json(text: str, url: str) -> JsonFeed:
    """The items of a JSON Feed. Raises ParseFailed for other or broken JSON."""
    try:
        data = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseFailed(f"is broken JSON ({_reason(error)})") from error
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        raise ParseFailed("is JSON, but not a JSON Feed (it has no list of items)")
    drafts = [_draft(item) for item in data["items"] if isinstance(item, dict)]
    return JsonFeed(_head(data, url), drafts)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, ValueError) else "nested too deeply"


def _head(data: dict[str, Any], url: str) -> Head:
    hubs = [hub for hub in _list(data, "hubs") if isinstance(hub, dict)]
    websub = next((hub for hub in hubs if _text(hub, "type").lower() == "websub"), {})
    return Head(
        title=line(_text(data, "title")),
        kind="json",
        link=join(url, _text(data, "home_page_url")),
        language=language(_text(data, "language")),
        hub=join(url, _text(websub, "url")),
        self_url=join(url, _text(data, "feed_url")),
        next_page=join(url, _text(data, "next_url")),
    )


def _draft(item: dict[str, Any]) -> Draft:
    html, plain = _text(item, "content_html"), _text(item, "content_text")
    link = _text(item, "url") or _text(item, "external_url")
    return Draft(
        guid=_text(item, "id") or None,
        link=link or None,
        title=_text(item, "title"),
        is_title_plain=True,
        summary=_text(item, "summary"),
        is_summary_plain=True,
        content=html or plain,
        is_content_plain=not html,
        author=_author(item),
        published=from_any(_text(item, "date_published")),
        updated=from_any(_text(item, "date_modified")),
        language=_text(item, "language") or None,
        tags=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
    )


def _author(item: dict[str, Any]) -> str | None:
    people = [*_list(item, "authors"), item.get("author")]
    names = [_text(person, "name") for person in people if isinstance(person, dict)]
    return ", ".join(dict.fromkeys(filter(None, names[:20]))) or None


def _text(data: dict[str, Any], key: str) -> str:
    """A string; numbers (ids are often) as written; anything else is nothing."""
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # Escaped lone surrogates are legal JSON and no text.
    return str(value).encode("utf-8", "ignore").decode("utf-8")


def _list(data: dict[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    return value if isinstance(value, list) else []
