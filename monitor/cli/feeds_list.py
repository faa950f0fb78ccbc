"""What `monitor feeds list` shows of a feed in its table.

It reads the store and prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from monitor.errors import StoreError

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.store.feeds import FeedState
    from monitor.websub import Subscription

Local = Callable[[datetime | None], str]

HEADS = ("state", "feed", "last read", "next", "rhythm", "coverage", "why then")


def states(config: Config) -> dict[str, FeedState]:
    """What the store knows, by URL; nothing when there is no store yet."""
    return known(config)[0]


def known(config: Config) -> tuple[dict[str, FeedState], dict[int, Subscription]]:
    """What the store knows of the feeds by URL, and of what hubs push by the feed's row; nothing when there is no store
    yet."""
    from monitor.store import feeds, open_store, push

    try:
        store = open_store(config.store, create=False)
    except StoreError:
        return {}, {}
    try:
        with store.read() as connection:
            return {state.url: state for state in feeds.listing(connection)}, push.listing(connection)
    finally:
        store.close()


def columns(row: dict[str, Any], local: Local) -> tuple[str, ...]:
    """The feed's line of the table."""
    is_waiting = row["state"] not in ("new", "stopped")
    return (
        row["state"],
        (row["name"] or row["url"])[:40],
        local(row["last_success_at"]),
        local(row["next_poll_at"]) if is_waiting else "-",
        row["rhythm"],
        row["coverage"],
        row["next_reason"] if is_waiting else "",
    )
