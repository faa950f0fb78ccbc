"""What monitoring asks of a running service: whether it lives, whether it does its work, and its numbers.

It only looks; what to do about an answer is the asker's business.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta

from monitor.app import App
from monitor.errors import StoreError
from monitor.metrics import CONTENT_TYPE
from monitor.store import reports, tallies

__all__ = ["CONTENT_TYPE", "Answer", "healthz", "metrics", "readyz"]

#: Without one good poll for so long, though feeds were due, the service does not do its work.
NO_POLL = timedelta(minutes=15)
#: Just started, it has not polled anything yet and need not have.
GRACE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is 200 or 503; `body` goes out as JSON and says what is wrong in words."""

    status: int
    body: dict[str, object] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        return self.status == 200


def _answer(wrong: list[str], **more: object) -> Answer:
    return Answer(503 if wrong else 200, {"status": "failing" if wrong else "ok", "wrong": wrong} | more)


async def healthz(app: App) -> Answer:
    """Whether the process gets on: its loops come round and what is under way ends. A 503 is a reason to restart it."""
    return _answer(list(app.pulse.stuck(time.monotonic())))


async def readyz(app: App) -> Answer:
    """Whether it does its work: the store answers, polls go well, what is due is sent. A 503 is a reason to look."""
    wrong = list(app.pulse.stuck(time.monotonic()))
    try:
        found = await app.store.look(tallies.queues, app.clock())
    except StoreError as error:
        return _answer([*wrong, str(error)])
    now = app.clock()
    silent = now.timestamp() - (found["last_poll_timestamp_seconds"] or app.started_at.timestamp())
    is_due = found["feeds_overdue"] > 0 or (found["feeds"] and found["feeds_failing"] == found["feeds"])
    if is_due and silent > NO_POLL.total_seconds() and now - app.started_at > GRACE:
        wrong.append(f"no poll has gone well for {silent / 60:.0f} min")
    if app.is_offline:
        wrong.append("this machine seems to be offline")
    names = [channel.name for channel in app.rules.channels]
    late, _ = await app.store.look(reports.unsent, now - tallies.OVERDUE, names)
    if late:
        wrong.append(f"{late} messages have been due for more than ten minutes")
    return _answer(wrong, feeds=int(found["feeds"]), unread=int(found["unread"]), pending=int(found["pending"]))


async def metrics(app: App) -> bytes:
    """All numbers in Prometheus' text format (CONTENT_TYPE); while the store does not answer, those of before."""
    try:
        found = await app.store.look(tallies.queues, app.clock())
    except StoreError:
        found = {}
    app.metrics.set(found | {"store_bytes": app.care.bytes()})
    return app.metrics.text()
