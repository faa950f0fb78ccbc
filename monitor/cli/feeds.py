"""`monitor feeds`: list, add, discover, import, export, retry; edits keep what the user wrote in the YAML.

The state of feeds comes from the store, which is only read, but for `retry`.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import network
from monitor.cli.options import common
from monitor.errors import InputError, Problem

if TYPE_CHECKING:
    from monitor.fetch import Fetcher
    from monitor.model import Feed
    from monitor.parse import FeedLink

Outer = tuple[str | None, bool]


@click.group("feeds", invoke_without_command=True)
@click.pass_context
@common
def command(context: click.Context, config: str | None, as_json: bool) -> None:
    """List, add, find, import, export and retry feeds. Lists when called alone."""
    if context.invoked_subcommand is None:
        _list(config, as_json)
    else:
        context.obj = (config, as_json)


# ------------------------------------------------------------------------------------------------------- list


@command.command("list")
@click.pass_obj
@common
def list_(outer: Outer, config: str | None, as_json: bool) -> None:
    """Every feed with its state: last and next poll and why then, rhythm, coverage, and what is wrong."""
    _list(config or outer[0], as_json or outer[1])


def _list(config: str | None, as_json: bool) -> None:
    from functools import partial
    from zoneinfo import ZoneInfo

    from monitor import feed_view
    from monitor.cli import feeds_list, opening
    from monitor.cli.opening import lenient, print_json, print_table

    loaded, _ = lenient(config)
    (states, pushed), now = feeds_list.known(loaded), datetime.now(UTC)
    found = [(feed, states.get(feed.key)) for feed in loaded.feeds]
    rows = [feed_view.row(feed, state, now, pushed.get(state.id) if state else None) for feed, state in found]
    local = partial(opening.local, zone=ZoneInfo(loaded.timezone))
    if as_json:
        for row in rows:
            print_json(row)
    elif rows:
        heads = [feeds_list.HEADS] if sys.stdout.isatty() else []
        notes = [[], *(feed_view.remarks(row, local) for row in rows)][1 - len(heads) :]
        print_table([*heads, *(feeds_list.columns(row, local) for row in rows)], notes)
    else:
        click.echo("no feeds yet; add one: monitor feeds add URL")


# ---------------------------------------------------------------------------------------------- add and import


@command.command()
@click.argument("url")
@click.option("--name", default="", help="What you call it.")
@click.option("--tag", "tags", multiple=True, help="A word to choose feeds by; may be given several times.")
@click.option("--every", default="", help="How often, like 10m.")
@click.option("--read", type=click.Choice(["auto", "page", "feed"]), default="auto", help="Which text is looked at.")
@click.option("--no-try", "is_blind", is_flag=True, help="Do not ask it once.")
@click.pass_obj
@common
def add(outer: Outer, /, config: str | None, as_json: bool, is_blind: bool, **given: Any) -> None:
    """Add a feed to the feeds file, then ask it once and say what is wrong with its answer."""
    from monitor.cli import feeds_try
    from monitor.config.settings import url_fault

    url: str = given["url"]
    if fault := url_fault(url):
        raise InputError(f"{url}: {fault}")
    feed = _feed(**given)
    _refuse_known(config or outer[0], feed)
    path, _ = _append(config or outer[0], [feed])
    wrong = "" if is_blind else feeds_try.fault(config or outer[0], url)
    told = {"added": [url], "file": str(path)} | ({"answer": wrong} if wrong else {})
    _say(as_json or outer[1], told, f"added to {path}" + (f"; but {wrong}" if wrong else ""))


def _refuse_known(config: str | None, feed: Feed) -> None:
    from monitor.config import examine

    for known in examine(config, secrets=False).config.feeds:
        if known.url == feed.url:
            raise InputError(f"{feed.url} is there already, at {known.where}; 'monitor feeds list' shows its state")
        if feed.name and known.name == feed.name:
            raise InputError(f"a feed named '{feed.name}' is there already, at {known.where}; choose another --name")


def _feed(url: str, name: str, tags: tuple[str, ...], every: str, read: str) -> Feed:
    from pydantic_core import PydanticCustomError

    from monitor.config.settings import often
    from monitor.model import Feed

    try:
        pace = often(every) if every and every != "auto" else None
    except PydanticCustomError as error:
        raise click.UsageError(f"--every: {error.message()}") from None
    mode: Any = read
    return Feed(url=url, name=name, tags=frozenset(tags), every=pace, read=mode)


@command.command("import")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--tag", "tags", multiple=True, help="A tag for all of them; may be given several times.")
@click.pass_obj
@common
def import_(outer: Outer, file: Any, tags: tuple[str, ...], config: str | None, as_json: bool) -> None:
    """Add the feeds of an OPML file, but those that are there already."""
    from dataclasses import replace

    from monitor.config import read_opml

    left_out: list[Problem] = []
    feeds = read_opml(file.read(10_000_001), file.name, left_out)
    for one in left_out:
        click.echo(str(one), err=True)
    if not feeds:
        raise InputError(f"{file.name} holds no feeds{'' if left_out else '; is it the export of a feed reader?'}")
    feeds = [replace(feed, tags=feed.tags | set(tags)) for feed in feeds]
    path, added = _append(config or outer[0], feeds)
    known = len(feeds) - len(added)
    told = {"added": [feed.url for feed in added], "known": known, "left_out": len(left_out), "file": str(path)}
    words = [f"{len(added)} added to {path}", f"{known} were there already" if known else ""]
    words += [f"{len(left_out)} left out, named above" if left_out else ""]
    _say(as_json or outer[1], told, ", ".join(filter(None, words)))
    if left_out:
        raise SystemExit(3)


def _append(config: str | None, feeds: list[Feed]) -> tuple[Path, list[Feed]]:
    """Add what is new to the first YAML file of feeds; the result is checked before it takes the file's place."""
    from monitor.config import edit
    from monitor.config.load import feeds_file_problems

    path, known = _target(config)
    new = [feed for feed in feeds if feed.url not in known]
    if not new:
        return path, []
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    try:
        after = edit.with_feeds(before, new) if before else edit.feeds_file(new)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    if problems := feeds_file_problems(after, path):
        raise InputError("\n".join(["nothing was added; the file would not be valid:", *map(str, problems)]))
    edit.replace_file(path, after)
    return path, new


