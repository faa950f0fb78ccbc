"""`monitor run` that kills itself at a named point, for the torture bench; the program itself knows nothing of it.

TORTURE_POINT=accepted:3 TORTURE_SLACK=http://127.0.0.1:…/api python -m tests.bench.killed_service run --config FILE
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

#: name -> (module or class, attribute, kill before or after it ran)
POINTS = {
    "entry stored": ("monitor.store.feeds", "learn", "after"),
    "concluding": ("monitor.reading", "conclude", "before"),
    "concluded, not committed": ("monitor.reading", "conclude", "after"),
    "claimed, not committed": ("monitor.store.outbox", "claim", "after"),
    "composed": ("monitor.deliver", "compose", "after"),
    "sending": ("monitor.deliver:Sender", "_accepted", "before"),
    "accepted, not recorded": ("monitor.deliver:Sender", "_settle", "before"),
    "recorded, not committed": ("monitor.store.outbox", "settle", "after"),
    "gathered, not committed": ("monitor.store.backlog", "_fold", "after"),
    "recorded": ("monitor.deliver", "log.log", "before"),
}


def arm(point: str, count: int) -> None:
    """Die at the `count`-th passage of the point."""
    import importlib

    place, attribute, when = POINTS[point]
    module, _, inner = place.partition(":")
    owner: Any = importlib.import_module(module)
    owner = getattr(owner, inner) if inner else owner
    for name in attribute.split(".")[:-1]:
        owner = getattr(owner, name)
    name = attribute.rpartition(".")[2]
    setattr(owner, name, _deadly(getattr(owner, name), when, count))


def _deadly(function: Callable[..., Any], when: str, count: int) -> Callable[..., Any]:
    left = count

    def passed(*arguments: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left <= 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*arguments, **named)
        is_idle = result is None and function.__name__ == "claim"  # nothing to claim is no passage
        if left <= 0 and not is_idle:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return passed


def _quick(opened: Callable[..., Any]) -> Callable[..., Any]:
    """Slack's pace of a message a second is not what is tried here."""

    def quick(*arguments: Any) -> Any:
        channel = opened(*arguments)
        channel.pace_s = 0.1
        return channel

    return quick


def main() -> None:
    from monitor.channels import slack
    from monitor.cli import main as monitor

    if address := os.environ.get("TORTURE_SLACK"):
        slack.API = address
        slack.open_channel = _quick(slack.open_channel)
    if setting := os.environ.get("TORTURE_POINT"):
        point, _, count = setting.rpartition(":")
        arm(point, int(count))
    monitor()


if __name__ == "__main__":
    main()
