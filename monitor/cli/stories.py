"""`monitor stories`: which articles belong to one story; with --archive, for a file of articles without a
store.

It must not decide what a story is; `monitor.stories` does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO

import click

from monitor.cli.opening import opened, print_json
from monitor.cli.options import Duration, common
from monitor.errors import InputError


@dataclass(frozen=True, slots=True)
class _Line:
    id: str | int
    title: str
    text: str
    language: str | None
    published: datetime


@click.command()
@click.option("--archive", metavar="FILE.jsonl", help="Group the articles of a file; '-' is standard input.")
@click.option("--since", type=Duration(), default="7d", show_default=True, help="How far back: 12h, 7d.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@common
def command(archive: str | None, since: timedelta, limit: int, config: str | None, as_json: bool) -> None:
    """Stories in which a watch was found, newest first, with their articles.

    --archive groups a file of {"id","url","title","text","language"?,"published"} lines, in order of
    `published`, and prints {"id","story"} lines; it needs neither configuration nor store.
    """
    if archive is None:
        _list(config, since, limit, as_json=as_json)
        return
    try:
        with click.open_file(archive, "rb") as file:
            _group(file, "standard input" if archive == "-" else archive)
    except OSError as error:
        raise InputError(f"{archive}: {error.strerror}; name a file of JSON lines, or '-'") from error


def _list(config: str | None, since: timedelta, limit: int, *, as_json: bool) -> None:
    from monitor.store import stories

    with opened(config) as here, here.store.read() as connection:
        found = stories.listing(connection, datetime.now(UTC) - since, limit, here.name)
        for story in found:
            if as_json:
                print_json(story)
                continue
            click.echo(f"{story['id']}  {here.local(story['first_seen'])}  {story['title']}")
            for article in story["articles"]:
                click.echo(f"    {article['feed']}: {article['title']}  {article['url'] or ''}")
    if not found and not as_json:
        click.echo("no story with a match in this time")


def _group(file: IO[bytes], name: str) -> None:
    """Print each article's story, in the order of the file; articles are placed in order of time."""
    from monitor.stories import Head, Index, fingerprint

    articles = [
        (line.id, line.published, fingerprint(line.title, line.text, line.language), Head(line.title, line.language))
        for line in _lines(file, name)
    ]
    index = Index()
    stories: dict[int, str | None] = {}
    in_time = sorted(range(len(articles)), key=lambda row: articles[row][1])
    with _shown(in_time) as rows:
        for row in rows:
            id_, published, made, head = articles[row]
            stories[row] = index.add(str(id_), published, made, head).story_id
    for row, (id_, *_) in enumerate(articles):
        click.echo(json.dumps({"id": id_, "story": stories[row]}, ensure_ascii=False))


def _shown(rows: list[int]) -> AbstractContextManager[Iterable[int]]:
    """A progress bar on a terminal, nothing elsewhere."""
    return click.progressbar(rows, file=sys.stderr) if sys.stderr.isatty() else nullcontext(rows)


def _lines(file: IO[bytes], name: str) -> Iterator[_Line]:
    """The file's articles; a line that is none is named on stderr and left out."""
    before = datetime.min.replace(tzinfo=UTC)
    for number, raw in enumerate(file, 1):
        if not raw.strip():
            continue
        try:
            line = _line(raw, before)
        except ValueError as error:
            click.echo(f"monitor: {name}:{number}: left out: {error}", err=True)
            continue
        before = line.published
        yield line


def _line(raw: bytes, undated: datetime) -> _Line:
    """One article. Raises ValueError in words; one without a date counts as seen with the one before it."""
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON in UTF-8") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    if not isinstance(value.get("id"), str | int) or isinstance(value["id"], bool):
        raise ValueError("it has no 'id'")
    title, text, language = (value.get(name) or "" for name in ("title", "text", "language"))
    if not (isinstance(title, str) and isinstance(text, str) and isinstance(language, str)):
        raise ValueError("'title', 'text' and 'language' are texts")
    return _Line(value["id"], title, text, language or None, _moment(value.get("published"), undated))


def _moment(published: object, undated: datetime) -> datetime:
    """An ISO 8601 time, or seconds or milliseconds since 1970; without a zone it is UTC."""
    if published is None or published == "":
        return undated
    try:
        if isinstance(published, int | float):
            return datetime.fromtimestamp(published / 1000 if abs(published) > 1e11 else published, UTC)
        moment = datetime.fromisoformat(str(published))
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"'published' is no time: {str(published)[:40]!r}; write 2026-11-22T15:30:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
