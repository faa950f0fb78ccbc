"""Designations: letters with digits (Su-35, T-72B3, 9M729), in every spelling that means the same thing.

It makes the pattern of one designation and judges one place at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar

from monitor.language.normalise import normalise
from monitor.language.respelling import sounded
from monitor.language.tokens import GAP, LETTER
from monitor.language.translit import letter_variants
from monitor.match.elements import Found
from monitor.match.view import View

_PART = re.compile(r"[^\W\d_]+|\d+|(?<=\d)[.,](?=\d)|(?<=[^\W\d_])\.(?=\d)")
_REACH = 48  # characters a designation may be long
_SHORT = 2  # letters that are a word of another meaning too often
_LONG = 4  # letters from which on they are looked for without the digits
_BETWEEN = r"(?: ?[-/_] ?| ?)"
_SEPARATORS = ("", "-", " ", " - ", "- ", " -", "/")
POINTS = frozenset(".,")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;|\n«“\"])\s*$")


def parts_of(written: str) -> tuple[str, ...]:
    """Letters and digits of a designation, in order, and the points before digits (GPT-4.5)."""
    return tuple(normalise(part).text if part.isdigit() else part for part in _PART.findall(written))


@dataclass(frozen=True, slots=True)
class Designation:
    """Parts of letters and of digits, in order. `words` are letter parts, normalised, that are words of their own in
    the language of the article; `others` is what may stand there for the first part: a name inflected, or in one word
    with an article."""

    parts: tuple[str, ...]
    words: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    opens_left: ClassVar[bool] = False
    opens_right: ClassVar[bool] = True

    def anchors(self) -> Iterable[str]:
        first, second = variants(self.parts[0]), variants(next(p for p in self.parts[1:] if p not in POINTS))
        if len(first[0]) >= _LONG and not first[0].isdigit():
            return {*first, *self.others}
        joined = [one + separator + two for one in first for two in second for separator in _SEPARATORS]
        return [*joined, f"/{second[0]}"] if second[0].isdigit() else joined  # the last for 136/131

    def at(self, view: View, start: int, end: int) -> Found | None:
        begin = max(0, start - _REACH) if view.text[start].isdigit() and view.text[start - 1 : start] == "/" else start
        for match in self._pattern.finditer(view.text, begin, end + _REACH):
            if match.start() > start:
                return None
            if match.end() >= end and self._is_meant(view, match):
                return match.start(), match.end(), ""
        return None

    @property
    def _pattern(self) -> re.Pattern[str]:
        return pattern(self.parts, self.others)

    def _is_meant(self, view: View, match: re.Match[str]) -> bool:
        """A space between letters and digits counts only if the letters stand as in the term or in capitals."""
        written = view.written(match.start(), match.end())
        if " " not in written.strip():
            return True
        letters = [part for part in _PART.findall(written) if part.isalpha()]
        if not all(map(_stands, filter(str.isalpha, self.parts), letters)):
            return False
        return not self._is_ordinary(view, match.start(), letters[0])

    def _is_ordinary(self, view: View, start: int, letters: str) -> bool:
        """Whether capitals say nothing, as a sentence begins here or all is in capitals, and the letters are a word."""
        if len(letters) >= _LONG or letters.upper() == letters.lower():
            return False
        if len(letters) > 1 and normalise(letters, view.language).text not in self.words:
            return False
        return view.is_capitals or bool(_SENTENCE_START.search(view.text, max(0, start - 4), start))

    def after(self, view: View, at: int) -> Found | None:
        gap = GAP.match(view.text, at)
        match = self._pattern.match(view.text, gap.end() if gap else at)
        return (match.start(), match.end(), "") if match and self._is_meant(view, match) else None

    def before(self, view: View, at: int) -> Found | None:
        end = view.previous_gap(at)
        for match in self._pattern.finditer(view.text, max(0, end - _REACH)):
            if match.end() == end and self._is_meant(view, match):
                return match.start(), match.end(), ""
            if match.start() >= end:
                break
        return None


def _stands(part: str, written: str) -> bool:
    """Whether letters in the article stand as in the term, or in capitals; the script does not matter."""
    if written.isupper() or written == part:
        return True
    if written.upper() == written.lower():  # of a script without capitals, as the term or by its sound (An, ان)
        return len(written) > _SHORT or part.upper() == part.lower()
    if len(written) >= _LONG:
        return written.istitle()
    if len(written) == len(part):
        return all(a.isupper() == b.isupper() for a, b in zip(part, written, strict=True))
    return part[0].isupper() and written[0].isupper()


@lru_cache(maxsize=4096)
def variants(part: str) -> list[str]:
    """The spellings of a part, normalised."""
    if part.isdigit():
        return [part]
    letters = normalise(part).text
    return list(dict.fromkeys((*letter_variants(letters), *sounded(letters))))


def _next(before: str, part: str) -> str:
    """The pattern of a part with what may stand between it and the one before."""
    if part in POINTS:
        return "[.,]" if before.isdigit() else rf"(?:\. ?|{_BETWEEN})"
    return ("" if before in POINTS else _BETWEEN) + _any_of(variants(part))


def _any_of(spellings: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, spellings))})"


@lru_cache(maxsize=4096)
def pattern(parts: tuple[str, ...], others: frozenset[str] = frozenset()) -> re.Pattern[str]:
    """Matches a designation in normalised text, with up to three letters and digits behind it (Su-35SE, T-72B3).

    Another number may be listed before its own (Shahed-136/131). No quantifier holds another: linear time.
    """
    body = _any_of([*variants(parts[0]), *sorted(others, key=len, reverse=True)])
    if not parts[0].isdigit():
        body += rf"(?:{_BETWEEN}\d{{1,5}}{LETTER}{{0,3}} ?/){{0,3}}"
    body += "".join(_next(before, part) for before, part in pairwise(parts))
    ends = rf"(?!\d)(?!{LETTER}{{4}})" if parts[-1].isdigit() else rf"(?!{LETTER}{{4}})"
    decimal = r"(?<!\d[.,])" if parts[0].isdigit() else ""
    return re.compile(rf"(?<!{LETTER}){decimal}{body}{ends}{LETTER}{{0,3}}(?![.,]\d)")
