"""Text brought to one spelling (case, width, accents, dashes, invisible characters) with a way back to the original.

It decides nothing about words; which accents count is a table in letters.py.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
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
_DOTTED_I = frozenset("İ")  # a plain i in small letters
_SMALL_SIGMAS = frozenset("σς")  # it is the letters around a capital that decide
_MARKS = re.compile("[\u0300-\u036f\u1100-\u11ff\uff9e\uff9f]")

#: What is one letter together: one with marks of its own, jamo, half-width kana with theirs.
_CLUSTER = re.compile("[^\u0300-\u036f][\u0300-\u036f]{1,20}|[\u1100-\u11ff]{1,60}|[\uff66-\uff9d][\uff9e\uff9f]")


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` is the one spelling; `span(start, end)` gives the place in the original text.

    Where lengths differ, `changes[i]` is an offset in `text` from which on the original is `shifts[i + 1]` away;
    before the first it is `shifts[0]`, none.
    """

    text: str
    changes: Sequence[int] = ()
    shifts: Sequence[int] = (0,)
    characters: Set[str] = frozenset()  # every one that `text` holds but ASCII, and perhaps some more

    def span(self, start: int, end: int) -> Span:
        """Offsets in the original for [start, end) of `text`; the end covers marks that do not count."""
        if not self.changes:
            return start, end
        first = self._origin(start)
        return first, max(self._origin(end), first + 1) if end > start else first

    def originals(self, places: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """`span` of many places, each with what is noted of it."""
        changes, shifts = self.changes, self.shifts
        found = []
        for start, end, note in places:
            first = start + shifts[bisect_right(changes, start)]
            last = end + shifts[bisect_right(changes, end)]
            found.append((first, max(last, first + 1) if end > start else first, note))
        return found

    def _origin(self, offset: int) -> int:
        return offset + self.shifts[bisect_right(self.changes, offset)]


def normalise(text: str, language: str | None = None) -> Normalised:
    """Bring `text` to one spelling by the rules of `language` (ISO 639-1; None: of no language in particular).

    Unicode compatibility forms (UAX 15), small letters, accents that writers leave out, one dash, one apostrophe, one
    space, ASCII digits, no invisible characters; Chinese characters simplified.
    """
    if text.isascii() and not is_turkic(language):
        return Normalised(text.lower())
    written = _not_ascii(text)
    small = lower(text, language, written)
    characters = _not_ascii(small) if is_turkic(language) else _in_small(written)
    odd = set(filter(_is_odd, characters))
    if not odd:
        return Normalised(small, characters=characters)
    clusters = [match.span() for match in _CLUSTER.finditer(small)] if _MARKS.search("".join(odd)) else []
    units = odd.union([small[start:end] for start, end in clusters])
    folded = {unit: _fold_unit(unit, language) for unit in units}
    return _replace(small, folded, clusters, characters.union(*folded.values()))


def _not_ascii(text: str) -> set[str]:
    return set(text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass"))


def _in_small(characters: Set[str]) -> set[str]:
    """What `characters` become in small letters: once each, which is less than to look at a text again."""
    small = set("".join(characters - _DOTTED_I).lower())
    return small | _SMALL_SIGMAS if "σ" in small or "ς" in small else small


@lru_cache(maxsize=65536)
def _is_odd(character: str) -> bool:
    return _ODD.match(character) is not None


def _replace(small: str, folded: dict[str, str], clusters: Sequence[Span], characters: Set[str]) -> Normalised:
    alike = {old: new for old, new in folded.items() if len(new) == len(old) == 1 and old != new}
    others = [unit for unit, new in folded.items() if len(new) != 1 == len(unit)]
    if not others and not clusters:
        return Normalised(replaced(small, alike), characters=characters)
    places = [(at, at + 1) for at in _places(small, others)]
    if clusters:
        places = sorted([*places, *clusters], key=lambda place: (place[0], -place[1]))
    text, changes, shifts = _resize(small, folded, places)
    return Normalised(replaced(text, alike), changes, shifts, characters)


def _places(text: str, characters: Collection[str]) -> list[int]:
    """Where one of `characters` stands, in order; a search for each is quickest for a few."""
    if len(characters) > _MANY:
        return [match.start() for match in re.finditer(f"[{re.escape(''.join(characters))}]", text)]
    found: list[int] = []
    for character in characters:
        at = text.find(character)
        while at >= 0:
            found.append(at)
            at = text.find(character, at + 1)
    return sorted(found)


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


def _resize(small: str, folded: dict[str, str], places: Iterable[Span]) -> tuple[str, list[int], list[int]]:
    """`small` with what stands at `places` folded, and the way back; what is in a cluster goes with it."""
    pieces: list[str] = []
    changes: list[int] = []
    shifts = [0]
    at = written = 0
    for start, end in places:
        if start < at:
            continue
        new = folded[small[start:end]]
        pieces += (small[at:start], new)
        written += start - at
        at = end
        if len(new) != end - start:
            _record(changes, shifts, written, start, len(new))
            changes.append(written + len(new))
            shifts.append(end - written - len(new))
        written += len(new)
    pieces.append(small[at:])
    return "".join(pieces), changes, shifts


def _record(changes: list[int], shifts: list[int], written: int, origin: int, length: int) -> None:
    """Every character of an expansion comes from the same place; the map needs one entry for each."""
    for i in range(length):
        changes.append(written + i)
        shifts.append(origin - written - i)
