"""The matcher that everything else asks: what is found, why, why not, and what the watchlists' own tests say.

It compiles and hands on; the finding is in finder.py, the boolean part in evaluate.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import Problem
from monitor.model import Document, Evidence, Hit, Watchlist


@dataclass(frozen=True, slots=True)
class Verdict:
    """One clause of a watch, judged on one document. `reason` says in words why (not); children are its parts."""

    clause: str
    is_met: bool
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    children: tuple[Verdict, ...] = ()
    watch: str = ""  # at the top only
    watchlist: str = ""


class Matcher:
    """All watches of all watchlists. Picklable; deterministic; safe to use in several processes."""

    def find(self, document: Document) -> tuple[Hit, ...]:
        """Every watch that is met, in the order of the watchlists, with at most 20 pieces of evidence a term."""
        raise NotImplementedError

    def explain(self, document: Document) -> tuple[Verdict, ...]:
        """Every watch, met or not, clause by clause."""
        raise NotImplementedError

    def language(self, document: Document) -> str | None:
        """The language that `document` is read in: detected where none is given."""
        raise NotImplementedError

    def failures(self) -> list[Problem]:
        """Every `must_match` that is not found and every `must_not_match` that is."""
        raise NotImplementedError

    def warnings(self, languages: Mapping[str, int] | Iterable[str] = ()) -> list[Problem]:
        """Terms that would flood, precedence traps, and which of the feeds' languages (code -> number of feeds)
        a watch has no word for."""
        raise NotImplementedError

    def forms(self, term: str, languages: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
        """The forms in which `term` is found, by language; key "" holds what counts in every language."""
        raise NotImplementedError


def compile(watchlists: Sequence[Watchlist], *, cache: Path | None = None) -> Matcher:
    """One matcher for all `watchlists`. Raises ConfigError with every problem, at file:line:column.

    `cache` is the folder of the tables of forms; default $XDG_CACHE_HOME/news-monitor or ~/.cache/news-monitor.
    """
    raise NotImplementedError