def _target(config: str | None) -> tuple[Path, set[str]]:
    """The feeds file to add to, and the URLs that are configured."""
    from monitor.config.load import feeds_target

    return feeds_target(config)


# ----------------------------------------------------------------------------------- export, discover, retry


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.pass_obj
@common
def export(outer: Outer, file: str, config: str | None, as_json: bool) -> None:
    """Write all feeds as OPML, to FILE or standard output. Headers and passwords stay out of it."""
    from dataclasses import replace

    from monitor.cli.opening import lenient
    from monitor.config import edit, write_opml
    from monitor.urls import display

    loaded, _ = lenient(config or outer[0])
    # An address that is made of a secret leaves as it is written in the file.
    feeds = [replace(feed, url=loaded.written.get(feed.url, feed.url)) for feed in loaded.feeds]
    text = write_opml(feeds)
    if any("***" in display(feed.url) for feed in feeds):
        click.echo("monitor: some addresses hold what looks like a token; look before you share it", err=True)
    if file == "-":
        click.echo(text, nl=False)
        return
    edit.replace_file(Path(file), text)
    _say(as_json or outer[1], {"feeds": len(feeds), "file": file}, f"{len(feeds)} feeds written to {file}")


@command.command()
@click.argument("url")
@click.pass_obj
@common
def discover(outer: Outer, url: str, config: str | None, as_json: bool) -> None:
    """Find the feeds that a page names, and the news sitemaps that its site's robots.txt names."""
    import asyncio

    from monitor.config.settings import url_fault
    from monitor.errors import FetchFailed

    given, url = url, url if "://" in url else f"https://{url}"
    if fault := url_fault(url):
        raise InputError(f"{url}: {fault}")
    try:
        links = asyncio.run(_discovered(config or outer[0], url))
    except FetchFailed as error:
        if url == given or error.status or error.kind not in ("connect", "tls", "http", "timeout"):
            raise
        raise InputError(f"{error}; https was asked, does it speak http? then write http://{given}") from error
    for link in links:
        if as_json or outer[1]:
            click.echo(json.dumps({"url": link.url, "title": link.title}, ensure_ascii=False))
        else:
            title = "".join(letter for letter in link.title if letter.isprintable())
            click.echo(f"{link.url}  {title}".rstrip())
    if not links:
        raise InputError(f"{url} names no feed; look for RSS on the site, often at its foot")


