"""A test message to a channel by the way an alert goes: written to the outbox, claimed, rendered, sent, settled.

It works beside a running service, and before there is a store (in one of its own, then).
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from monitor import scratch
from monitor.app import utc_now
from monitor.assemble import make_channels, make_rules
from monitor.config import Config
from monitor.deliver import Sender, Sent
from monitor.store import AsyncStore, Store, open_store, outbox
from monitor.store.outbox import Claimed

BODY = {
    "title": "Test message from News monitor",
    "lines": ["If you can read this, alerts reach you here.", "Nobody needs to do anything."],
}


async def send_test(config: Config, name: str, now: datetime) -> list[Sent]:
    """Send it to every recipient of the channel; what each answered. It is tried once."""
    with tempfile.TemporaryDirectory(dir=scratch.folder()) as folder, _store(config, Path(folder)) as store:
        channels = make_channels(config)
        owner = f"test {os.getpid()}"
        rules = make_rules(config, channels, Path(folder))
        aio = AsyncStore(store)
        sender = Sender(aio, channels, rules, owner=owner, clock=utc_now, chance=random.random)
        done = []
        for target in channels[name].recipients:
            claimed = await aio.write(_write_and_claim, name, target, owner, now)
            done.append(await sender.send(claimed))
            await aio.write(outbox.end_trials, utc_now())
        return done


@contextmanager
def _store(config: Config, folder: Path) -> Iterator[Store]:
    store = None
    file = config.store_file
    if file is not None and not file.exists():
        store = open_store(f"sqlite:///{folder}/trial.db", create=True)
    else:
        store = open_store(config.store, create=False)
    try:
        yield store
    finally:
        store.close()


def _write_and_claim(connection: Connection, name: str, target: str, owner: str, now: datetime) -> Claimed:
    """In one transaction, so that no other test ends it."""
    outbox.end_trials(connection, now)  # of tests that were killed
    delivery = outbox.add_trial(connection, (name, target), BODY, now)
    claimed = outbox.claim_one(connection, delivery, owner, now)
    assert claimed is not None
    return claimed
