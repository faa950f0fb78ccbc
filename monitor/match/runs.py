"""Whether a match in a script without spaces would cut a word apart, judged by the characters around it.

It uses no dictionary: changes of script, and signs that cannot begin or end a syllable.
"""

from __future__ import annotations

import re

_KATAKANA = re.compile(r"[ァ-ヺー]")
_JOINED = re.compile("[\u0e31\u0e33-\u0e3a\u0e45-\u0e4e\u0eb1\u0eb3-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b6-\u17d3]")
_LEADING = re.compile("[\u0e40-\u0e44\u0ec0-\u0ec4]")


def cuts_a_word(text: str, start: int, end: int) -> bool:
    """Whether [start, end) of `text` begins or ends inside a word."""
    before = text[start - 1] if start else ""
    behind = text[end] if end < len(text) else ""
    first, last = text[start], text[end - 1]
    if _within_katakana(before, first) or _within_katakana(last, behind):
        return True
    if behind and _JOINED.match(behind):
        return True
    if before and _LEADING.match(before):
        return True
    if first.isascii() and before.isascii() and before.isalnum():
        return True
    return last.isascii() and behind.isascii() and behind.isalnum() and behind != ""


def _within_katakana(left: str, right: str) -> bool:
    return bool(left and right and _KATAKANA.match(left) and _KATAKANA.match(right))
