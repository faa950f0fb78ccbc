"""`monitor check`: every problem of the configuration at once, what it amounts to, and on request feeds and forms.

It changes nothing and needs no store; trying feeds is the only thing that leaves the machine, and only when asked for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from monitor.cli.options import common
from monitor.errors import Problem

if TYPE_CHECKING:
    from monitor.config import Config


@click.command("check")
@click.option("--feeds", "is_trying", is_flag=True, help="Ask each feed once and say what came back.")
@click.option("--explain", "is_explaining", is_flag=True, help="Show the forms in which each term is found.")
@common
def command(is_trying: bool, is_explaining: bool, config: str | None, as_json: bool) -> None:
    """Every problem of the configuration, with file:line:column. Exit code 1 if there is an error."""
    from monitor.assemble import examined
    from monitor.cli import explain

    found, problems, matcher = examined(config)
    tries = _tried(found) if is_trying else []
    forms = explain.forms(found, matcher) if is_explaining and matcher is not None else []
    errors = sum(not problem.is_warning for problem in problems)
    if as_json:
        click.echo(json.dumps(_object(found, problems, tries, forms), ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(str(problem))
        _print_forms(forms)
        _print_tries(tries)
        _print_no_effect(found)
        failed = sum(not tried["ok"] for tried in tries)
        said = f"{failed} of {counted(len(tries), 'feed')} did not answer well" if failed else ""
        click.echo(in_words(found, errors, len(problems) - errors, said))
    if errors:
        raise SystemExit(1)
    if any(not tried["ok"] for tried in tries):
        raise SystemExit(3)


# ------------------------------------------------------------------------------------------------- the result


def counted(number: int, what: str, plural: str = "") -> str:
    return f"{number} {what if number == 1 else plural or what + 's'}"


def in_words(config: Config, errors: int, warnings: int, failed: str = "") -> str:
    """The last line: `2 watches in 1 watchlist, 12 feeds, 1 channel: fine`; `failed`: what else is not fine."""
    watches = sum(len(watchlist.watches) for watchlist in config.watchlists)
    size = (
        f"{counted(watches, 'watch', 'watches')} in {counted(len(config.watchlists), 'watchlist')}, "
        f"{counted(len(config.feeds), 'feed')}, {counted(len(config.channels), 'channel')}"
    )
    if errors:
        also = f" and {counted(warnings, 'warning')}" if warnings else ""
        also += f"; {failed}" if failed else ""
        return f"{counted(errors, 'error')}{also}; the program does not start until the errors are gone"
    with_warnings = f", with {counted(warnings, 'warning')}" if warnings else ""
    return f"{size}: {f'the configuration is right{with_warnings}, but {failed}' if failed else f'fine{with_warnings}'}"


def _print_no_effect(config: Config) -> None:
    if config.no_effect:
        keys = ", ".join(f"{problem.message.removesuffix(' has no effect yet')}" for problem in config.no_effect)
        click.echo(f"no effect yet: {keys}")


def _print_forms(forms: list[dict[str, object]]) -> None:
    for one in forms:
        click.echo(f"{one['term']}  [{one['language']}]  {', '.join(map(str, _as_list(one['forms'])))}")


def _as_list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _print_tries(tries: list[dict[str, object]]) -> None:
    for tried in tries:
        click.echo(f"{'ok    ' if tried['ok'] else 'failed'}  {tried['feed']}: {tried['result']}")


def _object(
    config: Config, problems: list[Problem], tries: list[dict[str, object]], forms: list[dict[str, object]]
) -> dict[str, object]:
    return {
        "ok": all(problem.is_warning for problem in problems),
        "problems": [
            {
                "file": one.file,
                "line": one.line,
                "column": one.column,
                "severity": "warning" if one.is_warning else "error",
                "message": one.message,
            }
            for one in problems
        ],
        "no_effect": [problem.message.removesuffix(" has no effect yet") for problem in config.no_effect],
        "watchlists": len(config.watchlists),
        "watches": sum(len(watchlist.watches) for watchlist in config.watchlists),
        "feeds": len(config.feeds),
        "channels": len(config.channels),
        **({"tried": tries} if tries else {}),
        **({"terms": forms} if forms else {}),
    }


# ------------------------------------------------------------------------------------------- --explain, --feeds


def _tried(config: Config) -> list[dict[str, object]]:
    import asyncio

    return asyncio.run(_try_all(config))


async def _try_all(config: Config) -> list[dict[str, object]]:
    import asyncio

    from monitor.assemble import make_fetcher

    fetcher = make_fetcher(config)
    try:
        return list(await asyncio.gather(*(_try(fetcher, feed) for feed in config.feeds)))
    finally:
        await fetcher.aclose()


async def _try(fetcher: object, feed: object) -> dict[str, object]:
    import asyncio

    from monitor.errors import Failure
    from monitor.fetch import Fetcher
    from monitor.model import Feed
    from monitor.parse import parse_feed
    from monitor.urls import display

    assert isinstance(fetcher, Fetcher)
    assert isinstance(feed, Feed)
    named = {"feed": feed.name or display(feed.url), "where": feed.where}
    try:
        got = await fetcher.feed(feed)
        parsed = await asyncio.to_thread(parse_feed, got.body, url=got.url, content_type=got.content_type)
    except Failure as error:
        return {**named, "ok": False, "result": str(error)}
    moved = got.permanent_url if got.permanent_url != feed.url else None
    parts = [parsed.kind, f"{len(parsed.entries)} {'entry' if len(parsed.entries) == 1 else 'entries'}"]
    parts += [f"'{title}'"] if (title := "".join(letter for letter in parsed.title if letter.isprintable())) else []
    odd = [f"the feed {warning}" for warning in parsed.warnings]
    odd += [f"moved for good, write {display(moved)}"] if moved else []
    return {**named, "ok": True, "result": "; ".join([", ".join(parts), *odd])}
