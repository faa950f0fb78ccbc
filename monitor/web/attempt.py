"""What watchlists, or one expression, find in one text and in the archive: the work of a worker process of the page's
own, which may be stopped.

It gives values; it must not fetch, write, or show anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from monitor.archives import StoreArchive
from monitor.backtest import Audience, Change, ChannelResult, WatchResult, compare, run
from monitor.match import Matcher
from monitor.match import compile as compile_watches
from monitor.match.matcher import Verdict
from monitor.model import Document, Feed, Secret, Watch, Watchlist, all_groups
from monitor.search import Outlets, Results, question, search
from monitor.store import open_store

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


@dataclass(frozen=True, slots=True)
class Tested:
    """What an expression would have found and sent; `change` is what it does to the watch that it is an edit of."""

    since: datetime
    articles: int  # in that time
    watch: WatchResult
    channels: tuple[ChannelResult, ...]
    change: Change | None = None


#: How far back an expression is tried.
BACK = timedelta(days=30)


def back(
    store: Secret,
    watchlists: Sequence[Watchlist],
    expression: str,
    pair: tuple[str, str] | None,
    audience: Audience,
    feeds: Sequence[Feed],
    now: datetime,
) -> Tested:
    """The expression over the archive: by itself, or as an edit of the watch `pair` (watchlist, name)."""
    opened = open_store(store.reveal(), create=False)
    since = now - BACK
    try:
        archive = StoreArchive(opened, Outlets.of(feeds), since)
        if pair is None:
            alone = [edited(watchlists, expression)]
            outcome, change = run(archive, alone, audience, now, since=since), None
        else:
            after = [_with(watchlist, pair, expression) for watchlist in watchlists]
            both = compare(archive, watchlists, after, audience, now, only=["/".join(pair)], since=since)
            outcome, change = both.after, both.changes[0] if both.changes else None
    finally:
        opened.close()
    return Tested(since, outcome.articles, outcome.watches[0], outcome.channels, change)


@dataclass(frozen=True, slots=True)
class Question:
    """What the archive is asked, and the bounds of the answer."""

    query: str
    watchlists: Sequence[Watchlist]
    feeds: Sequence[Feed]
    limit: int
    before: int | None
    most: int  # candidates that are looked at


def seek(store: Secret, asked: Question) -> Results:
    """What a question finds in the archive. Raises InputError for one that cannot be read."""
    matcher = question(asked.query, asked.watchlists)
    opened = open_store(store.reveal(), create=False)
    try:
        with opened.read() as connection:
            outlets = Outlets.of(asked.feeds)
            return search(connection, matcher, outlets, limit=asked.limit, before=asked.before, most=asked.most)
    finally:
        opened.close()


def _with(watchlist: Watchlist, pair: tuple[str, str], expression: str) -> Watchlist:
    """The watchlist with the edited expression in place of the watch's own."""
    return replace(
        watchlist,
        watches=tuple(
            replace(watch, match=expression, all=(), any=(), none=(), must_match=(), must_not_match=())
            if (watchlist.name, watch.name) == pair
            else watch
            for watch in watchlist.watches
        ),
    )


def edited(watchlists: Sequence[Watchlist], expression: str) -> Watchlist:
    """A watchlist of one watch, which may use the groups of all."""
    groups = all_groups(watchlists)
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


def _judged(matcher: Matcher, document: Document) -> Outcome:
    verdicts = sorted(matcher.explain(document), key=lambda verdict: not verdict.is_met)
    language = matcher.language(document)
    return Outcome(document.title, document.text, document.url, language, tuple(verdicts))
