"""`monitor alerts`: what was told, to whom, when and why; and what waits."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import Opened, among, opened, print_json
from monitor.cli.options import Duration, common

if TYPE_CHECKING:
    from sqlalchemy import Connection


@click.command()
@click.option("--since", type=Duration(), default="7d", show_default=True, help="How far back: 12h, 7d.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option("--held", is_flag=True, help="Only what no receiver has accepted yet, until when and why.")
@click.option("--watch", metavar="NAME", default="", help="Only of this watch.")
@click.option("--csv", "as_csv", is_flag=True, help="Print a table for spreadsheets.")
@click.option("--html", "page", metavar="FILE", help="Write a page with counts, to be opened or sent.")
@click.option("--atom", "as_atom", is_flag=True, help="Print an Atom feed, each story once, whatever its channels.")
@common
def command(
    since: timedelta,
    limit: int,
    held: bool,
    watch: str,
    as_csv: bool,
    page: str | None,
    as_atom: bool,
    config: str | None,
    as_json: bool,
) -> None:
    """What was told and what waits, newest first. A report (--csv, --html) has all of --since, unless --limit is given.
    """
    if as_csv + bool(page) + as_atom > 1:
        raise click.UsageError("give one of --csv, --html and --atom")
    if as_csv or page:
        source = click.get_current_context().get_parameter_source("limit")
        most = limit if source is click.core.ParameterSource.COMMANDLINE else None
        _report(config, since, most, watch, page)
    elif as_atom:
        _print_atom(config, watch, limit)
    else:
        _print(config, datetime.now(UTC) - since, limit, watch, is_json=as_json, only_held=held)


def _print(config: str | None, since: datetime, limit: int, watch: str, *, is_json: bool, only_held: bool) -> None:
    from monitor.store import ask

    with opened(config) as here, here.store.read() as connection:
        watch = _known(here, connection, watch)
        found = ask.told(connection, since, limit, here.name, only_held=only_held, watch=watch)
        for alert in found:
            if is_json:
                print_json(alert)
            else:
                _show(alert, here)
    if not found and not is_json:
        nothing = "no alert yet in this time; 'monitor status' says whether all is well"
        click.echo("nothing waits" if only_held else nothing)


def _known(here: Opened, connection: Connection, watch: str) -> str:
    """The watch as it is written; raises InputError for one that neither is nor was."""
    from monitor.store import mentions, watches

    mine = [each.name for one in here.config.watchlists for each in one.watches]
    others = [name for _, name in (*watches.known(connection), *mentions.known_watches(connection))]
    return among(watch, [*mine, *others], "watch") if watch else ""


def _show(alert: dict[str, Any], here: Opened) -> None:
    told, due = here.local(alert["settled_at"]), here.local(alert["due_at"])
    when = f"told {told}{_in(alert)}" if alert["state"] == "sent" else _waits(alert, due)
    click.echo(f"{alert['id']}  {here.local(alert['created_at'])}  {alert['channel']}: {when}")
    click.echo(f"    {alert['title']}  ({alert['outlet']})")
    click.echo(f"    {', '.join(alert['watches'])} · {alert['why']}")


def _report(config: str | None, since: timedelta, limit: int | None, watch: str, page: str | None) -> None:
    """A page into a file, or a table on standard output."""
    from monitor.render import alerts_report
    from monitor.store import alert_report

    now = datetime.now(UTC)
    with opened(config) as here, here.store.read() as connection:
        watch = _known(here, connection, watch)
        rows = alert_report.rows(connection, now - since, here.name, watch=watch, limit=limit or alert_report.MOST)
        zone = here.config.timezone
    if page is None:
        sys.stdout.buffer.write(alerts_report.csv(rows, zone).encode())
        return
    Path(page).write_text(alerts_report.html(rows, zone, now - since, now), encoding="utf-8")
    click.echo(f"written: {page}")


def _print_atom(config: str | None, watch: str, limit: int) -> None:
    from monitor.assemble import make_style
    from monitor.render import atom
    from monitor.store import alert_feed

    with opened(config) as here, here.store.read() as connection:
        watch = _known(here, connection, watch)
        newest = alert_feed.newest(connection, here.name, watch=watch, limit=min(limit, alert_feed.MOST))
        made = atom.feed(newest, make_style(here.config), updated=datetime.now(UTC), watch=watch)
    click.echo(made)


_IN = {
    "digest": " (in a digest)",
    "first look": " (in the first look)",
    "quiet hours": " (after the quiet hours)",
    "over limit": " (in the summary of what was over the limit)",
    "catch-up": " (in a catch-up summary)",
}


def _in(alert: Mapping[str, object]) -> str:
    return _IN.get(str(alert["summary"]), "")


def _waits(alert: dict[str, object], due: str) -> str:
    if alert["state"] == "given up":
        return f"given up: {alert['error']}; 'monitor deliveries' lists it"
    return f"waits until {due}" + (f", since the channel said: {alert['error']}" if alert["error"] else "")
