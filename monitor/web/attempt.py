"""What watchlists, or one expression, find in one text: the work of a worker process, since the text may be hostile.

It gives values; it must not fetch, read the store, or show anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.match import Matcher
from monitor.match import compile as compile_watches
from monitor.match.matcher import Verdict
from monitor.model import Document, Watch, Watchlist

#: What an expression that is tried is called.
NAME = "this expression"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The text as it was read, and each watch's verdict, those that are met first."""

    title: str
    text: str
    url: str
    language: str | None
    verdicts: tuple[Verdict, ...]


def edited(watchlists: Sequence[Watchlist], expression: str) -> Watchlist:
    """A watchlist of one watch, which may use the groups of all."""
    groups = {name: terms for watchlist in watchlists for name, terms in watchlist.terms.items()}
    return Watchlist(NAME, NAME, (Watch(name=NAME, watchlist=NAME, match=expression, where=NAME),), groups)


def judge(watchlists: Sequence[Watchlist], document: Document, cache: Path) -> Outcome:
    """Every watch on a text. Raises ConfigError for an expression that cannot be read."""
    return _judged(compile_watches(watchlists, cache=cache), document)


def judge_page(
    watchlists: Sequence[Watchlist], html: bytes, url: str, content_type: str | None, cache: Path
) -> Outcome:
    """Every watch on a page, read as an article is."""
    from monitor.extract import extract

    page = extract(html, url=url, content_type=content_type)
    document = Document(page.title or "", page.text or "", url, page.author or "", page.language)
    return _judged(compile_watches(watchlists, cache=cache), document)


def check(watchlists: Sequence[Watchlist], cache: Path) -> None:
    """Raises ConfigError for what cannot be read."""
    compile_watches(watchlists, cache=cache)


def _judged(matcher: Matcher, document: Document) -> Outcome:
    verdicts = sorted(matcher.explain(document), key=lambda verdict: not verdict.is_met)
    language = matcher.language(document)
    return Outcome(document.title, document.text, document.url, language, tuple(verdicts))
