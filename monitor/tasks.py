"""The work that worker processes do: parse a feed; read, match and fingerprint articles.

Plain functions of picklable values, so that a process that dies can be replaced; they see no store and no network.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from monitor.language.indexing import ToIndex, Words
from monitor.match import Matcher
from monitor.match import compile as compile_watches
from monitor.model import Document, Entry, Hit, Miss, ParsedFeed, Reading, ReadMode

#: What workers need, imported once for all of them: a process is then ready in milliseconds.
PRELOAD = (
    "monitor.tasks",
    "monitor.parse",
    "monitor.extract",
    "monitor.language",
    "monitor.stories",
    "feedparser",
    "trafilatura",
)


@dataclass(frozen=True, slots=True)
class Watches:
    """The watchlists in force: `file` holds them pickled by this service, `version` names their content.

    `cache` is the folder of the tables of word forms.
    """

    version: str
    file: Path
    cache: Path


@dataclass(frozen=True, slots=True)
class Job:
    """An article to study. `body` is its page if it was fetched; `refusal` says why not; `reading` is a twin's."""

    entry: Entry
    feed_name: str
    feed_tags: frozenset[str]
    mode: ReadMode
    language: str | None = None
    body: bytes | None = None
    url: str = ""
    content_type: str | None = None
    refusal: str = ""
    reading: Reading | None = None
    is_bare: bool = False  # the last attempt: its headline alone
    status: int | None = None  # of the page, with its headers: kept as evidence
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Studied:
    """What was read and found, under which version of the watchlists."""

    version: str
    reading: Reading
    language: str | None
    hits: tuple[Hit, ...]
    fingerprint: bytes
    keys: tuple[int, ...]
    misses: tuple[Miss, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """Languages whose tables of word forms have to be built before their articles can be matched."""

    languages: tuple[str, ...]


def parse(body: bytes, url: str, content_type: str | None) -> ParsedFeed:
    """A feed document; raises ParseFailed."""
    from monitor.parse import parse_feed

    return parse_feed(body, url=url, content_type=content_type)


def parse_each(documents: Sequence[tuple[bytes, str, str | None]]) -> list[ParsedFeed | Exception]:
    """Several documents as `parse` takes them; one that fails costs no other."""
    return [_attempted(document) for document in documents]


def _attempted(document: tuple[bytes, str, str | None]) -> ParsedFeed | Exception:
    try:
        return parse(*document)
    except Exception as error:
        return error


def study(jobs: Sequence[Job], watches: Watches, *, can_wait: bool = False) -> list[Studied] | Missing:
    """Read, match and fingerprint articles, in the order given.

    `Missing` where a language is met whose table of word forms would first have to be built; with `can_wait` it is
    built on the way.
    """
    from monitor.language import languages_in
    from monitor.language.tables import is_ready

    documents = [_Draft(job, job.reading or _read(job)) for job in jobs]
    if not can_wait:
        met = {code for one in documents for code in languages_in(one.whole, one.hint)}
        if missing := tuple(sorted(code for code in met if not is_ready(code, watches.cache))):
            return Missing(missing)
    matcher = _matcher(watches)
    return [_study(one, matcher, watches.version) for one in documents]


def index(batch: Sequence[ToIndex]) -> list[Words]:
    """The words that articles are to be found by in the archive."""
    from monitor.language.indexing import words_of

    return [words_of(one) for one in batch]


def build_table(language: str, cache: Path) -> None:
    """Build the table of a language's word forms, which takes up to half a minute, once an installation."""
    from monitor.language.tables import table

    table(language, cache)


@dataclass(frozen=True, slots=True)
class _Draft:
    """An article's reading on its way to the matcher."""

    job: Job
    reading: Reading

    @property
    def hint(self) -> str | None:
        return self.reading.language or self.job.entry.language or self.job.language

    @property
    def whole(self) -> str:
        return f"{self.reading.title}\n{self.reading.text}"


def _study(draft: _Draft, matcher: Matcher, version: str) -> Studied:
    from monitor.language import detect
    from monitor.stories import fingerprint

    job, reading = draft.job, draft.reading
    language = detect(draft.whole, draft.hint)
    document = Document(
        title=reading.title,
        text=reading.text,
        url=job.entry.url or "",
        author=reading.author or "",
        language=language,
        feed=job.feed_name,
        tags=job.feed_tags,
    )
    print_ = fingerprint(reading.title, reading.text, language)
    hits, misses = matcher.judge(document)
    return Studied(version, reading, language, hits, print_.to_bytes(), print_.keys, misses)


def _read(job: Job) -> Reading:
    from monitor.extract import choose, extract

    page = extract(job.body, url=job.url, content_type=job.content_type) if job.body is not None else None
    return choose(job.entry, page, job.refusal, job.mode)


@lru_cache(maxsize=2)
def _matcher(watches: Watches) -> Matcher:
    """Compiled once a process and version; the file was written by this service, in its own folder."""
    return compile_watches(pickle.loads(watches.file.read_bytes()), cache=watches.cache)  # noqa: S301


def find(documents: Sequence[Document], watches: Watches, wanted: frozenset[tuple[str, str]]) -> list[tuple[Hit, ...]]:
    """What these watches (watchlist, name) find in each document."""
    matcher = _matcher(watches)
    return [
        tuple(hit for hit in matcher.find(document) if (hit.watchlist, hit.watch) in wanted) for document in documents
    ]
