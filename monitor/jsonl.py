"""Articles as lines of JSON: `{"id","url","title","text","language"?,"published","feed"?,"author"?}`, read and written.

A line that is no article is named by its number and left out; nothing of a file is held but the line that is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

#: Bytes of one line; no news item is as long.
LONGEST = 10_000_000
#: Digits of a number that is read: Python takes long over millions of them.
_MOST_DIGITS = 400
#: No article is older, and none of a file is younger: reckoning with such dates fails.
_OLDEST, _YOUNGEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}\Z")


@dataclass(frozen=True, slots=True)
class Line:
    """An article of a file. `published` is aware UTC, None where the line gives none."""

    number: int
    id: str
    title: str
    text: str
    url: str | None = None
    author: str | None = None
    language: str | None = None
    published: datetime | None = None
    feed: str = ""


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that is no article, and why, in words."""

    number: int
    why: str


def read(file: IO[bytes]) -> Iterator[Line | Bad]:
    """The articles of a file, in its order; blank lines do not count."""
    number = 0
    while raw := file.readline(LONGEST + 1):
        number += 1
        if len(raw) > LONGEST:
            _skip_line(file, raw)
            yield Bad(number, f"longer than {LONGEST // 1_000_000} MB")
        elif raw.strip():
            try:
                yield _line(number, raw)
            except ValueError as error:
                yield Bad(number, str(error))


def _skip_line(file: IO[bytes], raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = file.readline(LONGEST)


def _line(number: int, raw: bytes) -> Line:
    """One article. Raises ValueError in words."""
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_int=_whole, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON in UTF-8") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    identity = value.get("id")
    if not isinstance(identity, str | int) or isinstance(identity, bool):
        raise ValueError("it has no 'id'")
    texts = {name: _text(value, name) for name in ("title", "text", "language", "url", "author", "feed")}
    if not texts["title"] and not texts["text"]:
        raise ValueError("it has neither 'title' nor 'text'")
    return Line(
        number=number,
        id=str(identity),
        title=texts["title"] or texts["text"][:120],
        text=texts["text"],
        url=texts["url"] or None,
        author=texts["author"] or None,
        language=_language(texts["language"]),
        published=_possible(moment(value.get("published"))),
        feed=texts["feed"],
    )


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError("a number of too many digits")
    return int(digits)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name) or ""
    if name == "feed" and isinstance(found, dict):  # as webhooks give it
        found = found.get("name") or ""
    if not isinstance(found, str):
        raise ValueError(f"'{name}' is no text")
    return found.encode("utf-8", "replace").decode().replace("\0", "") if "\0" in found or _is_odd(found) else found


def _is_odd(text: str) -> bool:
    """Whether half of a surrogate pair is in it, which no database takes."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _language(text: str) -> str | None:
    """A language's code; None, as if the line gave none, for anything else."""
    clean = text.strip().replace("_", "-")
    return clean if _LANGUAGE.match(clean) else None


def _possible(date: datetime | None) -> datetime | None:
    """None for a date that cannot be, as of a feed's entry."""
    return date if date is not None and _OLDEST <= date <= _YOUNGEST else None


def moment(published: object) -> datetime | None:
    """An ISO 8601 time, or seconds or milliseconds since 1970; without a zone it is UTC. Raises ValueError in words."""
    if published is None or published == "":
        return None
    try:
        if isinstance(published, bool):
            raise ValueError("no time")
        if isinstance(published, int | float):
            return datetime.fromtimestamp(published / 1000 if abs(published) > 1e11 else published, UTC)
        found = datetime.fromisoformat(str(published))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"'published' is no time: {str(published)[:40]!r}; write 2026-11-22T15:30:00Z") from error


def written(values: Mapping[str, Any]) -> str:
    """One line, with its end; what is None is left out, times are ISO 8601."""
    known = {key: _plain(value) for key, value in values.items() if value is not None}
    return json.dumps(known, ensure_ascii=False) + "\n"


def _plain(value: object) -> object:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
