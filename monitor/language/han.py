"""Traditional Chinese characters as simplified ones, character by character.

It knows no words: where one simplified character stands for several traditional ones, they count as one.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files


def simplified(text: str) -> str:
    """`text` with simplified characters, of the same length."""
    return text.translate(_pairs()) if not text.isascii() else text


@lru_cache(maxsize=1)
def _pairs() -> dict[int, str]:
    lines = files("monitor.language").joinpath("simplified.txt").read_text("utf-8").splitlines()
    traditional, simple = (line for line in lines if not line.startswith("#"))
    return dict(zip(map(ord, traditional), simple, strict=True))
