"""`monitor demo`: the whole program in half a minute, with no network and no account."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from monitor.cli.options import common

if TYPE_CHECKING:
    from monitor.demo import Outcome


@click.command()
@click.option("--fast", is_flag=True, help="Without pauses for reading.")
@click.option("--verbose", is_flag=True, help="Also log every step of the program to stderr.")
@common
def command(fast: bool, verbose: bool, config: str | None, as_json: bool) -> None:
    """The whole program in half a minute, with no network, no account and no configuration.

    An invented news site, a webhook receiver and a mail receiver listen on this machine; between them runs the same
    service as in 'monitor run'. Exit code 0: everything arrived that should have, and nothing else; 3: not so.
    """
    from monitor.demo import Show, play
    from monitor.logs import set_up

    set_up(is_verbose=verbose, is_quiet=not verbose)
    show = Show((lambda line: None) if as_json else click.echo, pause_s=0 if fast else 2, has_console=not as_json)
    if not as_json:
        click.echo("A small news site, a webhook receiver and a mail receiver listen on this machine.")
    outcome = asyncio.run(play(show))
    if outcome is None:
        raise click.Abort
    _report(outcome, as_json=as_json)
    if outcome.failed:
        raise SystemExit(3)


def _report(outcome: Outcome, *, as_json: bool) -> None:
    import json

    from monitor.demo.story import ending

    counts = outcome.counts
    if as_json:
        click.echo(json.dumps(counts | {"failed": outcome.failed}, ensure_ascii=False))
        return
    click.echo(ending(counts, outcome.failed))
