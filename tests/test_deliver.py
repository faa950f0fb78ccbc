"""One delivery on its way out, with a store that is busy when the receiver has already accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.deliver import Sender
from monitor.errors import DeliveryFailed, StoreError
from monitor.model import Message, Receipt
from monitor.store import AsyncStore, Store, ask, leases, open_store, outbox
from monitor.store.leases import LEASE
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
        assert outbox.claim(connection, "desk", "two", NOW + 2 * LEASE) is None
    assert len(channel.got) == 1


class Failing(Accepting):
    """A receiver that answers 500 to some messages, or to all (None)."""

    def __init__(self, bad: set[str] | None) -> None:
        super().__init__()
        self.bad = bad
        self.asked: list[str] = []

    async def send(self, message: Message, *, delivery_id: str, target: str, now: datetime) -> Receipt:
        self.asked.append(delivery_id)
        if self.bad is None or delivery_id in self.bad:
            raise DeliveryFailed("desk failed at the message (500)", answer="500")
        return await super().send(message, delivery_id=delivery_id, target=target, now=now)


def sender(store: Store, channel: Accepting, now: datetime) -> Sender:
    return Sender(AsyncStore(store), {"desk": channel}, rules(), owner="one", clock=lambda: now, chance=lambda: 0.0)


async def test_a_message_that_fails_by_itself_holds_up_none_of_those_behind_it(store: Store) -> None:
    with store.write() as connection:
        good = [
            outbox.add_notice(connection, ("desk", ""), {"title": f"Good {number}", "lines": []}, NOW)
            for number in range(20)
        ]
        (first,) = {claim.id for claim in [outbox.claim(connection, "desk", "look", NOW)] if claim}
        leases.free(connection)
    channel = Failing({first})
    await sender(store, channel, NOW).deliver_due()
    assert channel.asked.count(first) == 1
    assert len(channel.got) == len(good) == 20


async def test_ten_attempts_in_three_days_each_by_a_new_process_then_kept_and_sent_again_by_hand(
    store_url: str, store: Store
) -> None:
    channel, now, attempts = Failing(None), NOW, []
    for _ in range(20):
        process = open_store(store_url, create=False)
        if await sender(process, channel, now).deliver_due():
            attempts.append(now)
        with process.read() as connection:
            (row,) = ask.sendings(connection, 10, None)
        process.close()
        if row["state"] != "pending":
            break
        now = row["due_at"]
    assert (row["state"], row["answer"]) == ("given up", "500")
    assert len(attempts) == 10
    assert attempts[-1] - attempts[0] >= timedelta(hours=75)
    channel.bad = set()
    with store.write() as connection:
        outbox.retry(connection, [row["id"]], now)
    await sender(store, channel, now).deliver_due()
    assert channel.got == [row["id"]]
    assert set(channel.asked) == {row["id"]}


class Removed(Accepting):
    """While it accepts a message, an edit takes it out of the configuration."""

    sender: Sender

    async def send(self, message: Message, *, delivery_id: str, target: str, now: datetime) -> Receipt:
        self.sender.channels = {}
        return await super().send(message, delivery_id=delivery_id, target=target, now=now)


async def test_what_a_channel_accepted_while_an_edit_removed_it_is_recorded(store: Store) -> None:
    with store.write() as connection:
        outbox.note_channel(connection, "desk", NOW, pause=NOW, error="down")  # its return is gathered
    channel = Removed()
    channel.of_people = True
    channel.sender = sender(store, channel, NOW)
    (sent,) = await channel.sender.deliver_due()
    assert sent.state == "sent"
    await sender(store, channel, NOW + 2 * LEASE).deliver_due()
    assert len(channel.got) == 1
