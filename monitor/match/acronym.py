"""Acronyms: words in capitals that keep their case, with dots or without, but in a headline that is all capitals.

It judges one place at a time; what is an acronym is decided in lexicon.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from monitor.language.tokens import GAP, is_word_character, word_end, word_start
from monitor.match.elements import Found
from monitor.match.view import View

#: Endings that languages glue to an acronym, in small letters.
_ENDINGS = frozenset({"s", "es"})
_SLAVIC = "а у ом е ы и ов ам ами ах ою ой ем ів ові і"
CYRILLIC_ENDINGS = frozenset(_SLAVIC.split())
#: A letter with a dot beside dotted letters: they are a part of a longer acronym (U.S. in U.S.S.R.).
_INITIAL_BEFORE = re.compile(r"(?<!\w)\w\.\Z")
_INITIAL_BEHIND = re.compile(r"\.\w(?!\w)")
_NOTE = "all-capitals headline, context says acronym"


@dataclass(frozen=True, slots=True)
class Acronym:
    """`letters` in capitals. `is_word` tells that they spell an ordinary word in the language of the article, and
    `particles` is what that writes behind it (AI가)."""

    letters: str  # as normalised
    written: str  # capitals
    is_word: bool = False
    particles: frozenset[str] = frozenset()
    opens_left: ClassVar[bool] = False
    opens_right: ClassVar[bool] = False

    def anchors(self) -> Iterable[str]:
        return (self.letters, *self._dotted, *(self.letters + ending for ending in self._endings))

    @property
    def _dotted(self) -> list[str]:
        return [dot.join(parts) for parts in _parts(self.letters) for dot in (".", ". ")]

    @property
    def _endings(self) -> frozenset[str]:
        return self.particles | (_ENDINGS if self.letters.isascii() else CYRILLIC_ENDINGS)

    def at(self, view: View, start: int, end: int) -> Found | None:
        text = view.text
        if view.written(start, start + 1).islower() or (start > 0 and is_word_character(text[start - 1])):
            return None
        shape = _shape(self.letters).match(text, start)
        if not shape:
            return None
        is_plain, end = shape[0] == self.letters, shape.end()
        if not is_plain and (
            _INITIAL_BEFORE.search(text, max(0, start - 3), start) or _INITIAL_BEHIND.match(text, end)
        ):
            return None
        last = word_end(text, end)
        if last != end and not self._is_ending(view, end, last):
            return None
        if not view.written(start, end).isupper():
            return None
        if last == end and not is_plain and text[end : end + 1] == ".":
            last = end + 1
        return self._in_context(view, start, last) if is_plain else (start, last, "")

    def _is_ending(self, view: View, end: int, last: int) -> bool:
        written = view.written(end, last)
        return view.text[end:last] in self._endings and written == written.lower()

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
        lengths = [len(dotted) + with_dot for dotted in self._dotted for with_dot in (0, 1)]
        for start in (word_start(view.text, end), *(end - length for length in lengths if length <= end)):
            found = self.at(view, start, end)
            if found and found[1] == end:
                return found
        return None


def _parts(letters: str) -> list[list[str]]:
    """What stands between the dots: each letter, and in Spanish plurals the double letters (EE. UU.)."""
    doubled = [letters[at : at + 2] for at in range(0, len(letters), 2)]
    is_plural = len(doubled) > 1 and all(len(set(pair)) == 1 < len(pair) for pair in doubled)
    return [list(letters), doubled] if is_plural else [list(letters)]


@lru_cache(maxsize=4096)
def _shape(letters: str) -> re.Pattern[str]:
    """Matches the letters, with dots or without. With spaces all have a dot: "plan A. I think" is no AI."""
    dotted = [r"\.".join(parts) + "|" + r"\. ".join(parts) + r"(?=\.)" for parts in _parts(letters)]
    return re.compile("|".join((letters, *dotted)))
