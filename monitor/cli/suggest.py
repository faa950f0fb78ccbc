"""`monitor suggest [WATCH…]`: lines that could be added to watches, each with its evidence; it edits nothing.

It prints what monitor.suggest proposes.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.marks import printable
from monitor.cli.opening import opened, print_json, sound
from monitor.cli.options import common

if TYPE_CHECKING:
    from monitor.suggest import Suggestion


@click.command("suggest")
@click.argument("watches", nargs=-1, metavar="[WATCH…]")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back to look.")
@common
def command(watches: tuple[str, ...], days: int, config: str | None, as_json: bool) -> None:
    """Lines that could be added to watches: terms for `none:` and tests from what was marked wrong ('monitor wrong'),
    forms and neighbours that the archive holds and the watch does not cover. Nothing is edited.
    """
    from monitor.search import Outlets
    from monitor.suggest import suggest

    with opened(config) as here, here.store.read() as connection:
        lists, outlets = sound(here.config.watchlists), Outlets.of(here.config.feeds)
        found = suggest(connection, lists, outlets, datetime.now(UTC), only=watches, days=days)
    last = None
    for one in found:
        if as_json:
            print_json(asdict(one) | {"examples": [{"id": id_, "title": title} for id_, title in one.examples]})
            continue
        if (one.watchlist, one.watch) != last:
            click.echo(f"{one.watch}  ({one.watchlist})")
            last = (one.watchlist, one.watch)
        _print(one, days)
    if not found and not as_json:
        click.echo("nothing to suggest; mark what was not meant with 'monitor wrong ID'")


def _print(one: Suggestion, days: int) -> None:
    if one.kind == "none":
        marked = f"{one.wrong} marked wrong" + (f", {one.right} MARKED RIGHT" if one.right else "")
        click.echo(f'    none: ["{_quoted(one.text)}"]')
        click.echo(f"        would have removed, in {days} days: {marked}, {one.others} that nobody marked")
    elif one.kind == "must_not_match":
        click.echo(f'    must_not_match: ["{_quoted(one.text)}"]')
    else:
        term = f'"{_quoted(one.text)}"'
        click.echo(f"    match: … OR {term}" if one.is_match else f"    any: [{term}]")
        click.echo(f"        {one.why}; in {one.articles} articles of {days} days, {one.new} not found by the watch")
    for id_, title in one.examples:
        click.echo(f"        {id_}  {printable(title)}")


def _quoted(text: str) -> str:
    """As it may stand between quotes in YAML."""
    return printable(text).replace("\\", "\\\\").replace('"', '\\"')
