"""A watch against its own history: many more stories than usual, or none where there used to be some.

It must not compare one watch with another.
"""

from __future__ import annotations

from collections.abc import Sequence


def surge(name: str, history: Sequence[int], today: int) -> str | None:
    """A line for the next message if `today`'s stories are many more than `history` (stories a day, oldest first)."""
    raise NotImplementedError


def fell_silent(name: str, history: Sequence[int]) -> str | None:
    """A line for `health.to` if a watch that used to hit has stopped; `history` is stories a day, oldest first."""
    raise NotImplementedError
