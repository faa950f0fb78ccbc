"""A feed's state as plain values, and what is out of the ordinary about it in words: for the table and the page.

It reads no store and prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from monitor import websub
from monitor.norms import Norm
from monitor.schedule import History, rhythm
from monitor.urls import display

if TYPE_CHECKING:
    from monitor.model import Feed
    from monitor.store.feeds import FeedState
    from monitor.websub import Subscription

Local = Callable[[datetime | None], str]

_KEPT = (
    *("last_poll_at", "last_success_at", "last_new_at", "next_poll_at", "next_reason", "failures", "failing_since"),
    *("status", "error", "held_until", "gaps", "last_gap_at", "overlaps", "gone_since", "stopped_at", "is_stuck"),
)


_DEPARTS = {
    "silent": "without a new item for three times its longest pause, noted",
    "shrunk": "shows less than a quarter of its usual items",
    "stubs": "shows only the beginnings of its items",
    "damaged": "shows letters that cannot be right (Ã© for é)",
}


def row(feed: Feed, state: FeedState | None, now: datetime, subscription: Subscription | None = None) -> dict[str, Any]:
    """Everything that is known of a feed, for `--json`; with its `subscription` at a hub, where it has one."""
    made: dict[str, Any] = {
        "url": display(feed.url),
        "name": feed.name or (state.title if state else ""),
        "tags": sorted(feed.tags),
        "where": feed.where,
        "state": _state(state),
        "rhythm": rhythm(History.from_json(state.history), now) if state else "",
        "coverage": _coverage(state),
        "asked_at": display(state.address) if state and state.address else None,
        "warnings": list(state.warnings) if state else [],
        "push": _push(subscription, now) if subscription else None,
        "departures": dict(Norm.from_json(state.norm).since) if state else {},
    }
    return made | {key: getattr(state, key) if state else None for key in _KEPT}


def _push(sub: Subscription, now: datetime) -> dict[str, Any]:
    """`until` is the end of the hub's lease, None where it has granted none."""
    until = sub.expires_at if websub.is_live(sub, now) else None
    return {"hub": display(sub.hub), "until": until, "pushed_at": sub.pushed_at, "error": sub.error}


def _state(state: FeedState | None) -> str:
    if state is None or state.last_poll_at is None:
        return "new"
    if state.stopped_at:
        return "stopped"
    return "failing" if state.failures else "ok"


def _coverage(state: FeedState | None) -> str:
    """Whether each poll showed something that the one before had shown, so that nothing can lie between."""
    if state is None or state.first_success_at is None:
        return ""
    if state.gaps:
        return f"{state.gaps} possible gap{'s' * (state.gaps != 1)}"
    return "complete" if state.overlaps else "first look"


def remarks(row: dict[str, Any], local: Local) -> list[str]:
    """What is out of the ordinary, a line each, with the way out where there is one."""
    name = row["name"] or row["url"]
    found = []
    if row["failures"]:
        times = "once" if row["failures"] == 1 else f"{row['failures']} times"
        found.append(f"failing since {local(row['failing_since'])}, {times}: {row['error']}")
    if row["stopped_at"]:
        found.append(f"gone for good, not polled since {local(row['stopped_at'])}; monitor feeds retry '{name}'")
    if row["held_until"]:
        found.append(f"held by the server until {local(row['held_until'])}")
    if row["asked_at"]:
        found.append(f"moved for good to {row['asked_at']}; back: monitor feeds retry --as-configured '{name}'")
    if row["is_stuck"]:
        found.append("its server said 304 though the feed had changed; it is asked in full")
    if row["gaps"]:
        found.append(f"items may have been missed, last {local(row['last_gap_at'])}")
    if row["push"] and row["push"]["error"]:
        found.append(f"its hub {row['push']['hub']}: {row['push']['error']}; it is polled as before")
    found += [f"{_DEPARTS[kind]} since {local(at)}" for kind, at in row["departures"].items()]
    return found + [f"the feed {warning}" for warning in row["warnings"][:2]]
