"""What loading gives: the configuration in force as a frozen value.

It holds resolved values only; where they came from is known to the loader.
"""

from __future__ import annotations

import os
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from monitor.config.channels import ChannelSettings
from monitor.config.files import MainFile
from monitor.config.marks import Marks, marks
from monitor.config.settings import Settings
from monitor.config.values import Rate
from monitor.errors import Problem
from monitor.model import Feed, Watchlist, When

#: Channels that people read: more than this at once and the rest is folded.
PEOPLE = ("slack", "email", "apprise")
AT_MOST = Rate(20, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration in force. `when`, `quiet` and `at_most` of each channel already hold what `alerts` says for it.

    `settings` has the sections alerts, polling, network, keep, web, health. `store` may hold a password and is not
    shown. `no_effect` are the keys that are set and do nothing yet. `written` maps a feed's URL that was made of ${…}
    to what stands in the file.
    """

    path: Path
    files: tuple[Path, ...]  # every file read, the main one first
    store: str = field(repr=False)
    timezone: str
    settings: Settings
    channels: Mapping[str, ChannelSettings]
    feeds: tuple[Feed, ...] = field(repr=False)
    watchlists: tuple[Watchlist, ...] = field(repr=False)
    warnings: tuple[Problem, ...] = ()
    no_effect: tuple[Problem, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict, repr=False)
    folders: tuple[Path, ...] = ()  # where files of the configuration are, or may come to be
    store_at: str = ""  # where `store` is written: file:line:column
    read_as: Marks = field(default=frozenset(), repr=False)  # what the folders' files were when they were read

    @property
    def is_edited(self) -> bool:
        """Whether a file came, went or was written since these were read."""
        return marks(self.folders, self.files) != self.read_as

    @property
    def store_file(self) -> Path | None:
        """Where the store stands, without its options; None where it is in a server."""
        kind, _, rest = self.store.partition(":///")
        return Path(rest.partition("?")[0]) if kind == "sqlite" else None


@dataclass(frozen=True, slots=True)
class Examined:
    """What is right in a configuration, and everything that is wrong with it.

    `doubtful` are the watchlists with their watches of which a part is wrong, as far as they can be read: whatever
    else is wrong with those is to be said too.
    """

    config: Config
    problems: tuple[Problem, ...]
    doubtful: tuple[Watchlist, ...] = ()

    @property
    def is_good(self) -> bool:
        return all(problem.is_warning for problem in self.problems)


def sections(main: MainFile) -> Settings:
    return Settings.model_construct(
        **{name: getattr(main, name) for name in Settings.model_fields}, _fields_set=set(Settings.model_fields)
    )


def in_force(main: MainFile) -> dict[str, ChannelSettings]:
    """Channels with what holds for each: its own setting, else that of `alerts`, else what is built in."""
    alerts = main.alerts
    found: dict[str, ChannelSettings] = {}
    for name, channel in main.channels.items():
        own = channel.model_fields_set
        built_in = AT_MOST if channel.type in PEOPLE else None
        update = {
            "when": channel.when if "when" in own and channel.when else alerts.when or When(),
            "quiet": channel.quiet if "quiet" in own else alerts.quiet,
            "at_most": channel.at_most
            if "at_most" in own
            else alerts.at_most
            if "at_most" in alerts.model_fields_set
            else built_in,
        }
        found[name] = channel.model_copy(update=update)
    return found


def local_zone() -> str:
    """The system's time zone by name, UTC when it has none that is known."""
    link = os.path.realpath("/etc/localtime")
    for name in (os.environ.get("TZ", "").lstrip(":"), link.partition("zoneinfo/")[2]):
        try:
            if name:
                return zoneinfo.ZoneInfo(name).key
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return "UTC"
