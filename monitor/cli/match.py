"""`monitor match`: what the watchlists find in a text, an HTML file or a URL, and why, and why not.

It reads inputs and prints; all finding is in monitor.match.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.options import common
from monitor.errors import InputError
from monitor.model import Document, Watchlist

if TYPE_CHECKING:
    from monitor.extract import Page
    from monitor.match import Matcher
    from monitor.match.matcher import Term


_DEADLINE_S = 20.0
_quoted = json.encoder.encode_basestring  # what json.dumps does with a text, letters as they are


@click.command("match")
@click.argument("inputs", nargs=-1, metavar="[INPUT…]")
@click.option(
    "--watchlist",
    "watchlist_files",
    multiple=True,
    metavar="FILE",
    help="Instead of the configuration; may be repeated.",
)
@click.option(
    "--jsonl", is_flag=True, help='Filter: reads {"id","title","text","language"?} lines, writes hits, one line each.'
)
@common
def command(
    inputs: tuple[str, ...], watchlist_files: tuple[str, ...], jsonl: bool, config: str | None, as_json: bool
) -> None:
    """What the watchlists find in a text, an HTML file or a URL, and why, and why not.

    INPUT is a text file, an HTML file or a URL; `-` or nothing reads standard input.
    """
    from monitor.match import compile

    matcher = compile(_watchlists(watchlist_files, config))
    if jsonl:
        try:
            _filter(matcher, inputs)
        except BrokenPipeError:  # the reader of our output went away: no error, and nothing more to write
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    from monitor.cli.match_report import report

    for name in inputs or ("-",):
        report(matcher, _document(name, config), as_json=as_json)


def _watchlists(files: Sequence[str], config: str | None) -> Sequence[Watchlist]:
    if files:
        from monitor.config import load_watchlist_file

        return [load_watchlist_file(Path(file)) for file in files]
    from monitor.cli.opening import lenient, sound

    return sound(lenient(config)[0].watchlists)


def _filter(matcher: Matcher, inputs: Sequence[str]) -> None:
    bad = 0
    gc.freeze()  # the compiled terms are many objects that stay: no need to look at them again and again
    for name in inputs or ("-",):
        called = "standard input" if name == "-" else name
        for number, line in enumerate(_lines(name), 1):
            if line.isspace():
                continue
            try:
                record = _record(_text(line, f"{called}:{number}"))
            except ValueError as error:
                bad += 1
                click.echo(f"{called}:{number}: {error}", err=True)
                continue
            sys.stdout.write(_answer(matcher, record))
            sys.stdout.flush()  # who wrote the line may wait for the answer
    if bad:
        raise InputError(f"{bad} {'line was' if bad == 1 else 'lines were'} not read; see above")


def _lines(name: str) -> Iterable[bytes]:
    if name == "-":
        yield from sys.stdin.buffer
        return
    with open(name, "rb") as file:
        yield from file


def _text(line: bytes, place: str) -> str:
    """A line decoded; one with broken characters is matched all the same, and said to be so."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        text = line.decode("utf-8", "replace")
        click.echo(f"{place}: not in UTF-8 at byte {error.start + 1}; what is broken is read as \ufffd", err=True)
        return text


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(record, dict):
        raise ValueError('not an object; a line is {"id","title","text","language"?}')
    for key in ("title", "text", "language"):
        if not isinstance(record.get(key), str | None):
            raise ValueError(f'"{key}" is not a text')
    return record


def _answer(matcher: Matcher, record: dict[str, Any]) -> str:
    document = Document(record.get("title") or "", record.get("text") or "", language=record.get("language") or None)
    language, found = matcher.read(document)
    hits = ", ".join([_hit(watch, terms) for watch, terms in found])
    given = json.dumps({"id": record.get("id"), "language": language}, ensure_ascii=False)
    return f'{given[:-1]}, "hits": [{hits}]}}\n'


def _hit(watch: str, terms: Sequence[Term]) -> str:
    """A hit as JSON, put together by hand: with a dictionary a place it takes three times as long."""
    places = [
        f'{{"term": {_quoted(term)}, "text": {_quoted(text)}, "field": "{field}", "start": {start}, "end": {end}}}'
        for term, text, field, start, end in terms
    ]
    return f'{{"watch": {_quoted(watch)}, "terms": [{", ".join(places)}]}}'


def _document(name: str, config: str | None) -> Document:
    from monitor.cli.text_input import as_text, is_page

    if name.startswith(("http://", "https://")):
        return asyncio.run(_fetched(name, config))
    body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    if is_page(body):
        return asyncio.run(_page(body, "", None))
    return Document("", as_text(body, name))


async def _fetched(url: str, config: str | None) -> Document:
    """A page that a person names is not subject to robots.txt."""
    from monitor.cli.opening import network
    from monitor.cli.text_input import as_text, is_page
    from monitor.fetch import Fetcher
    from monitor.urls import display

    fetcher = Fetcher(network(config))
    try:
        fetched = await fetcher.page(url, obey_robots=False)
    finally:
        await fetcher.aclose()
    if (fetched.content_type or "").startswith("text/plain") and not is_page(fetched.body):
        return Document("", as_text(fetched.body, display(fetched.url)), fetched.url)
    return await _page(fetched.body, fetched.url, fetched.content_type)


async def _page(html: bytes, url: str, content_type: str | None) -> Document:
    """A page as an article, read in a process of its own that may be stopped."""
    from monitor.workers import Workers

    workers = Workers(1, preload=("trafilatura",))
    try:
        page = await workers.run(_extract, html, url, content_type, deadline_s=_DEADLINE_S)
    finally:
        workers.close()
    return Document(page.title or "", page.text or "", url, page.author or "", page.language)


def _extract(html: bytes, url: str, content_type: str | None) -> Page:
    from monitor.extract import extract

    return extract(html, url=url, content_type=content_type)
