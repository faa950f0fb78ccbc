"""`monitor deliveries`: what was sent, waits or was given up; and sending it again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import click

from monitor.cli.opening import opened, print_json, print_table
from monitor.cli.options import common
from monitor.errors import InputError

UNCONFIGURED = "channel is not configured"


@click.group("deliveries", invoke_without_command=True)
@click.pass_context
@common
def command(context: click.Context, config: str | None, as_json: bool) -> None:
    """What was sent, waits or was given up; send again. Lists when called alone."""
    if context.invoked_subcommand is None:
        _list(config, None, 50, as_json)
    else:  # `monitor deliveries --config F list` is as good as `monitor deliveries list --config F`
        context.obj = (config, as_json)


@command.command("list")
@click.option("--state", type=click.Choice(["pending", "sent", "given up", "gathered"]), help="Only these.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.pass_obj
@common
def list_(outer: tuple[str | None, bool], state: str | None, limit: int, config: str | None, as_json: bool) -> None:
    """Deliveries, newest first."""
    _list(config or outer[0], state, limit, as_json or outer[1])


def _list(config: str | None, state: str | None, limit: int, as_json: bool) -> None:
    from monitor.store import ask

    with opened(config) as here, here.store.read() as connection:
        found = ask.sendings(connection, limit, state)
        if as_json:
            for row in found:
                print_json(row | {"is_configured": row["channel"] in here.config.channels})
            return
        print_table(
            (
                row["id"],
                row["channel"] + (f" {row['target']}" if row["target"] else ""),
                row["state"],
                _tries(row),
                here.local(row["settled_at"] or row["due_at"]),
                " ".join(row["alerts"][:5]) + (" …" if len(row["alerts"]) > 5 else "") or row["kind"],
                _answer(row, here.config.channels),
            )
            for row in found
        )
        if not found:
            click.echo("no delivery yet")


def _tries(row: Mapping[str, Any]) -> str:
    tries = row["attempts"]
    return "1 try" if tries == 1 else f"{tries} tries"


def _answer(row: Mapping[str, str], channels: Collection[str]) -> str:
    """Why it was not accepted."""
    if row["state"] == "pending" and row["channel"] not in channels:
        return UNCONFIGURED
    return row["answer"][:60] if row["state"] != "sent" else ""


@command.command()
@click.argument("ids", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="Everything not yet accepted.")
@click.pass_obj
@common
def retry(
    outer: tuple[str | None, bool], ids: tuple[str, ...], is_all: bool, config: str | None, as_json: bool
) -> None:
    """Make what was not accepted due now; the service or the next 'monitor once' sends it."""
    from monitor.store import ask, outbox

    if is_all == bool(ids):
        raise click.UsageError("name deliveries by id, or give --all")
    with opened(config or outer[0]) as here, here.store.write() as connection:
        due = outbox.retry(connection, None if is_all else ids, datetime.now(UTC))
        nobody = ask.waiting_for_nobody(connection, here.config.channels)
    missing = [one for one in ids if one not in due]
    if missing and not due and not (as_json or outer[1]):
        raise InputError(f"no delivery that waits or was given up: {', '.join(missing)}; see 'monitor deliveries'")
    if as_json or outer[1]:
        print_json({"due": due, "not_found": missing, "not_configured": nobody})
    else:
        click.echo(f"{len(due)} due now")
        for one in nobody:
            click.echo(f"{one['channel']}: {UNCONFIGURED}, {one['waiting']} wait until one of this name is", err=True)
    if missing:
        raise InputError(f"no delivery that waits or was given up: {', '.join(missing)}; see 'monitor deliveries'")
