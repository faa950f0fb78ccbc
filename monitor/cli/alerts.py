"""`monitor alerts`: what was told, to whom, when and why; and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import click

from monitor.cli.opening import opened, print_json
from monitor.cli.options import Duration, common


@click.command()
@click.option("--since", type=Duration(), default="7d", show_default=True, help="How far back: 12h, 7d.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option("--held", is_flag=True, help="Only what no receiver has accepted yet, until when and why.")
@common
def command(since: timedelta, limit: int, held: bool, config: str | None, as_json: bool) -> None:
    """What was told and what waits, newest first."""
    from monitor.store import ask

    with opened(config) as here, here.store.read() as connection:
        found = ask.told(connection, datetime.now(UTC) - since, limit, here.name, only_held=held)
        for alert in found:
            if as_json:
                print_json(alert)
            else:
                when = (
                    f"told {here.local(alert['settled_at'])}{_in(alert)}"
                    if alert["state"] == "sent"
                    else _waits(alert, here.local(alert["due_at"]))
                )
                click.echo(f"{alert['id']}  {here.local(alert['created_at'])}  {alert['channel']}: {when}")
                click.echo(f"    {alert['title']}  ({alert['outlet']})")
                click.echo(f"    {', '.join(alert['watches'])} · {alert['why']}")
    if not found and not as_json:
        click.echo("nothing waits" if held else "no alert yet in this time; 'monitor status' says whether all is well")


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
