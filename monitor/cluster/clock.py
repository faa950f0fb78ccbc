"""The time as the store's server tells it: leases and due times are compared by machines whose clocks differ.

It must not be asked where the time is only shown.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

#: Less is as good as right.
TOLERATED = timedelta(seconds=0.5)


class SharedClock:
    """This machine's clock, put right by what the server said last."""

    def __init__(self, local: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._local = local
        self.ahead = timedelta()  # how far the server's clock is ahead of this machine's

    def __call__(self) -> datetime:
        return self._local() + self.ahead

    def compare(self, connection: Connection) -> timedelta:
        """Ask the server; how far this machine is wrong."""
        before = self._local()
        theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)
        ahead = theirs - (before + (self._local() - before) / 2)
        if abs(ahead - self.ahead) > TOLERATED:
            self.ahead = ahead if abs(ahead) > TOLERATED else timedelta()
        return self.ahead
