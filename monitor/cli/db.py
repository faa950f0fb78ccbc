"""`monitor db`: the store's schema, a copy of it, whether it is whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.options import common

if TYPE_CHECKING:
    from monitor.store import Store


@click.group("db")
def command() -> None:
    """Upgrade, back up and check the store."""


@command.command()
@common
def upgrade(config: str | None, as_json: bool) -> None:
    """Bring the store's schema up to this program's; creates the store if there is none. A copy is kept beside it."""
    from monitor.config import load
    from monitor.store import open_store
    from monitor.store.migrations import HEAD

    store = open_store(load(config, secrets=False).store, create=True)
    store.close()
    if as_json:
        click.echo(json.dumps({"schema": HEAD, "way_back": store.upgraded}))
        return
    click.echo(f"the store is at schema {HEAD}")
    if store.upgraded:
        click.echo(store.upgraded)


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@common
def backup(file: Path, config: str | None, as_json: bool) -> None:
    """Copy the store to FILE while the service runs; the copy is checked. To restore, put it in its place."""
    from monitor.cli.opening import opened
    from monitor.store.backup import back_up

    with opened(config) as here:
        size = back_up(_file_of(here.store), file)
    click.echo(json.dumps({"file": str(file), "bytes": size}) if as_json else f"{file}: {size / 1e6:.1f} MB, checked")


@command.command()
@common
def check(config: str | None, as_json: bool) -> None:
    """Read the whole store and say whether it is whole; exit code 1 if it is not."""
    from monitor.cli.opening import opened
    from monitor.store.backup import check as check_store

    with opened(config) as here:
        check_store(_file_of(here.store))
    click.echo(json.dumps({"whole": True}) if as_json else "the store is whole")


@command.command("copy")
@click.argument("source")
@click.argument("target")
@common
def copy_(source: str, target: str, config: str | None, as_json: bool) -> None:
    """Move an installation: copy the store SOURCE into the new, empty store TARGET (sqlite:///… or postgresql://…).

    Stop the service first. Nothing is lost or sent again: all rows keep their ids.
    """
    from monitor.store import open_store
    from monitor.store.copy import copy

    with closing(open_store(source, create=False)) as there, closing(open_store(target, create=True)) as here:
        with _progress(there) as moved:
            counts = copy(there, here, moved)
        where = here.where
    if as_json:
        click.echo(json.dumps({"rows": counts}))
        return
    click.echo(f"{sum(counts.values())} rows are at {where} now, and still at the old place")
    click.echo("next: write the new address as 'store' in monitor.yaml, then start the service")


@contextmanager
def _progress(source: Store) -> Iterator[Callable[[str, int], None]]:
    """What is told of rows as they are copied: a bar on a terminal, nothing elsewhere."""
    from monitor.store.copy import rows

    if not sys.stderr.isatty():
        yield lambda table, count: None
        return
    with click.progressbar(length=rows(source), file=sys.stderr) as bar:
        yield lambda table, count: bar.update(count)


def _file_of(store: Store) -> Path:
    from monitor.errors import InputError

    if store.path is None:
        raise InputError("the store is on a PostgreSQL server; copy and check it with pg_dump, pg_amcheck")
    return store.path
