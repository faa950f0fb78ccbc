"""The first round after a start: which feeds were never polled, and when all of them have been.

It must not know what is said when it is over.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable


class FirstRound:
    """`on_over` is awaited when the last feed was polled; whoever waits no longer calls `end`."""

    def __init__(self, on_over: Callable[[], Awaitable[None]]) -> None:
        self._waiting: set[int] | None = None
        self._on_over = on_over

    @property
    def is_on(self) -> bool:
        return self._waiting is not None

    def begin(self, never_polled: Iterable[int]) -> None:
        self._waiting = set(never_polled)

    async def polled(self, feed_id: int) -> None:
        """A feed's first poll was read."""
        if self._waiting is not None:
            self._waiting.discard(feed_id)
            if not self._waiting:
                await self._on_over()

    def end(self) -> bool:
        """It is over; whether it was not before."""
        was_on, self._waiting = self.is_on, None
        return was_on
