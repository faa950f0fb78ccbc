"""Where a backtest's articles come from: the store, by way of its index, or a file of JSON lines.

Every candidate is looked at by the matcher, in several processes where there are many; nothing is decided here.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import IO, TypeVar

from monitor import stories
from monitor.backtest import Article, Progress, Seen
from monitor.jsonl import Bad, Line, read
from monitor.match import Matcher
from monitor.model import Document, Hit, Secret
from monitor.search import Outlets, candidates, document_of, outlet_of
from monitor.shortid import encode
from monitor.store import Store, archive, open_store
from monitor.store import search as index
from monitor.store.archive import Archived

PART = 200  # articles that one process looks at before it says what it found
WORTH_PROCESSES = 2000  # fewer are looked at before processes would be ready
EVIDENCE = 3  # pieces of each hit that are kept to be shown

Part = TypeVar("Part")


@dataclass(slots=True)
class StoreArchive:
    """The archive of a store from `since` on. `processes`: more than one only where no other thread runs."""

    store: Store
    outlets: Outlets
    since: datetime | None = None
    processes: int = 1
    articles: int = 0
    looked_at: int = 0

    def find(self, matcher: Matcher, progress: Progress) -> Iterator[Seen]:
        """What `matcher` finds, in any order."""
        with self.store.read() as connection:
            first = archive.first_since(connection, self.since) if self.since else 0
            self.articles = archive.count(connection, first)
            languages = index.languages(connection)
        matcher = matcher.with_tables(languages)  # which may take longer than a server lets a transaction be idle
        with self.store.read() as connection:
            ids = candidates(connection, matcher, since=self.since)
        self.looked_at = len(ids)
        _get_ready(matcher, languages if len(ids) >= WORTH_PROCESSES else ())
        ids.sort()
        parts = [ids[start : start + PART] for start in range(0, len(ids), PART)]
        look = _Look(matcher, self.outlets, self.since, self.store.address)
        many = self.processes if len(ids) >= WORTH_PROCESSES else 1
        for number, found in enumerate(_mapped(look, parts, many, self.store), 1):
            progress(min(number * PART, len(ids)), len(ids))
            yield from found


def _get_ready(matcher: Matcher, languages: Iterable[str]) -> None:
    """Compile once for all processes that are about to be forked."""
    for language in languages:
        matcher.find(Document("", "x", language=language))


@dataclass(frozen=True, slots=True)
class _Look:
    """What one process does with a part of the articles."""

    matcher: Matcher
    outlets: Outlets
    since: datetime | None
    address: Secret

    def at(self, store: Store, ids: Sequence[int]) -> list[Seen]:
        with store.read() as connection:
            found = archive.load(connection, ids)
        articles = (_article(one, self.outlets) for one in found)
        seen = (examined(self.matcher, one) for one in articles if self.since is None or one.at >= self.since)
        return [one for one in seen if one is not None]


@dataclass(slots=True)
class _Process:
    """What a forked process works with; its parent gives it all but the store, whose connections none may share.

    The store is opened with the first part: a process that fails before is started anew, and again, without a word.
    """

    look: _Look | None = None
    store: Store | None = None
    matcher: Matcher | None = None

    def begin(self, look: _Look | None, matcher: Matcher | None) -> None:
        self.look, self.matcher = look, matcher

    def found(self, ids: Sequence[int]) -> list[Seen]:
        assert self.look is not None
        self.store = self.store or open_store(self.look.address.reveal(), create=False)
        return self.look.at(self.store, ids)


_mine = _Process()


def _mapped(look: _Look, parts: Sequence[Sequence[int]], processes: int, store: Store) -> Iterator[list[Seen]]:
    if processes < 2:
        yield from (look.at(store, part) for part in parts)
        return
    with multiprocessing.get_context("fork").Pool(processes, _mine.begin, (look, None)) as pool:
        yield from pool.imap_unordered(_of_store, parts)


def _of_store(ids: Sequence[int]) -> list[Seen]:
    return _mine.found(ids)


def _article(archived: Archived, outlets: Outlets) -> Article:
    """What a first poll or an import brought would have come in when it was published."""
    at = archived.first_seen
    if archived.is_first_look and archived.published is not None:
        at = min(at, archived.published)
    return Article(
        key=encode("N", archived.id),
        document=document_of(archived, outlets),
        at=at,
        published=archived.published,
        outlet=outlet_of(archived, outlets),
        feed_url=archived.feed_url,
        story=str(archived.story_id) if archived.story_id is not None else None,
        relation=archived.relation,
    )


def examined(matcher: Matcher, article: Article) -> Seen | None:
    """What `matcher` finds in an article, without its text; None if that is nothing."""
    hits = tuple(_trimmed(hit) for hit in matcher.find(article.document))
    if not hits:
        return None
    document = article.document
    print_ = None
    if article.story is None:
        print_ = stories.fingerprint(document.title, document.text, document.language)
    return Seen(replace(article, document=replace(document, text="")), hits, print_)


def _trimmed(hit: Hit) -> Hit:
    """One piece of evidence of each term first, then others: what people are shown."""
    first = {piece.term: piece for piece in reversed(hit.evidence)}
    chosen = [*reversed(first.values()), *(piece for piece in hit.evidence if first[piece.term] is not piece)]
    return replace(hit, evidence=tuple(chosen[: max(EVIDENCE, len(first))]))


# ------------------------------------------------------------------------------------------------------- a file


@dataclass(slots=True)
class FileArchive:
    """The articles of an open file of JSON lines. `on_bad` hears of lines that are no article."""

    file: IO[bytes]
    since: datetime | None = None
    processes: int = 1
    on_bad: Callable[[Bad], None] = lambda bad: None
    articles: int = 0
    looked_at: int = 0
    _before: datetime = field(default=datetime(1970, 1, 1, tzinfo=UTC))

    def find(self, matcher: Matcher, progress: Progress) -> Iterator[Seen]:
        """What `matcher` finds, in any order."""
        self.file.seek(0)
        self.articles = 0
        lines = self._lines()
        parts = iter(lambda: list(islice(lines, PART)), [])
        for found in _mapped_lines(matcher, parts, self.processes):
            progress(self.articles, 0)
            yield from found
        self.looked_at = self.articles

    def _lines(self) -> Iterator[Article]:
        for line in read(self.file):
            if isinstance(line, Bad):
                self.on_bad(line)
                continue
            article = self._article(line)
            if self.since is None or article.at >= self.since:
                self.articles += 1
                yield article

    def _article(self, line: Line) -> Article:
        """One without a date counts as published with the one before it."""
        self._before = line.published or self._before
        document = Document(line.title, line.text, line.url or "", line.author or "", line.language, line.feed)
        return Article(line.id, document, self._before, line.published, line.feed)


def _mapped_lines(matcher: Matcher, parts: Iterator[list[Article]], processes: int) -> Iterator[list[Seen]]:
    first = list(islice(parts, WORTH_PROCESSES // PART))
    yield from (_find_all(part, matcher) for part in first)
    if processes < 2 or len(first) < WORTH_PROCESSES // PART:
        yield from (_find_all(part, matcher) for part in parts)
        return
    gate = threading.Semaphore(2 * processes)  # the pool would read the whole file at once
    with multiprocessing.get_context("fork").Pool(processes, _mine.begin, (None, matcher)) as pool:
        for found in pool.imap_unordered(_of_file, _gated(gate, parts)):
            gate.release()
            yield found


def _gated(gate: threading.Semaphore, parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        gate.acquire()
        yield part


def _of_file(articles: Sequence[Article]) -> list[Seen]:
    assert _mine.matcher is not None
    return _find_all(articles, _mine.matcher)


def _find_all(articles: Sequence[Article], matcher: Matcher) -> list[Seen]:
    return [seen for one in articles if (seen := examined(matcher, one)) is not None]
