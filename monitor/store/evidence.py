"""What articles were found in, as it came: pages and entries, compressed, each version once, with their hashes.

It keeps and gives back bytes; it must not render them, nor decide what is worth keeping.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select

from monitor.shortid import encode
from monitor.store.feeds import insert_ignore
from monitor.store.schema import evidence

#: Bytes of a version that are kept; of a larger one only its hash and size are.
LARGEST = 10_000_000
#: Versions of one article that are kept.
MOST = 50
#: 3.5 ms a page and 5 % more bytes than at 6, which takes 6.4 ms.
_LEVEL = 4

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """Something an article was found in, ready to be kept; `packed` is its body, compressed."""

    kind: Literal["page", "entry"]
    url: str | None
    status: int | None
    headers: Headers
    sha256: str
    size: int
    packed: bytes | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of what was read. `has_body` is False where it was too large or was dropped by age."""

    id: int
    article_id: int
    kind: str  # page | entry
    seen_at: datetime
    url: str | None
    status: int | None
    headers: Headers
    sha256: str
    size: int
    has_body: bool


def of_page(
    body: bytes, *, url: str | None = None, status: int | None = None, headers: Sequence[tuple[str, str]] = ()
) -> Sight:
    """A page as it came."""
    return _sight("page", body, url, status, tuple(headers))


def of_entry(entry: dict[str, Any]) -> Sight:
    """What a feed said, as JSON of its values."""
    body = json.dumps(entry, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", "replace")
    return _sight("entry", body, entry.get("url"), None, ())


def _sight(kind: Literal["page", "entry"], body: bytes, url: str | None, status: int | None, headers: Headers) -> Sight:
    packed = zlib.compress(body, _LEVEL) if len(body) <= LARGEST else None
    return Sight(kind, url, status, headers, hashlib.sha256(body).hexdigest(), len(body), packed)


def keep(connection: Connection, article_id: int, sight: Sight, now: datetime) -> None:
    """Keep a version of what the article was found in; one that is kept already is not kept twice."""
    mine = select(func.count()).select_from(evidence).where(evidence.c.article_id == article_id)
    if connection.execute(mine).scalar_one() >= MOST:
        return
    values = {
        "article_id": article_id,
        "kind": sight.kind,
        "seen_at": now,
        "url": sight.url,
        "status": sight.status,
        "headers": [list(pair) for pair in sight.headers],
        "sha256": sight.sha256,
        "size": sight.size,
        "body": sight.packed,
    }
    connection.execute(insert_ignore(connection, evidence), values)


def versions(connection: Connection, article_id: int) -> list[Version]:
    """Every version of the article that was seen, oldest first, without bodies."""
    has_body = evidence.c.body.is_not(None).label("has_body")
    names = ("id", "article_id", "kind", "seen_at", "url", "status", "headers", "sha256", "size")
    query = select(*(evidence.c[name] for name in names), has_body).where(evidence.c.article_id == article_id)
    return [_version(row) for row in connection.execute(query.order_by(evidence.c.id))]


def download(connection: Connection, version_id: int) -> tuple[str, bytes] | None:
    """A safe name for a file, and the bytes as they came; None if they are not kept.

    To be sent as an attachment (application/octet-stream, nosniff), never rendered.
    """
    row = connection.execute(select(evidence).where(evidence.c.id == version_id)).first()
    if row is None or row.body is None:
        return None
    return file_name(row), zlib.decompress(row.body)


def file_name(version: Version | Row[Any]) -> str:
    """`N-7Q2K-20261122T140203Z-page.html`: nothing of it comes from outside."""
    ending = "html" if version.kind == "page" else "json"
    return f"{encode('N', version.article_id)}-{version.seen_at:%Y%m%dT%H%M%SZ}-{version.kind}-{version.id}.{ending}"


def _version(row: Any) -> Version:
    return Version(
        id=row.id,
        article_id=row.article_id,
        kind=row.kind,
        seen_at=row.seen_at,
        url=row.url,
        status=row.status,
        headers=tuple((name, value) for name, value in row.headers or ()),
        sha256=row.sha256,
        size=row.size,
        has_body=bool(row.has_body),
    )
