"""Hosts whose pages are not asked for now: they ordered a pause, or refuse where they gave pages before.

It remembers in memory only, and knows no clock: `now` is seconds of the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from monitor.errors import FetchFailed
from monitor.fetch.address import Target

#: What a 429 without Retry-After asks for (a 503 without one may be one page in trouble), and the first pause
#: after 403 by a host that gave pages before.
PAUSE = timedelta(minutes=10)
LONGEST = timedelta(hours=6)
#: 403 in a row, from a host that gave pages before, that are a throttle and no longer a page of its own kind.
REFUSED = 2
_MANY = 20_000


@dataclass(frozen=True, slots=True)
class Manner:
    """How a host has dealt with us: pages given, 403 in a row, and until when it is left alone."""

    given: int = 0
    refused: int = 0
    until: float = 0.0
    status: int = 0


NEW = Manner()


def after(manner: Manner, status: int, wait: timedelta | None, now: float) -> Manner:
    """The host's manner after an answer. `wait` is its Retry-After, already capped."""
    if status == 429 or (status == 503 and wait is not None):
        pause = PAUSE if wait is None else wait
        return replace(manner, until=now + pause.total_seconds(), status=status)
    if status != 403:
        return replace(manner, given=manner.given + (status == 200), refused=0)
    refused = manner.refused + 1
    if not manner.given or refused < REFUSED:
        return replace(manner, refused=refused)
    pause = min(PAUSE * 2 ** min(refused - REFUSED, 10), LONGEST)
    return replace(manner, refused=refused, until=now + pause.total_seconds(), status=status)


class Refusals:
    """What is remembered of hosts, by the key of their address."""

    def __init__(self) -> None:
        self._hosts: dict[str, Manner] = {}

    def check(self, target: Target, now: float) -> None:
        """Raise FetchFailed(kind="held") while the host is left alone."""
        manner = self._hosts.get(target.key, NEW)
        if manner.until > now:
            left = timedelta(seconds=round(manner.until - now))
            message = f"{target.name} answered {manner.status} before; its pages are not asked for now"
            raise FetchFailed(message, kind="held", status=manner.status, wait=left)

    def note(self, target: Target, status: int, wait: timedelta | None, now: float) -> None:
        if len(self._hosts) >= _MANY:
            self._hosts = {key: manner for key, manner in self._hosts.items() if manner.until > now}
        self._hosts[target.key] = after(self._hosts.get(target.key, NEW), status, wait, now)
