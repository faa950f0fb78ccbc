"""Proposals for watches: what would remove hits that readers marked wrong, and what a watch does not cover yet.

It proposes with evidence and changes nothing; it must not write, nor touch a watchlist's file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from monitor.model import Watchlist
from monitor.search import Outlets

Kind = Literal["none", "must_not_match", "form", "neighbour"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A line that may be added to a watch, with what it would have done in the time looked at.

    none: `text` is a term under `none:` that would have removed `wrong` marked hits and `others` that nobody marked,
    of which `right` were marked right. must_not_match: a sentence as a test. form, neighbour: `text` is a term under
    `any:` that is in `articles` articles, `new` of which the watch does not find.
    """

    watch: str
    watchlist: str
    kind: Kind
    text: str
    why: str
    wrong: int = 0
    right: int = 0
    others: int = 0
    articles: int = 0
    new: int = 0
    examples: tuple[tuple[str, str], ...] = ()  # (id, headline)


def suggest(
    connection: Connection,
    watchlists: Sequence[Watchlist],
    outlets: Outlets,
    now: datetime,
    *,
    only: Sequence[str] = (),
    days: int = 30,
) -> list[Suggestion]:
    """What could be added to the watches, best first within each watch."""
    raise NotImplementedError
