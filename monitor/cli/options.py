"""Options that every command takes, in one place so that they read the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def common(function: Command) -> Command:
    """Add --config FILE and --json, passed as `config: str | None` and `as_json: bool`."""
    with_json = click.option("--json", "as_json", is_flag=True, help="Print JSON: one object, or one a line for lists.")
    with_config = click.option("--config", metavar="FILE", help="The configuration; see README for where it is looked for.")
    return with_config(with_json(function))
