"""`monitor run`: the service, in the foreground."""

from __future__ import annotations

import asyncio
import faulthandler
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import click

from monitor.cli.options import common

if TYPE_CHECKING:
    from monitor.app import App

Role = Literal["all", "scheduler", "worker", "web"]


def _opened(path: str | None, role: Role) -> App:
    """The program alone with its file, or as a member of the cluster that shares a server."""
    from monitor.app import App, prepare_workers
    from monitor.assemble import load_checked
    from monitor.errors import InputError
    from monitor.store import open_store

    config = load_checked(path)
    if config.store.startswith("sqlite") and role != "all":
        raise InputError(f"--role {role} needs a store that several can share: store: postgresql://…")
    store = open_store(config.store, create=True, meanwhile=prepare_workers)
    if store.path is not None:
        return App(config, store)
    from monitor.cluster import Member

    return Member(config, store, role)


@click.command()
@click.option("--verbose", is_flag=True, help="Log every step.")
@click.option("--log", "form", type=click.Choice(["text", "json"]), default="text", help="Lines for people, or JSON.")
@click.option(
    "--role",
    type=click.Choice(["all", "scheduler", "worker", "web"]),
    default="all",
    help="With a store on PostgreSQL: decide what is due, work, or show the pages only.",
)
@common
def command(verbose: bool, form: str, role: Role, config: str | None, as_json: bool) -> None:
    """The service, in the foreground; logs to stderr. SIGHUP reloads, SIGTERM stops."""
    from monitor import versions
    from monitor.assemble import load_checked
    from monitor.daemon import Service
    from monitor.logs import set_up
    from monitor.store import watches

    versions.check()
    set_up(is_verbose=verbose, as_json=form == "json")
    app = _opened(config, role)
    faulthandler.enable()  # what the watchdog ends says where it hung

    async def serve() -> None:
        try:
            if role != "web":
                await app.store.write(watches.note, watches.WORKED, "service", datetime.now(UTC))
            await Service(app, lambda: load_checked(config)).run()
        finally:
            await app.close()

    asyncio.run(serve())
