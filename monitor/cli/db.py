"""`monitor db`: the store's schema."""

from __future__ import annotations

import click

from monitor.cli.options import common


@click.group("db")
def command() -> None:
    """Upgrade the store."""


@command.command()
@common
def upgrade(config: str | None, as_json: bool) -> None:
    """Bring the store's schema up to this program's; creates the store if there is none."""
    import json

    from monitor.config import load
    from monitor.store import open_store
    from monitor.store.migrations import HEAD

    store = open_store(load(config, secrets=False).store, create=True)
    store.close()
    click.echo(json.dumps({"schema": HEAD}) if as_json else f"the store is at schema {HEAD}")
