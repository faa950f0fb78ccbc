"""What monitoring asks of a running service: whether it lives, whether it does its work, and its numbers.

It only looks; what to do about an answer is the asker's business.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from monitor import worries
from monitor.app import App
from monitor.errors import StoreError
from monitor.metrics import CONTENT_TYPE
from monitor.store import numbers

__all__ = ["CONTENT_TYPE", "Answer", "healthz", "metrics", "readyz"]


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
        found = await app.vitals.look()
    except StoreError as error:
        return _answer([*wrong, str(error)])
    there = found.numbers
    return _answer(
        [*wrong, *worries.unready(found.troubles)],
        feeds=there.of_feeds.polled,
        unread=there.of_articles.unread,
        pending=there.of_messages.pending,
    )


async def metrics(app: App) -> bytes:
    """All numbers in Prometheus' text format (CONTENT_TYPE); while the store does not answer, those of before."""
    try:
        found = await app.store.look(numbers.gauges, app.clock())
    except StoreError:
        found = {}
    app.metrics.set(found | {"store_bytes": app.care.bytes()})
    return app.metrics.text()
