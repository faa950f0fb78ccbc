"""Matchers for tests: compiled once a term, with the tables of a few languages that are shared by all runs."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

from monitor.match import Matcher, compile
from monitor.model import Document, Watch, Watchlist

#: Shared by all test runs on a machine: a language's table takes seconds to build, and once built is the same.
CACHE_HOME = Path(tempfile.gettempdir()) / "news-monitor-test-tables"
CACHE = CACHE_HOME / "news-monitor"  # where commands look whose XDG_CACHE_HOME is CACHE_HOME

#: Languages whose tables are small enough to be built for a test run; the others are matched without a table.
TABLES = frozenset({"en", "fr", "uk"})


@lru_cache(maxsize=1024)
def matcher(*terms: str) -> Matcher:
    """A matcher with one watch a term."""
    watches = tuple(Watch(term, "test", any=(term,)) for term in terms)
    return compile([Watchlist("test", "test.yaml", watches)], cache=CACHE, tables=TABLES)


def found(term: str, text: str, language: str | None, title: str = "") -> list[str]:
    """What `term` finds, its offsets checked."""
    document = Document(title, text, language=language)
    evidence = [piece for hit in matcher(term).find(document) for piece in hit.evidence]
    for piece in evidence:
        assert getattr(document, piece.field)[piece.start : piece.end] == piece.text
    return [piece.text for piece in evidence]


def watching(**watch: object) -> Matcher:
    """A matcher with one watch, from its fields."""
    groups = watch.pop("groups", {})
    made = Watch("w", "test", where="test.yaml:3:5", **watch)  # type: ignore[arg-type]
    return compile([Watchlist("test", "test.yaml", (made,), groups)], cache=CACHE, tables=TABLES)  # type: ignore[arg-type]
