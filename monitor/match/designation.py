"""Designations: letters with digits (Su-35, T-72B3, 9M729), in every spelling that means the same thing.

It makes the pattern of one designation and judges one place at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from monitor.language.normalise import normalise
from monitor.language.tokens import GAP, LETTER
from monitor.language.translit import letter_variants
from monitor.match.elements import Found
from monitor.match.view import View

_PART = re.compile(r"[^\W\d_]+|\d+")
_REACH = 48  # characters a designation may be long
_LONG = 4  # letters from which on they are looked for without the digits
_BETWEEN = r"(?: ?[-/] ?| ?)"
_SEPARATORS = ("", "-", " ", " - ", "- ", " -", "/")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;|\n«“\"])\s*$")


def parts_of(written: str) -> tuple[str, ...]:
    """Letters and digits of a designation, in order."""
    return tuple(_PART.findall(written))


@dataclass(frozen=True, slots=True)
class Designation:
    """Parts of letters and of digits, in order. `words` are letter parts, normalised, that are words of their own in
    the language of the article."""

    parts: tuple[str, ...]
    words: frozenset[str] = frozenset()
    opens_left: ClassVar[bool] = False
    opens_right: ClassVar[bool] = True

    def anchors(self) -> Iterable[str]:
        first, second = variants(self.parts[0]), variants(self.parts[1])
        if len(first[0]) >= _LONG and not first[0].isdigit():
            return first
        joined = [one + separator + two for one in first for two in second for separator in _SEPARATORS]
        return [*joined, f"/{second[0]}"] if second[0].isdigit() else joined  # the last for 136/131

    def at(self, view: View, start: int, end: int) -> Found | None:
        begin = max(0, start - _REACH) if view.text[start].isdigit() and view.text[start - 1 : start] == "/" else start
        for match in pattern(self.parts).finditer(view.text, begin, end + _REACH):
            if match.start() > start:
                return None
            if match.end() >= end and self._is_meant(view, match):
                return match.start(), match.end(), ""
        return None

    def _is_meant(self, view: View, match: re.Match[str]) -> bool:
        """A space between letters and digits counts only if the letters stand as in the term or in capitals."""
        written = view.written(match.start(), match.end())
        if " " not in written.strip():
            return True
        found = _PART.findall(written)
        letters = [(part, there) for part, there in zip(self.parts, found, strict=False) if not part.isdigit()]
        if not all(_stands(part, there) for part, there in letters):
            return False
        return not self._is_ordinary(view, match.start(), normalise(found[0], view.language).text)

    def _is_ordinary(self, view: View, start: int, letters: str) -> bool:
        """Whether capitals say nothing, as a sentence begins here or all is in capitals, and the letters are a word."""
        if letters not in self.words and len(letters) > 1:
            return False
        return view.is_capitals or bool(_SENTENCE_START.search(view.text, max(0, start - 4), start))

    def after(self, view: View, at: int) -> Found | None:
        gap = GAP.match(view.text, at)
        match = pattern(self.parts).match(view.text, gap.end() if gap else at)
        return (match.start(), match.end(), "") if match and self._is_meant(view, match) else None

    def before(self, view: View, at: int) -> Found | None:
        end = view.previous_gap(at)
        for match in pattern(self.parts).finditer(view.text, max(0, end - _REACH)):
            if match.end() == end and self._is_meant(view, match):
                return match.start(), match.end(), ""
            if match.start() >= end:
                break
        return None


def _stands(part: str, written: str) -> bool:
    """Whether letters in the article stand as in the term, or in capitals; the script does not matter."""
    if written.isupper() or written == part:
        return True
    if len(written) >= _LONG:
        return written.istitle()
    if len(written) == len(part):
        return all(a.isupper() == b.isupper() for a, b in zip(part, written, strict=True))
    return part[0].isupper() and written[0].isupper()


@lru_cache(maxsize=4096)
def variants(part: str) -> list[str]:
    """The spellings of a part, normalised."""
    return [part] if part.isdigit() else letter_variants(normalise(part).text)


@lru_cache(maxsize=4096)
def pattern(parts: tuple[str, ...]) -> re.Pattern[str]:
    """Matches a designation in normalised text, with up to three letters and digits behind it (Su-35SE, T-72B3).

    Another number may be listed before its own (Shahed-136/131). No quantifier holds another: linear time.
    """
    pieces = [f"(?:{'|'.join(map(re.escape, variants(part)))})" for part in parts]
    listed = rf"(?:\d{{1,5}}{LETTER}{{0,3}}/){{0,3}}" if len(parts) > 1 and not parts[0].isdigit() else ""
    body = pieces[0] + _BETWEEN + listed + _BETWEEN.join(pieces[1:])
    ends = rf"(?!\d)(?!{LETTER}{{4}})" if parts[-1].isdigit() else rf"(?!{LETTER}{{4}})"
    return re.compile(rf"(?<!{LETTER}){body}{ends}{LETTER}{{0,3}}(?![.,]\d)")
