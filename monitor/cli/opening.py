"""What the commands that ask the store share: opening it without a service, and printing rows.

It must not create a store, nor need a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from monitor.config import Config, Examined
    from monitor.errors import Problem
    from monitor.fetch import Network
    from monitor.model import Watchlist
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

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.config.timezone)

    def local(self, moment: datetime | None) -> str:
        """`22 Nov 14:02` in the user's zone, with its year if that is another than ours; `-` for never."""
        return local(moment, self.zone)


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    if moment is None:
        return "-"
    there = moment.astimezone(zone)
    return f"{there:%d %b %H:%M}" if there.year == datetime.now(zone).year else f"{there:%d %b %Y %H:%M}"


@contextmanager
def opened(config: str | None, *, is_said: bool = True) -> Iterator[Opened]:
    """What is right in the configuration, without its secrets, and the store as it is.

    Raises ConfigError where mistakes hide which store is meant.
    """
    from monitor.store import open_store

    loaded, mistake = lenient(config, is_said=is_said, is_asked=True)
    store = open_store(loaded.store, create=False)
    try:
        yield Opened(loaded, store, mistake)
    finally:
        store.close()


def lenient(config: str | None, *, is_said: bool = True, is_asked: bool = False) -> tuple[Config, str]:
    """What is right in the configuration, without its secrets, and its first mistake; `is_said`: on stderr, too.

    A mistake must not keep a person from asking: a service that runs did not take the edit either. `is_asked`: the
    store will be; a mistake that hides which one it is ends in ConfigError.
    """
    from monitor.config import examine
    from monitor.errors import ConfigError

    found = examine(config, secrets=False)
    mistakes = [one for one in found.problems if not one.is_warning]
    if not mistakes:
        return found.config, ""
    if is_asked and _hides_store(found, mistakes):
        raise ConfigError(mistakes)
    if is_said:
        _say(mistakes[0])
    return found.config, str(mistakes[0])


def sound(watchlists: Sequence[Watchlist]) -> Sequence[Watchlist]:
    """Those watches whose expressions can be read; the first that cannot is named on stderr."""
    from monitor.match import sound as readable

    kept, problems = readable(watchlists)
    if problems:
        _say(problems[0])
    return kept


def _say(one: Problem) -> None:
    where = f"{one.file}:{one.line}:{one.column}" if one.line else one.file
    more = "what was in force is used where it can be, 'monitor check' names all"
    click.echo(f"{where} is wrong ({one.message}); {more}", err=True)


def _hides_store(found: Examined, mistakes: Sequence[Problem]) -> bool:
    """Whether the address of the store stands in the main file and was not understood."""
    from monitor.config.load import shown_path

    main = found.config.path
    mine = [one for one in mistakes if one.file == shown_path(main)]
    place = found.config.store_at.removeprefix(shown_path(main)).strip(":").partition(":")[0]
    if not place:  # nowhere, or in a part that the parser did not reach
        written = re.search(rb"^store\s*:", main.read_bytes(), re.MULTILINE)
        return bool(mine and written)
    return any(one.line == int(place) for one in mine)


def zone_of(config: str | None) -> ZoneInfo:
    """The user's zone, the machine's where there is no configuration."""
    from monitor.config import find
    from monitor.config.result import local_zone
    from monitor.errors import InputError

    try:
        find(config)
    except InputError:
        if config:
            raise
        return ZoneInfo(local_zone())
    return ZoneInfo(lenient(config, is_said=False)[0].timezone)


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


def among(name: str, known: Iterable[str], what: str) -> str:
    """The name as it is written; case does not count where that is clear."""
    from monitor.config.values import meant
    from monitor.errors import InputError

    names = list(dict.fromkeys(known))
    alike = [one for one in names if one.casefold() == name.casefold()]
    if name in names or len(alike) == 1:
        return name if name in names else alike[0]
    some = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    otherwise = f"; there are: {some}" if names else "; there is none yet"
    raise InputError(f"there is no {what} '{name}'{meant(name, names, otherwise)}")


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
