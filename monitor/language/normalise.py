"""Text brought to one spelling (case, width, accents, dashes, invisible characters) with a way back to the original.

It decides nothing about words; which accents count is a table in letters.py.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is the one spelling; `span(start, end)` gives the place in the original text."""

    text: str
    starts: tuple[int, ...] | None = None  # None: same length, offsets are the same

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original for [start, end) of `text`."""
        raise NotImplementedError


def normalise(text: str, language: str | None = None) -> Normalised:
    """Bring `text` to one spelling by the rules of `language` (ISO 639-1; None: of no language in particular)."""
    raise NotImplementedError