async def _discovered(config: str | None, url: str) -> list[FeedLink]:
    from monitor.errors import ParseFailed
    from monitor.fetch import Fetcher
    from monitor.parse import FeedLink, discover, parse_feed

    fetcher = Fetcher(network(config))
    try:
        got = await fetcher.page(url, obey_robots=False)
        try:
            parsed = parse_feed(got.body, url=got.url, content_type=got.content_type)
        except ParseFailed:
            return [*discover(got.body, got.url), *await _sitemaps(fetcher, got.url)]
        return [FeedLink(url=got.url, title=parsed.title)]
    finally:
        await fetcher.aclose()


async def _sitemaps(fetcher: Fetcher, url: str) -> list[FeedLink]:
    """A site without a robots.txt, or with one that cannot be read, names none."""
    from monitor.errors import FetchFailed
    from monitor.parse import FeedLink
    from monitor.sources import news_sitemaps

    try:
        named = await fetcher.sitemaps(url)
    except FetchFailed:
        return []
    return [FeedLink(url=one, title="news sitemap") for one in news_sitemaps(named)]


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME|URL]…")
@click.option("--all", "is_all", is_flag=True, help="Every feed that fails.")
@click.option("--as-configured", is_flag=True, help="At its configured address, though it has moved.")
@click.option("--older", "is_older", is_flag=True, help="For its older pages and the site's news sitemaps, too.")
@click.pass_obj
@common
def retry(
    outer: Outer, /, names: tuple[str, ...], is_all: bool, config: str | None, as_json: bool, **how: bool
) -> None:
    """Ask feeds again at once: those named, or all that fail, those gone for good too. A server's Retry-After is
    still obeyed."""
    from monitor.cli.opening import opened
    from monitor.config.values import meant
    from monitor.store import feeds
    from monitor.urls import display

    if how["is_older"] and is_all:
        raise click.UsageError("--older is for feeds that are named")
    if is_all == bool(names):
        raise click.UsageError("name feeds, or give --all for every feed that fails")
    with opened(config or outer[0]) as here:
        with here.store.read() as connection:
            by_name = {state.title: state.url for state in feeds.listing(connection) if state.title}
        by_name |= {feed.name: feed.key for feed in here.config.feeds if feed.name}
        urls = {address: feed.key for feed in here.config.feeds for address in (feed.url, display(feed.url))}
        missing = [name for name in names if name not in by_name and name not in urls]
        if missing:
            raise InputError(f"there is no feed '{missing[0]}'{meant(missing[0], [*by_name, *map(display, urls)])}")
        with here.store.write() as connection:
            wanted = None if is_all else [by_name.get(name) or urls[name] for name in names]
            options = {"as_configured": how["as_configured"], "older": how["is_older"]}
            count = feeds.retry(connection, wanted, datetime.now(UTC), **options)
    _say(as_json or outer[1], {"due": count}, f"{count} due now; the service or the next 'monitor once' asks them")


def _say(as_json: bool, told: dict[str, Any], words: str) -> None:
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else words)
