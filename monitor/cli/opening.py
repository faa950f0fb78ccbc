"""What the commands that ask the store share: opening it without a service, and printing rows.

It must not create a store, nor need a secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.fetch import Network
    from monitor.store import Store


@dataclass(frozen=True, slots=True)
class Opened:
    """A configuration and its store. `name` says what a feed is called."""

    config: Config
    store: Store
    mistake: str = ""  # the first of a configuration that was taken all the same

    def name(self, key: str, title: str) -> str:
        from monitor.urls import display

        configured = next((feed.name for feed in self.config.feeds if feed.key == key), "")
        return configured or title or display(key)

    def local(self, moment: datetime | None) -> str:
        """`22 Nov 14:02` in the user's zone, `-` for never."""
        return f"{moment.astimezone(ZoneInfo(self.config.timezone)):%d %b %H:%M}" if moment else "-"


@contextmanager
def opened(config: str | None, *, is_lenient: bool = False) -> Iterator[Opened]:
    """The configuration in force, without its secrets, and the store as it is.

    `is_lenient`: what is right of a configuration with mistakes, which a service that runs did not take either.
    """
    from monitor.config import examine, load
    from monitor.store import open_store

    found = examine(config, secrets=False) if is_lenient else None
    loaded = found.config if found else load(config, secrets=False)
    mistakes = [one for one in found.problems if not one.is_warning] if found else []
    store = open_store(loaded.store, create=False)
    try:
        yield Opened(loaded, store, str(mistakes[0]) if mistakes else "")
    finally:
        store.close()


def network(config: str | None) -> Network:
    """The network settings in force, the built-in ones where there is no configuration."""
    from monitor.assemble import make_network
    from monitor.config import examine, find
    from monitor.errors import InputError
    from monitor.fetch import Network

    try:
        find(config)
    except InputError:
        if config:
            raise
        return Network()
    return make_network(examine(config, secrets=False).config)


def print_json(value: Mapping[str, Any]) -> None:
    """One object on one line; times in ISO 8601."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def print_table(rows: Iterable[tuple[str, ...]], notes: Sequence[Sequence[str]] = ()) -> None:
    """Columns as wide as their widest value, below each row its notes, indented.

    Control characters of feeds and receivers never reach the terminal.
    """
    lines = [tuple(map(_printable, row)) for row in rows]
    if not lines:
        return
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for number, line in enumerate(lines):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        for note in notes[number] if notes else ():
            click.echo(f"    {_printable(note)}")


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
