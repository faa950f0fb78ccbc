"""One delivery on its way out, with a store that is busy when the receiver has already accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.deliver import Sender
from monitor.errors import StoreError
from monitor.model import Message, Receipt
from monitor.store import AsyncStore, Store, open_store, outbox
from tests.test_compose import rules

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url, create=True)
    with opened.write() as connection:
        outbox.add_notice(connection, ("desk", ""), {"title": "Test", "lines": []}, NOW)
    yield opened
    opened.close()


class Accepting:
    """A receiver that accepts all and counts it."""

    name, kind, of_people, recipients = "desk", "webhook", False, ("",)

    def __init__(self) -> None:
        self.got: list[str] = []

    async def send(self, message: Message, *, delivery_id: str, target: str, now: datetime) -> Receipt:
        self.got.append(delivery_id)
        return Receipt("200")


class Busy(AsyncStore):
    """Another program holds the lock whenever an outcome is to be written, for so many times."""

    times = 1

    async def write(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if function.__name__ == "_settle" and self.times:
            self.times -= 1
            raise StoreError("the store is locked")
        return await super().write(function, *args, **kwargs)


async def test_an_outcome_that_could_not_be_written_at_once_is_written_a_moment_later(store: Store) -> None:
    channel = Accepting()
    sender = Sender(Busy(store), {"desk": channel}, rules(), owner="one", clock=lambda: NOW, chance=lambda: 0.0)
    async with asyncio.timeout(5):
        (sent,) = await sender.deliver_due()
    assert sent.state == "sent"
    with store.write() as connection:
        assert outbox.claim(connection, "desk", "two", NOW + 2 * outbox.LEASE) is None
    assert len(channel.got) == 1
