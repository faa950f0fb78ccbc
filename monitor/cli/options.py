"""Options that every command takes, in one place so that they read the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def common(function: Command) -> Command:
    """Add --config FILE and --json, passed as `config: str | None` and `as_json: bool`."""
    with_json = click.option("--json", "as_json", is_flag=True, help="Print JSON: one object, or one a line for lists.")
    with_config = click.option(
        "--config", metavar="FILE", help="The configuration; see README for where it is looked for."
    )
    return with_config(with_json(function))


class Duration(click.ParamType[timedelta]):
    """`30s`, `10m`, `6h`, `2d`."""

    name = "duration"
    UNITS: ClassVar = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,9})([smhd])", value)
        if not found:
            self.fail(f"'{value}' is no duration; write 30s, 10m, 6h or 2d", param, ctx)
        try:
            return timedelta(**{self.UNITS[found[2]]: int(found[1])})
        except OverflowError:
            self.fail(f"'{value}' is too long", param, ctx)
