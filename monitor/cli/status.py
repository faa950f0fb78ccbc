"""`monitor status`: whether all is well, in ten lines; exit code 3 when something is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from monitor.cli.opening import Opened, opened, print_json
from monitor.cli.options import common

#: A service polls something every few minutes; longer than this without one good poll is no accident.
SILENT = timedelta(hours=3)
AHEAD = timedelta(minutes=5)


@click.command()
@common
def command(config: str | None, as_json: bool) -> None:
    """Whether all is well; exit 0 well, 3 degraded."""
    from monitor.store import ask

    with opened(config) as here, here.store.read() as connection:
        numbers = ask.status(connection)
        channels = ask.failing_channels(connection)
        failing = ask.failing_feeds(connection, 3)
        is_running = here.store.is_held()
        now = datetime.now(UTC)
        worries = _worries(numbers, channels, is_running) + _troubles(
            ask.troubles(connection, now), {one["channel"] for one in channels}, is_running
        )
        worries += [
            f"{one['waiting']} messages wait for {one['channel']}, which is not configured; see 'monitor deliveries'"
            for one in ask.waiting_for_nobody(connection, tuple(here.config.channels))
        ]
        if as_json:
            print_json(
                numbers
                | {"is_running": is_running, "well": not worries, "worries": worries, "channels_failing": channels}
            )
        else:
            _print(here, numbers, channels, failing, is_running, worries)
    if worries:
        raise SystemExit(3)


def _worries(numbers: dict[str, Any], channels: list[dict[str, Any]], is_running: bool) -> list[str]:
    """What is not well, each with the next step."""
    worries = [f"channel {one['channel']} fails: {one['error']}; see 'monitor deliveries'" for one in channels]
    if numbers["failed"]:
        worries.append(
            f"{numbers['failed']} deliveries were given up; see 'monitor deliveries list --state \"given up\"'"
        )
    if numbers["feeds"] and numbers["feeds_failing"] == numbers["feeds"]:
        worries.append("every feed fails; is this machine online?")
    if numbers["feeds_stopped"]:
        stopped = "1 feed is" if numbers["feeds_stopped"] == 1 else f"{numbers['feeds_stopped']} feeds are"
        worries.append(f"{stopped} gone for good (410) and no longer polled; see 'monitor feeds list'")
    last = numbers["last_poll"]
    if last is not None and last > datetime.now(UTC) + AHEAD:
        worries.append("the last poll lies in the future; is the clock of this machine right?")
    if last is not None and datetime.now(UTC) - last > SILENT:
        worries.append("no poll has gone well for hours; " + ("see the log" if is_running else "start 'monitor run'"))
    return worries


def _troubles(found: dict[str, Any], failing: set[str], is_running: bool) -> list[str]:
    """What waits or was left, each with the next step."""
    worries = [
        f"{channel} has not accepted a message: {answer}; see 'monitor deliveries'"
        for channel, answer in found["refused"]
        if channel not in failing
    ]
    if found["overdue"] and not is_running:
        worries.append(f"nothing runs, and messages wait: {found['overdue']}; start 'monitor run' or 'monitor once'")
    if found["unreadable"]:
        worries.append(f"{found['unreadable']} articles could not be read nor matched; see the log")
    return worries


def _print(
    here: Opened,
    numbers: dict[str, Any],
    channels: list[dict[str, Any]],
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
