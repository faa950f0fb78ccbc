"""`monitor status`: whether all is well, in ten lines; exit code 3 when something is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from monitor.cli.opening import Opened, opened, print_json
from monitor.cli.options import common


@click.command()
@click.option("--why-quiet", "quiet", metavar="WATCH", help="Why a watch found nothing lately.")
@common
def command(quiet: str | None, config: str | None, as_json: bool) -> None:
    """Whether all is well; exit 0 well, 3 degraded."""
    from monitor import present
    from monitor.store import ask, numbers

    if quiet is not None:
        from monitor.cli.quiet import say

        with opened(config) as here:
            say(here, quiet, as_json=as_json)
        return
    with opened(config, is_said=False) as here, here.store.read() as connection:
        scope = present.Scope.of(here.config.feeds, here.config.channels, here.config.timezone)
        is_running = here.store.is_held()
        found = present.look(connection, scope, datetime.now(UTC), is_running=is_running)
        there = found.numbers.shown | numbers.totals(connection)
        channels = ask.failing_channels(connection)
        failing = ask.failing_feeds(connection, 3)
        worries = found.briefs
        if here.mistake:
            worries.insert(0, f"the configuration is not right: {here.mistake}; 'monitor check' names every mistake")
        if as_json:
            print_json(
                there
                | {"is_running": is_running, "well": not worries, "worries": worries, "channels_failing": channels}
            )
        else:
            _print(here, there, failing, is_running, worries)
    if worries:
        raise SystemExit(3)


def _print(
    here: Opened,
    numbers: dict[str, Any],
    failing: list[dict[str, Any]],
    is_running: bool,
    worries: list[str],
) -> None:
    def line(what: str, said: str) -> None:
        click.echo(f"{what:<10}  {said}")

    click.echo("not well: " + worries[0] if worries else "all well")
    for worry in worries[1:]:
        line("", worry)
    number, local = numbers.__getitem__, here.local
    line("service", "running" if is_running else "not running")
    line("feeds", f"{number('feeds')}, {number('feeds_failing')} failing, last good poll {local(number('last_poll'))}")
    for one in failing:
        line("", f"{here.name(one['url'], one['title'])}: {one['error']}; next try {local(one['next_try'])}")
    where, last = number("feeds_with_gaps"), local(number("last_gap"))
    gaps = f"{number('gaps')} possible gap(s) in {where} feed(s), last {last}"
    line("coverage", gaps if number("gaps") else "no gap between polls")
    line("articles", f"{number('articles')}, {number('unread')} to be read, last {local(number('last_article'))}")
    line("alerts", f"{number('alerts')}")
    waiting, lost = number("pending"), number("failed")
    line("deliveries", f"{waiting} pending, {lost} given up, next {local(number('next_delivery'))}")
