"""A field of a document as the matcher reads it: its one spelling, the way back, and where it is all capitals.

It finds nothing itself.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from monitor.language.normalise import Normalised, normalise, replaced
from monitor.language.tokens import COUNTED, GAP, PLAIN_TOKEN, RUN, TOKEN, is_word_character

Span = tuple[int, int]

ENDS_BEFORE = frozenset(".,;:!?…。、，")  # what parts a word from the one before it so that they are no phrase

_SENTENCE_END = re.compile(r"[.!?…。！？؟।]+[\"'»”’)\]]*(?=\s|$)|[。！？]|\n+")
_SAMPLE = 300  # characters that show whether a field is all in capitals
_LONGEST_SNIPPET = 300  # characters


_ASCII_GAPS = bytes(point for point in range(128) if not chr(point).isalnum())
_BLANKED = bytes.maketrans(_ASCII_GAPS, b" " * len(_ASCII_GAPS))


@lru_cache(maxsize=65536)
def _is_gap(character: str) -> bool:
    return character != " " and not is_word_character(character) and not RUN.match(character)


class View:
    """One field, normalised by the rules of one language."""

    def __init__(self, field: str, original: str, language: str | None) -> None:
        self.field = field
        self.original = original
        self.language = language
        self.normalised: Normalised = normalise(original, language)
        self.text = self.normalised.text
        self.peers: tuple[View, ...] = ()  # the document's other fields
        self.remembered: dict[object, bool] = {}  # what was found out about the peers, by who asked

    def written(self, start: int, end: int) -> str:
        """What stands in the original at [start, end) of the normalised text."""
        first, last = self.normalised.span(start, end)
        return self.original[first:last]

    def next_word(self, at: int) -> Span | None:
        """The word that follows `at` with nothing but a gap between."""
        gap = GAP.match(self.text, at)
        found = self._token.match(self.text, gap.end() if gap else at)
        return found.span() if found else None

    @cached_property
    def _token(self) -> re.Pattern[str]:
        return PLAIN_TOKEN if max(self.normalised.characters, default="") < "\u0300" else TOKEN

    def previous_gap(self, at: int) -> int:
        """Where the gap before `at` begins, which is the end of the word before it."""
        text, start = self.text, at
        while start > 0 and at - start < 4 and not text[start - 1].isalnum() and text[start - 1] not in ENDS_BEFORE:
            start -= 1
        return start

    @cached_property
    def spaced(self) -> str:
        """The text with a space for everything that is no part of a word, and one at either end."""
        body = self.text.encode("utf-8", "surrogatepass").translate(_BLANKED)  # one pass; of UTF-8, ASCII alone changes
        text = body.decode("utf-8", "surrogatepass")
        return f" {replaced(text, dict.fromkeys(filter(_is_gap, self.normalised.characters), ' '))} "

    @cached_property
    def has_runs(self) -> bool:
        """Whether words of scripts without spaces may touch others, so that spaces do not show where words end."""
        return not self.text.isascii() and bool(RUN.search("".join(self.normalised.characters)))

    @cached_property
    def words(self) -> list[int]:
        """Where each word begins, in order."""
        return [match.start() for match in COUNTED.finditer(self.text)]

    def sentence(self, start: int, end: int) -> str:
        """The sentence around [start, end) of the original, shortened to what a reader takes in at a glance."""
        first = last = None
        lowest = max(0, start - _LONGEST_SNIPPET)
        for match in _SENTENCE_END.finditer(self.original, lowest, start):
            first = match.end()
        after = _SENTENCE_END.search(self.original, end, end + _LONGEST_SNIPPET)
        last = after.end() if after else min(len(self.original), end + _LONGEST_SNIPPET // 2)
        begin = first if first is not None else (0 if start <= _LONGEST_SNIPPET else start - _LONGEST_SNIPPET // 2)
        return " ".join(self.original[begin:last].split())

    @cached_property
    def is_capitals(self) -> bool:
        """Whether the field is written in capitals (a headline in capitals), so that capitals say nothing."""
        sample = self.original[:_SAMPLE]
        letters = [c for c in sample if c.isupper() or c.islower()]
        big = sum(1 for c in letters if c.isupper())
        return len(sample.split()) > 2 and len(letters) > 9 and big > 0.85 * len(letters)
