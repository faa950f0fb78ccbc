"""`monitor archive import|export FILE.jsonl`: the archive as lines of JSON, in and out.

It reads and writes files; what an import may alert is the rule of a feed's first poll.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from monitor.cli.opening import opened, print_json
from monitor.cli.options import Duration, common
from monitor.errors import InputError
from monitor.jsonl import Bad, Line, read, written

if TYPE_CHECKING:
    from monitor.store import Store

BATCH = 200  # articles of one transaction
SHOWN = 20  # bad lines that are named; the others are counted


@click.group("archive")
def command() -> None:
    """Articles in and out as lines of JSON."""


@command.command("import")
@click.argument("file")
@common
def import_(file: str, config: str | None, as_json: bool) -> None:
    """Take the articles of FILE ('-': standard input) into the archive, beside a running service if there is one.

    A line is {"id","url","title","text","language"?,"published","feed"?,"author"?}. What is known already (by its
    address, or its id in its feed) is left out. What is older than alerts.fresh is archived without an alert, what is
    fresh is told as a feed's first poll would be.
    """
    from monitor.config import load
    from monitor.store import imports, open_store

    loaded = load(config, secrets=False)
    bad: list[Bad] = []
    done = imports.Done()
    store = open_store(loaded.store, create=True)
    try:
        with opened_file(file) as lines:
            for batch in _batches(lines, bad, file):
                now, fresh = datetime.now(UTC), loaded.settings.alerts.fresh
                known = [_in_language(line) for line in batch]
                with store.write() as connection:
                    done += imports.take(connection, known, now, fresh, name=_name(file))
                _index(store, len(batch))
    finally:
        store.close()
    if as_json:
        print_json({"archived": done.archived, "fresh": done.fresh, "known": done.known, "bad": len(bad)})
    else:
        said = f"{done.archived} archived, {done.fresh} fresh (the service or 'monitor once' reads and tells them)"
        click.echo(f"{said}, {done.known} known already, {len(bad)} left out")
    if bad:
        raise SystemExit(3)


def _in_language(line: Line) -> Line:
    """With the language that it is read in, where the line names none."""
    from monitor.language import detect

    return replace(line, language=detect(f"{line.title}\n{line.text}", line.language))


def _index(store: Store, most: int) -> None:
    """Make what was taken in findable at once; a running service may have done so already."""
    from monitor.language.indexing import words_of
    from monitor.store import search

    with store.read() as connection:
        waiting = search.waiting(connection, most)
    words = [words_of(one) for one in waiting]
    if words:
        with store.write() as connection:
            search.enter(connection, words)


def _name(file: str) -> str:
    return "standard input" if file == "-" else Path(file).stem


def _batches(lines: IO[bytes], bad: list[Bad], name: str) -> Iterator[list[Line]]:
    batch: list[Line] = []
    for line in read(lines):
        if isinstance(line, Bad):
            bad.append(line)
            if len(bad) <= SHOWN:
                say_bad(name, line)
            continue
        batch.append(line)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
    if len(bad) > SHOWN:
        click.echo(f"monitor: {name}: {len(bad) - SHOWN} more lines left out", err=True)


@command.command("export")
@click.argument("file")
@click.option("--since", type=Duration(), help="Only what was first seen in this time: 12h, 30d.")
@common
def export(file: str, since: timedelta | None, config: str | None, as_json: bool) -> None:
    """Write the articles of the archive to FILE ('-': standard output), one line each; import takes them."""
    from monitor.search import Outlets
    from monitor.store import archive

    with opened(config) as here, here.store.read() as connection:
        first = archive.first_since(connection, datetime.now(UTC) - since) if since else 0
        names = Outlets.of(here.config.feeds)
        lines = (_line(one, names.name(one.feed_url, one.feed_title)) for one in archive.everything(connection, first))
        number = _write(file, lines)
    if file != "-":
        if as_json:
            print_json({"articles": number, "file": file})
        else:
            click.echo(f"{number} articles written to {file}")


def _line(one: object, feed: str) -> str:
    from monitor.shortid import encode
    from monitor.store.archive import Archived

    assert isinstance(one, Archived)
    return written(
        {
            "id": encode("N", one.id),
            "url": one.url,
            "title": one.title,
            "text": one.text,
            "author": one.author,
            "language": one.language,
            "published": one.published,
            "first_seen": one.first_seen,
            "feed": one.source or feed,
            "matched_on": one.matched_on,
        }
    )


def _write(file: str, lines: Iterator[str]) -> int:
    """How many were written. A file that is there is never written over."""
    if file == "-":
        return sum(1 for line in lines if sys.stdout.write(line))
    try:
        with open(file, "x", encoding="utf-8") as out:
            return sum(1 for line in lines if out.write(line))
    except FileExistsError:
        raise InputError(f"{file}: is there already; move it away, or name another") from None


# ------------------------------------------------------------------------------------- for other commands, too


@contextmanager
def opened_file(name: str) -> Iterator[IO[bytes]]:
    """A file to be read, perhaps more than once; '-' is standard input. Raises InputError in words."""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = open(name, "rb")  # noqa: SIM115  closed below; only its opening is to be put in words
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(f"{name}: {why}; name a file of JSON lines, or '-'") from error
    with file:
        yield file


def say_bad(name: str, bad: Bad) -> None:
    """A line that was left out, by its number."""
    called = "standard input" if name == "-" else name
    click.echo(f"monitor: {called}:{bad.number}: left out: {bad.why}", err=True)


def articles_of(name: str) -> Iterator[Line]:
    """The articles of a file; what is none is named on standard error."""
    with opened_file(name) as file:
        for line in read(file):
            if isinstance(line, Bad):
                say_bad(name, line)
            else:
                yield line
