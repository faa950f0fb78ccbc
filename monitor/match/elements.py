"""What one word of a term is found by: its forms, an open end, its letters as written, a run without spaces.

Each element names the strings that the automaton looks for and judges what the automaton found; all work on one view.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol
from unicodedata import normalize

from monitor.language.tables import Table
from monitor.language.tokens import GAP, is_word_character, word_end, word_start
from monitor.match.view import View

#: Where an element was found: start and end in the normalised text, and why it counts where that is not plain.
Found = tuple[int, int, str]

_GLUED = 12  # letters before or behind a form that are looked at; more than any clitic has


class Element(Protocol):
    """One word of a term. Letters may stand before an anchor (`opens_left`) or behind it (`opens_right`)."""

    @property
    def opens_left(self) -> bool: ...

    @property
    def opens_right(self) -> bool: ...

    def anchors(self) -> Iterable[str]:
        """Strings one of which stands wherever the element is found."""
        ...

    def at(self, view: View, start: int, end: int) -> Found | None:
        """The element around an anchor at [start, end), if it is there."""
        ...

    def after(self, view: View, at: int) -> Found | None:
        """The element directly after `at`, with no more than a gap between."""
        ...

    def before(self, view: View, at: int) -> Found | None:
        """The element directly before `at`."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """A whole word in any of its forms; `before_it` and `behind_it` are what may be glued to a form.

    With something glued to it a word must be none that the table knows: what it knows is another word.
    """

    forms: frozenset[str]
    before_it: frozenset[str] = frozenset()
    behind_it: frozenset[str] = frozenset()
    table: Table | None = None

    @property
    def opens_left(self) -> bool:
        return bool(self.before_it)

    @property
    def opens_right(self) -> bool:
        return bool(self.behind_it)

    @property
    def is_plain(self) -> bool:
        """Whether the ends of the word are all there is to check."""
        return not self.before_it and not self.behind_it

    def anchors(self) -> Iterable[str]:
        return sorted(self.forms)

    def at(self, view: View, start: int, end: int) -> Found | None:
        first, last = word_start(view.text, start, _GLUED), word_end(view.text, end, _GLUED)
        if first != start and view.text[first:start] not in self.before_it:
            return None
        if last != end and view.text[end:last] not in self.behind_it:
            return None
        is_other = (first, last) != (start, end) and self.table is not None and self.table.knows(view.text[first:last])
        return None if is_other else (first, last, "")

    def after(self, view: View, at: int) -> Found | None:
        word = view.next_word(at)
        return self._whole(view, *word) if word else None

    def before(self, view: View, at: int) -> Found | None:
        end = view.previous_gap(at)
        start = word_start(view.text, end)
        return self._whole(view, start, end) if start < end else None

    def _whole(self, view: View, start: int, end: int) -> Found | None:
        word = view.text[start:end]
        if word in self.forms:
            return start, end, ""
        if self.is_plain:
            return None
        for length in range(len(word), 1, -1):
            for cut in range(len(word) - length + 1):
                if word[cut : cut + length] in self.forms and self.at(view, start + cut, start + cut + length):
                    return start, end, ""
        return None


@dataclass(frozen=True, slots=True)
class MarkedWord:
    """A whole word that counts only where the article writes ä, ö or ü in it."""

    forms: frozenset[str]
    opens_left: ClassVar[bool] = False
    opens_right: ClassVar[bool] = False

    def anchors(self) -> Iterable[str]:
        marked = {form.replace(plain, mark) for form in self.forms for plain, mark in ("aä", "oö", "uü")}
        return sorted(self.forms | marked)

    def at(self, view: View, start: int, end: int) -> Found | None:
        if word_start(view.text, start) != start or word_end(view.text, end) != end:
            return None
        written = normalize("NFC", view.written(start, end)).lower()
        return (start, end, "") if any(mark in written for mark in "äöü") else None

    def after(self, view: View, at: int) -> Found | None:
        word = view.next_word(at)
        return self._whole(view, *word) if word else None

    def before(self, view: View, at: int) -> Found | None:
        end = view.previous_gap(at)
        return self._whole(view, word_start(view.text, end), end)

    def _whole(self, view: View, start: int, end: int) -> Found | None:
        return self.at(view, start, end) if view.text[start:end] in self.anchors() else None


@dataclass(frozen=True, slots=True)
class OpenWord:
    """A word that begins (or ends) with one of `parts`."""

    parts: frozenset[str]
    is_prefix: bool

    @property
    def opens_left(self) -> bool:
        return not self.is_prefix

    @property
    def opens_right(self) -> bool:
        return self.is_prefix

    def anchors(self) -> Iterable[str]:
        return sorted(self.parts)

    def at(self, view: View, start: int, end: int) -> Found | None:
        first, last = word_start(view.text, start), word_end(view.text, end)
        fixed = first == start if self.is_prefix else last == end
        return (first, last, "") if fixed else None

    def after(self, view: View, at: int) -> Found | None:
        word = view.next_word(at)
        return self._whole(view, *word) if word else None

    def before(self, view: View, at: int) -> Found | None:
        end = view.previous_gap(at)
        return self._whole(view, word_start(view.text, end), end)

    def _whole(self, view: View, start: int, end: int) -> Found | None:
        word = view.text[start:end]
        fits = word.startswith if self.is_prefix else word.endswith
        return (start, end, "") if word and any(fits(part) for part in self.parts) else None


@dataclass(frozen=True, slots=True)
class Exact:
    """Words to the letter: the same characters, capitals and marks, at word ends."""

    written: str
    normal: str
    opens_left: ClassVar[bool] = True
    opens_right: ClassVar[bool] = True

    def anchors(self) -> Iterable[str]:
        return (self.normal,)

    def at(self, view: View, start: int, end: int) -> Found | None:
        text = view.text
        if self.normal[0].isalnum() and start > 0 and is_word_character(text[start - 1]):
            return None
        if self.normal[-1].isalnum() and end < len(text) and is_word_character(text[end]):
            return None
        return (start, end, "") if view.written(start, end) == self.written else None

    def after(self, view: View, at: int) -> Found | None:
        gap = GAP.match(view.text, at)
        start = gap.end() if gap else at
        return self.at(view, start, start + len(self.normal)) if view.text.startswith(self.normal, start) else None

    def before(self, view: View, at: int) -> Found | None:
        end = view.previous_gap(at)
        start = end - len(self.normal)
        return self.at(view, start, end) if start >= 0 and view.text.endswith(self.normal, 0, end) else None


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of a script without spaces, found within longer runs where no word is cut apart."""

    characters: str
    opens_left: ClassVar[bool] = True
    opens_right: ClassVar[bool] = True

    def anchors(self) -> Iterable[str]:
        return (self.characters,)

    def at(self, view: View, start: int, end: int) -> Found | None:
        from monitor.match.runs import cuts_a_word

        return None if cuts_a_word(view.text, start, end) else (start, end, "")

    def after(self, view: View, at: int) -> Found | None:
        gap = GAP.match(view.text, at)
        start = gap.end() if gap else at
        fits = view.text.startswith(self.characters, start)
        return (start, start + len(self.characters), "") if fits else None

    def before(self, view: View, at: int) -> Found | None:
        end = view.previous_gap(at)
        return (end - len(self.characters), end, "") if view.text.endswith(self.characters, 0, end) else None
