"""What is known of how the program does now: itself, its feeds, channels, queues and machines.

Values alone; what of them is wrong is judged in `worries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from monitor.troubles import Trouble


@dataclass(frozen=True, slots=True)
class Process:
    """What a service knows of itself. `kills` are those of the last ten minutes; `up_since` when it started.

    `page` says why there is no web page though there should be one.
    """

    up_since: datetime
    offline_since: datetime | None = None
    kills: int = 0
    free_bytes: float | None = None
    free_share: float = 1.0
    store_bytes: float = 0.0
    journal_bytes: float = 0.0
    damage: str = ""
    page: str = ""
    page_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feeds:
    """`polled` leaves out those that are `stopped`, gone for good. `next_poll` is when the first is due,
    `asked_in_vain` when one that fails was last asked; `together` are those that began to fail lately, with their
    commonest errors."""

    all: int = 0
    failing: int = 0
    stopped: int = 0
    never_read: int = 0
    polled: int = 0
    last_poll: datetime | None = None
    next_poll: datetime | None = None
    asked_in_vain: datetime | None = None
    together: int = 0
    together_since: datetime | None = None
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Down:
    """A channel or a feed that fails. `waiting` messages wait; it `is_gone` when only a person can mend it."""

    key: str
    name: str
    since: datetime
    error: str
    waiting: int = 0
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """What should have gone through by now, the oldest since then."""

    count: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A machine of those that share a store."""

    role: str
    version: str
    watches: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is judged. `process` is None where another than the service looks: what it has `remembered` then counts.

    `refused` are messages that were not accepted, by channel with the answer; `strangers` are channels that are not
    configured, with how many messages wait for them and since when.
    """

    now: datetime
    zone: tzinfo
    is_running: bool
    process: Process | None = None
    remembered: tuple[Trouble, ...] = ()
    is_service_gone: bool = False
    refused_edit: str = ""
    members: tuple[Member, ...] = ()
    feeds: Feeds = Feeds()
    critical: tuple[Down, ...] = ()
    channels: tuple[Down, ...] = ()
    given_up: int = 0
    overdue: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    strangers: tuple[tuple[str, int, datetime], ...] = ()
    unreadable: int = 0
    unsent: Queue = Queue()
    unread: Queue = Queue()
    days: float = 0.0  # for how many there has been anything
