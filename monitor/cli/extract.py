"""`monitor extract`: title, author, date, language and text of pages, and how they were read.

It reads inputs and prints; all reading is in monitor.extract, in worker processes.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import network
from monitor.cli.options import common
from monitor.errors import WorkerFailed

if TYPE_CHECKING:
    from monitor.extract import Page
    from monitor.workers import Workers

_DEADLINE_S = 20.0
_PRELOAD = ("trafilatura",)
_LONGEST_LINE = 64 * 1024 * 1024


@click.command("extract")
@click.argument("inputs", nargs=-1, metavar="[INPUT…]")
@click.option("--jsonl", is_flag=True, help='Filter: reads {"id","html","url"} lines, writes one line each.')
@common
def command(inputs: tuple[str, ...], jsonl: bool, config: str | None, as_json: bool) -> None:
    """Title, author, date, language and text of a page, and how it was read.

    INPUT is an HTML file or a URL; `-` or nothing reads standard input.
    """
    if jsonl:
        asyncio.run(_filter(inputs or ("-",)))
    else:
        asyncio.run(_show(inputs or ("-",), config, as_json))


# ------------------------------------------------------------------------------------------------- single
# pages


async def _show(inputs: Sequence[str], config: str | None, as_json: bool) -> None:
    from monitor.workers import Workers

    workers = Workers(1, preload=_PRELOAD)
    try:
        for name in inputs:
            html, url, content_type = await _body(name, config)
            page = await _read(workers, html, url, content_type)
            answer = {"url": url or None} | _record(page)
            click.echo(json.dumps(answer, ensure_ascii=False) if as_json else _for_people(answer))
    finally:
        workers.close()


async def _body(name: str, config: str | None) -> tuple[bytes, str, str | None]:
    """The bytes of an input, its address and content type. A URL that a person names is not subject to
    robots.txt."""
    if name.startswith(("http://", "https://")):
        from monitor.fetch import Fetcher

        fetcher = Fetcher(network(config))
        try:
            fetched = await fetcher.page(name, obey_robots=False)
        finally:
            await fetcher.aclose()
        return fetched.body, fetched.url, fetched.content_type
    return _local(name), "", None


def _local(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def _for_people(answer: dict[str, Any]) -> str:
    lines = [answer["title"] or "(no title)"]
    named = ("author", "published", "language", "canonical", "read")
    lines += [f"{name + ':':11}{answer[name]}" for name in named if answer.get(name)]
    return "\n".join(lines) + (f"\n\n{answer['text']}" if answer["text"] else "") + "\n"


# ------------------------------------------------------------------------------------------------- many at
# once


async def _filter(inputs: Sequence[str]) -> None:
    from monitor.workers import Workers

    workers = Workers(preload=_PRELOAD)
    try:
        async for line in _in_order(_lines(inputs), workers):
            sys.stdout.write(line)
        sys.stdout.flush()
    finally:
        workers.close()


async def _in_order(lines: Iterable[str], workers: Workers) -> AsyncIterator[str]:
    """Answers in the order of the lines, with a few in work ahead so that no core waits."""
    ahead: list[asyncio.Task[str]] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            ahead.append(asyncio.create_task(_answer(workers, line, number)))
        while len(ahead) > 4 * workers.count:
            yield await ahead.pop(0)
    while ahead:
        yield await ahead.pop(0)


def _lines(inputs: Sequence[str]) -> Iterable[str]:
    for name in inputs:
        if name == "-":
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
            yield from sys.stdin
        else:
            with open(name, encoding="utf-8", errors="replace") as file:
                yield from file


async def _answer(workers: Workers, line: str, number: int) -> str:
    """One line for one line, whatever it held."""
    found: dict[str, Any] = {}
    try:
        found = _parsed(line)
        html, url = _html(found), found.get("url")
        page = await _read(workers, html, url if isinstance(url, str) else "", "text/html; charset=utf-8")
        record = _record(page)
    except (WorkerFailed, ValueError) as error:
        note = str(error) if isinstance(error, WorkerFailed) else f"line {number}: {error}"
        record = dict.fromkeys(("title", "author", "published", "language", "text")) | {"read": note}
    record.pop("canonical", None)
    return json.dumps({"id": found.get("id")} | record, ensure_ascii=False) + "\n"


def _parsed(line: str) -> dict[str, Any]:
    if len(line) > _LONGEST_LINE:
        raise ValueError("longer than 64 MB")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def _html(found: dict[str, Any]) -> bytes:
    if not isinstance(found.get("html"), str):
        raise ValueError('"html" is not a text')
    return str(found["html"]).encode("utf-8", "replace")


# ----------------------------------------------------------------------------------------------------- the
# page


async def _read(workers: Workers, html: bytes, url: str, content_type: str | None) -> Page:
    return await workers.run(_extract, html, url, content_type, deadline_s=_DEADLINE_S)


def _extract(html: bytes, url: str, content_type: str | None) -> Page:
    """In the worker."""
    from monitor.extract import extract

    return extract(html, url=url, content_type=content_type)


def _record(page: Page) -> dict[str, Any]:
    """A page as a line of output. What stands on a consent wall or a robot check is not the article's
    text."""
    is_text = page.defect in ("", "stub", "too large") and bool(page.text)
    return {
        "title": page.title or None,
        "author": page.author,
        "published": page.published.isoformat() if page.published else None,
        "language": page.language,
        "canonical": page.canonical_url,
        "text": page.text if is_text else None,
        "read": page.defect or "full article",
    }
