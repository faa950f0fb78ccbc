"""Acronyms: words in capitals that keep their case, with dots or without, but in a headline that is all capitals.

It judges one place at a time; what is an acronym is decided in lexicon.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from monitor.language.tokens import GAP, is_word_character, word_end, word_start
from monitor.match.elements import Found
from monitor.match.view import View

#: Endings that languages glue to an acronym, in small letters.
_ENDINGS = frozenset({"s", "es"})
_SLAVIC = "а у ом е ы и ов ам ами ах ою ой ем ів ові і"
_CYRILLIC_ENDINGS = frozenset(_SLAVIC.split())
_NOTE = "all-capitals headline, context says acronym"


@dataclass(frozen=True, slots=True)
class Acronym:
    """`letters` in capitals. `is_word` tells that they spell an ordinary word in the language of the article."""

    letters: str  # as normalised
    written: str  # capitals
    is_word: bool = False
    opens_left: ClassVar[bool] = False
    opens_right: ClassVar[bool] = False

    def anchors(self) -> Iterable[str]:
        return (self.letters, self._dotted, *(self.letters + ending for ending in self._endings))

    @property
    def _dotted(self) -> str:
        return ".".join(self.letters)

    @property
    def _endings(self) -> frozenset[str]:
        return _ENDINGS if self.letters.isascii() else _CYRILLIC_ENDINGS

    def at(self, view: View, start: int, end: int) -> Found | None:
        text = view.text
        if view.written(start, start + 1).islower() or (start > 0 and is_word_character(text[start - 1])):
            return None
        is_plain = text.startswith(self.letters, start)
        end = start + len(self.letters if is_plain else self._dotted)
        if not is_plain and not text.startswith(self._dotted, start):
            return None
        last = word_end(text, end)
        if last != end and not self._is_ending(view, end, last):
            return None
        if not view.written(start, end).isupper():
            return None
        if last == end and not is_plain and text[end : end + 1] == ".":
            last = end + 1
        return self._in_context(view, start, last)

    def _is_ending(self, view: View, end: int, last: int) -> bool:
        return view.text[end:last] in self._endings and view.written(end, last).islower()

    def _in_context(self, view: View, start: int, end: int) -> Found | None:
        if not view.is_capitals:
            return start, end, ""
        if not self.is_word or self._is_elsewhere(view):
            return start, end, _NOTE
        return None

    def _is_elsewhere(self, view: View) -> bool:
        """Whether the rest of the article, in ordinary letters, uses the acronym: looked for once a field."""
        if self in view.remembered:
            return view.remembered[self]
        pattern = re.compile(rf"(?<!\w)(?:{re.escape(self.written)}|{re.escape('.'.join(self.written))}\.?)(?!\w)")
        found = any(not peer.is_capitals and pattern.search(peer.original) for peer in view.peers)
        return view.remembered.setdefault(self, found)

    def after(self, view: View, at: int) -> Found | None:
        gap = GAP.match(view.text, at)
        start = gap.end() if gap else at
        return self.at(view, start, start)

    def before(self, view: View, at: int) -> Found | None:
        end = view.previous_gap(at)
        start = word_start(view.text, end)
        found = self.at(view, start, end)
        return found if found and found[1] == end else None
