"""Which language a text is in.

It gives a best guess and admits when there is none; it does not split a text.
"""

from __future__ import annotations


def detect(text: str, hint: str | None = None) -> str | None:
    """Language of `text` as ISO 639-1 code, None when nothing can be said. `hint` (a BCP 47 tag) decides where the
    text does not contradict it."""
    raise NotImplementedError


def languages_in(text: str, hint: str | None = None) -> tuple[str, ...]:
    """Every language that a good part of `text` is in, the main one first."""
    raise NotImplementedError
