"""Text brought to one spelling (case, width, accents, dashes, invisible characters) with a way back to the original.

It decides nothing about words; which accents count is a table in letters.py.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

from monitor.language.han import simplified
from monitor.language.letters import fold, is_turkic, lower

#: What needs a look: all but ASCII and the bare letters of the scripts that carry most news.
_ODD_LETTER = (
    "[^\x00-\x7f"
    "а-иклмнопрстуфхцчшщъыьэюяієґјљњћџђ"
    "αβγδεζηθικλμνξοπρστυφχψω"
    "א-ת"
    "ابتثجحخدذرزسشصضطظعغفقکلمنهویپچژگء"
    "\u0900-\u093b\u093d-\u0950\u0e01-\u0e32\u0e34-\u0e3a\u0e40-\u0e4e"
    "\u3041-\u3096\u30a1-\u30fe\uac00-\ud7a3«»“”„…·•،。、「」]"
)
_ODD = re.compile(_ODD_LETTER)
_MANY = 100  # characters from which on one slow pass is quicker than a quick pass for each
_ASCII = bytes(range(128))
_MARKS = re.compile("[\u0300-\u036f\u1100-\u11ff\uff9e\uff9f]")

#: The same where letters come with marks of their own, jamo, or half-width kana: these are looked at together.
_UNITS = re.compile(
    "[^\u0300-\u036f][\u0300-\u036f]{1,20}|[\u1100-\u11ff]{1,60}|[\uff66-\uff9d][\uff9e\uff9f]?|" + _ODD_LETTER
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is the one spelling; `span(start, end)` gives the place in the original text.

    Where lengths differ, `changes[i]` is an offset in `text` from which on the original is `shifts[i]` away.
    """

    text: str
    changes: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()
    characters: Set[str] = frozenset()  # every one that `text` holds but ASCII, and perhaps some more

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original for [start, end) of `text`; the end covers marks that do not count."""
        if not self.changes:
            return start, end
        first = self._origin(start)
        return first, max(self._origin(end), first + 1) if end > start else first

    def _origin(self, offset: int) -> int:
        at = bisect_right(self.changes, offset) - 1
        return offset + (self.shifts[at] if at >= 0 else 0)


def normalise(text: str, language: str | None = None) -> Normalised:
    """Bring `text` to one spelling by the rules of `language` (ISO 639-1; None: of no language in particular).

    Unicode compatibility forms (UAX 15), small letters, accents that writers leave out, one dash, one apostrophe, one
    space, ASCII digits, no invisible characters; Chinese characters simplified.
    """
    if text.isascii() and not is_turkic(language):
        return Normalised(text.lower())
    small = lower(text, language, _not_ascii(text))
    characters = _not_ascii(small)
    odd = {character for character in characters if _is_odd(character)}
    if not odd:
        return Normalised(small, characters=characters)
    if _MARKS.search("".join(odd)):
        odd = set(_UNITS.findall(small))
    folded = {unit: _fold_unit(unit, language) for unit in odd}
    return _replace(small, folded, characters.union(*folded.values()))


def _not_ascii(text: str) -> set[str]:
    return set(text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass"))


@lru_cache(maxsize=65536)
def _is_odd(character: str) -> bool:
    return _ODD.match(character) is not None


def _replace(small: str, folded: dict[str, str], characters: Set[str]) -> Normalised:
    if any(len(unit) != 1 for unit in folded):
        return _resize(small, folded, _UNITS, characters)
    longer = {old: new for old, new in folded.items() if len(new) != 1}
    changed = {old: new for old, new in folded.items() if len(new) == 1 and old != new}
    small = replaced(small, changed)
    if not longer:
        return Normalised(small, characters=characters)
    return _resize(small, longer, re.compile(f"[{re.escape(''.join(longer))}]"), characters)


@lru_cache(maxsize=65536)
def _fold_unit(unit: str, language: str | None) -> str:
    folded = fold(unit, language)
    return simplified(folded) if language in ("zh", None) else folded


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """`text` with characters replaced: one after the other is quickest for a few, and a thousand passes for many."""
    if len(changes) > _MANY:
        return text.translate({ord(old): new for old, new in changes.items()})
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def _resize(small: str, folded: dict[str, str], units: re.Pattern[str], characters: Set[str]) -> Normalised:
    pieces: list[str] = []
    changes: list[int] = []
    shifts: list[int] = []
    at = written = 0
    for match in units.finditer(small):
        start, end = match.span()
        new = folded[match.group()]
        pieces += (small[at:start], new)
        written += start - at
        at = end
        if len(new) != end - start:
            _record(changes, shifts, written, start, len(new))
            changes.append(written + len(new))
            shifts.append(end - written - len(new))
        written += len(new)
    pieces.append(small[at:])
    return Normalised("".join(pieces), tuple(changes), tuple(shifts), characters)


def _record(changes: list[int], shifts: list[int], written: int, origin: int, length: int) -> None:
    """Every character of an expansion comes from the same place; the map needs one entry for each."""
    for i in range(length):
        changes.append(written + i)
        shifts.append(origin - written - i)
