"""`monitor once`: one whole round, for cron and for trying things out."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from datetime import UTC, datetime

import click

from monitor.cli.opening import print_json
from monitor.cli.options import common


@click.command()
@click.option(
    "--all", "is_all", is_flag=True, help="Poll every feed whatever its schedule; only a Retry-After is obeyed."
)
@click.option("--verbose", is_flag=True, help="Log every step to stderr.")
@common
def command(is_all: bool, verbose: bool, config: str | None, as_json: bool) -> None:
    """Poll every feed that is due, read all that is new, deliver all that is due, exit.

    Exit code 0: all well; 3: something failed, and is named.
    """
    from monitor.app import Round, open_app
    from monitor.logs import set_up
    from monitor.store import watches

    set_up(is_quiet=not verbose)
    app = open_app(config)

    async def round_() -> Round:
        try:
            await app.begin()
            await app.store.write(watches.note, watches.WORKED, "once", datetime.now(UTC))
            return await app.once(is_all=is_all)
        finally:
            await app.close()

    # With --json nothing but the object stands on stdout: a console channel speaks on stderr then.
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        done = asyncio.run(round_())
    new = sum(len(polled.new) + polled.archived for polled in done.polled)
    sent = sum(one.state == "sent" for one in done.sent)
    if as_json:
        print_json(
            {
                "polled": len(done.polled),
                "new": new,
                "alerts": done.alerts,
                "sent": sent,
                "failures": list(done.failures),
            }
        )
    else:
        polled, made = _many(len(done.polled), "feed"), _many(done.alerts, "alert")
        click.echo(f"{polled} polled, {_many(new, 'new article')}, {made}, {_many(sent, 'message')} sent", err=True)
    for failure in done.failures:
        click.echo(f"monitor: {failure}", err=True)
    if done.failures:
        raise SystemExit(3)


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
