"""Whether all is well, in one sentence on top of every page: what `monitor status` says, shorter.

It judges nothing: the worries are `monitor.worries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor import present
from monitor.present import Scope
from monitor.web.desk import Look


@dataclass(frozen=True, slots=True)
class Standing:
    """`worries` are sentences with their next step; empty while all is well."""

    numbers: dict[str, Any]
    worries: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        return not self.worries

    @property
    def feeds_fine(self) -> int:
        fine: int = self.numbers["feeds"] - self.numbers["feeds_failing"] - self.numbers["feeds_not_polled_yet"]
        return max(0, fine)

    @property
    def waiting(self) -> int:
        waiting: int = self.numbers["pending"]
        return waiting

    @property
    def next_delivery(self) -> datetime | None:
        at: datetime | None = self.numbers["next_delivery"]
        return at


def of(connection: Connection, look: Look) -> Standing:
    """As the store has it now; a page is served by the service, so that runs."""
    scope = Scope.of(look.config.feeds, look.config.channels, look.config.timezone)
    found = present.look(connection, scope, look.now)
    return Standing(found.numbers.shown, tuple(found.briefs))
