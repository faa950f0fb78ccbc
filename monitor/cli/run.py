"""`monitor run`: the service, in the foreground."""

from __future__ import annotations

import asyncio
import faulthandler

import click

from monitor.cli.options import common


@click.command()
@click.option("--verbose", is_flag=True, help="Log every step.")
@common
def command(verbose: bool, config: str | None, as_json: bool) -> None:
    """The service, in the foreground; logs to stderr. SIGHUP reloads, SIGTERM stops."""
    from monitor.app import open_app
    from monitor.assemble import load_checked
    from monitor.daemon import Service
    from monitor.logs import set_up

    set_up(is_verbose=verbose)
    faulthandler.enable()  # what the watchdog ends says where it hung
    app = open_app(config)

    async def serve() -> None:
        try:
            await Service(app, lambda: load_checked(config)).run()
        finally:
            await app.close()

    asyncio.run(serve())
