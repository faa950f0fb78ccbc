"""What articles were found in, as it came: pages and entries, compressed, each version once, with their hashes.

It keeps and gives back bytes; it must not render them, nor decide what is worth keeping.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Version:
    """One version of what was read. `body` is None where it was too large or was dropped by age."""

    id: int
    article_id: int
    kind: str  # page | entry
    seen_at: datetime
    url: str | None
    status: int | None
    headers: tuple[tuple[str, str], ...]
    sha256: str
    size: int
    has_body: bool


def versions(connection: Connection, article_id: int) -> list[Version]:
    """Every version of the article that was seen, oldest first, without bodies."""
    raise NotImplementedError


def download(connection: Connection, version_id: int) -> tuple[str, bytes] | None:
    """A safe name for a file, and the bytes as they came, to be sent as an attachment (application/octet-stream, nosniff)
    and never rendered; None if they are not kept."""
    raise NotImplementedError
