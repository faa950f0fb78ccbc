"""The whole way of an article, from the poll that first showed it to each delivery attempt, each with its reason.

It reads rows that others wrote and puts them in order; it must not decide, write or fetch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from monitor.match import Matcher
from monitor.match.matcher import Verdict
from monitor.search import Outlets


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, or did not. `what` is one of polled, seen, read, edited, found, marked, grouped,
    decided, told, tried, kept, stood in the way."""

    what: str
    said: str
    at: datetime | None = None
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """`verdict` is one sentence; `article` is None for what was never seen."""

    subject: str
    verdict: str
    steps: tuple[Step, ...]
    article_id: int | None = None
    id: str | None = None  # N-…
    title: str = ""
    url: str | None = None
    outlet: str = ""
    watches: tuple[Verdict, ...] = ()  # what the watchlists in force say of it now, with `matcher`
    versions: int = 0  # of evidence


def explain(
    connection: Connection, what: str, outlets: Outlets, now: datetime, matcher: Matcher | None = None
) -> Explanation:
    """The way of `what`: an article's id (N-…), an alert's (A-…), a story's (S-…) or an address, seen or not.

    Raises InputError for what is none of these.
    """
    raise NotImplementedError


def find_article(connection: Connection, what: str) -> int | None:
    """The article that an id or an address means, None for one never seen. Raises InputError for neither."""
    raise NotImplementedError
