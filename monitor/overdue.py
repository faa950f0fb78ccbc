"""Due times after downtime and after the clock was set: what was missed comes soon, but spread.

In the caller's transaction; it must not poll.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor import schedule
from monitor.store import feeds, times

log = logging.getLogger(__name__)

#: Feeds that are overdue by more than this were missed while the service was down.
OVERDUE = timedelta(minutes=10)


def put_right(connection: Connection, jump: timedelta, now: datetime) -> None:
    """No storm and no stall, whether the service was down or the clock was set by `jump`."""
    if count := times.put_right(connection, now):
        log.warning("%d feeds were polled in a future that never was; their waits begin now", count)
    if jump > timedelta():
        times.be_patient(connection, jump, now)
    overdue = feeds.overdue(connection, now - OVERDUE)
    at = schedule.spread(overdue, now)
    feeds.postpone(connection, {overdue[url]: when for url, when in at.items()}, "overdue; spread after downtime")
