"""`monitor parse`: a feed as the program sees it.

It reads inputs and prints; all reading is in monitor.parse, which also decides what is no feed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import network
from monitor.cli.options import common
from monitor.errors import InputError, ParseFailed

if TYPE_CHECKING:
    from monitor.fetch import Fetched
    from monitor.model import Entry, ParsedFeed


@click.command("parse")
@click.argument("inputs", nargs=-1, metavar="[INPUT…]")
@common
def command(inputs: tuple[str, ...], config: str | None, as_json: bool) -> None:
    """A feed as the program sees it: its items with dates, links and texts, and what was odd about it.

    INPUT is a file or a URL; `-` or nothing reads standard input. With --json one object for each input.
    """
    for number, name in enumerate(inputs or ("-",)):
        feed = _parsed(name, config)
        if as_json:
            click.echo(json.dumps({"input": name} | _record(feed), ensure_ascii=False))
        else:
            click.echo("\n" * bool(number) + _for_people(feed))


def _parsed(name: str, config: str | None) -> ParsedFeed:
    from monitor.parse import parse_feed
    from monitor.urls import display

    body, url, content_type = _body(name, config)
    try:
        return parse_feed(body, url=url, content_type=content_type)
    except ParseFailed as failure:
        subject = "standard input" if name == "-" else display(url) if _is_address(name) else name
        raise InputError(f"{subject} {failure}") from failure


def _body(name: str, config: str | None) -> tuple[bytes, str, str | None]:
    if _is_address(name):
        fetched = asyncio.run(_fetched(name, config))
        return fetched.body, fetched.url, fetched.content_type
    # Relative links of a file stay out: there is nothing that they would be relative to.
    return (sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()), "", None


def _is_address(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


async def _fetched(url: str, config: str | None) -> Fetched:
    from monitor.fetch import Fetcher
    from monitor.model import Feed

    fetcher = Fetcher(network(config))
    try:
        return await fetcher.feed(Feed(url))
    finally:
        await fetcher.aclose()


def _record(feed: ParsedFeed) -> dict[str, Any]:
    """The feed's fields and its entries in plain JSON values: ISO times, seconds, lists."""
    plain: dict[str, Any] = _plain(asdict(feed))
    return plain


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case frozenset():
            return sorted(value)
        case list() | tuple():
            return [_plain(inner) for inner in value]
    return value


def _for_people(feed: ParsedFeed) -> str:
    about = [
        feed.kind,
        feed.language,
        feed.encoding,
        f"{len(feed.entries)} item{'s' * (len(feed.entries) != 1)}",
    ]
    lines = [feed.title or "(no title)", " · ".join(part for part in about if part)]
    lines += [f"{name + ':':9}{value}" for name, value in (("site", feed.link), ("hub", feed.hub)) if value]
    lines += [f"note: the feed {warning}" for warning in feed.warnings]
    for entry in feed.entries:
        lines += ["", *_entry_lines(entry)]
    return "\n".join(lines)


def _entry_lines(entry: Entry) -> list[str]:
    when = entry.published.strftime("%Y-%m-%d %H:%M UTC") if entry.published else "no date"
    text = entry.content or entry.summary
    kind = "full text" if entry.content else "summary" if entry.summary else "headline only"
    about = [when, entry.author, entry.source, f"{kind}, {len(text)} characters" if text else kind]
    lines = [entry.title, "  " + " · ".join(part for part in about if part)]
    lines += [f"  {entry.url}"] if entry.url else []
    opening = text.partition("\n")[0]
    return lines + ([f"  {opening[:200]}{'…' * (len(opening) > 200)}"] if opening else [])
