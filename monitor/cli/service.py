"""`monitor service`: install the program as a systemd service; what it does is shown first."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from monitor.cli.options import common
from monitor.errors import InputError


@click.group("service")
def command() -> None:
    """Install the program as a systemd service."""


@command.command()
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("/"),
    help="Install below this folder, to look at what comes of it.",
)
@common
def install(is_sure: bool, root: Path, config: str | None, as_json: bool) -> None:
    """Write unit, user and configuration folder; shows what it does before it does it. Nothing is started."""
    from monitor.installing import plan

    steps = list(plan(root.absolute(), _program()))
    if as_json and not is_sure:
        click.echo(json.dumps({"steps": [step.says for step in steps], "done": False}))
        return
    for number, step in enumerate(steps, 1):
        click.echo(f"{number}. {step.says}", err=as_json)
    if not steps:
        click.echo("everything is there already", err=as_json)
    _ask(root, is_sure=is_sure)
    for step in steps:
        step.act()
    if as_json:
        click.echo(json.dumps({"steps": [step.says for step in steps], "done": True}))
    else:
        if root != Path("/"):
            click.echo(f"done, below {root}")
            return
        click.echo("done; next: systemctl enable --now news-monitor, then: systemctl status news-monitor")


def _program() -> Path:
    """The command that runs now, as the unit is to name it."""
    return Path(sys.executable).parent / "monitor"


def _ask(root: Path, *, is_sure: bool) -> None:
    if root == Path("/") and os.geteuid() != 0:
        raise InputError("only root may install a service: sudo monitor service install")
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise InputError("nothing was done; add --yes to do it without being asked")
    click.confirm("Go on?", abort=True)
