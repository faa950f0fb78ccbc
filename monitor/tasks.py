"""The work that worker processes do: parse a feed; read, match and fingerprint articles.

Plain functions of picklable values, so that a process that dies can be replaced; they see no store and no network.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from monitor.match import Matcher
from monitor.match import compile as compile_watches
from monitor.model import Document, Entry, Hit, ParsedFeed, Reading, ReadMode


@dataclass(frozen=True, slots=True)
class Watches:
    """The watchlists in force: `file` holds them pickled by this service, `version` names their content."""

    version: str
    file: Path


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


@dataclass(frozen=True, slots=True)
class Studied:
    """What was read and found, under which version of the watchlists."""

    version: str
    reading: Reading
    language: str | None
    hits: tuple[Hit, ...]
    fingerprint: bytes
    keys: tuple[int, ...]


def parse(body: bytes, url: str, content_type: str | None) -> ParsedFeed:
    """A feed document; raises ParseFailed."""
    from monitor.parse import parse_feed

    return parse_feed(body, url=url, content_type=content_type)


def study(jobs: Sequence[Job], watches: Watches) -> list[Studied]:
    """Read, match and fingerprint articles, in the order given."""
    matcher = _matcher(watches.version, watches.file)
    return [_study(job, matcher, watches.version) for job in jobs]


def _study(job: Job, matcher: Matcher, version: str) -> Studied:
    from monitor.language import detect
    from monitor.stories import fingerprint

    reading = job.reading or _read(job)
    hint = reading.language or job.entry.language or job.language
    language = detect(f"{reading.title}\n{reading.text}", hint)
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
    return Studied(version, reading, language, matcher.find(document), print_.to_bytes(), print_.keys)


def _read(job: Job) -> Reading:
    from monitor.extract import choose, extract

    page = extract(job.body, url=job.url, content_type=job.content_type) if job.body is not None else None
    return choose(job.entry, page, job.refusal, job.mode)


@lru_cache(maxsize=2)
def _matcher(version: str, file: Path) -> Matcher:
    """Compiled once a process and version; the file was written by this service, in its own folder."""
    return compile_watches(pickle.loads(file.read_bytes()))  # noqa: S301
