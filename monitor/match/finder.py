"""All terms of all watches in one language as one automaton: one pass over a field finds every one of them.

It finds places of terms and knows nothing of expressions.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.language.tokens import is_word_character
from monitor.match.elements import Element, Found, OpenWord, Word
from monitor.match.lexicon import Atom, Language, sequences
from monitor.match.view import View

_MOST_PLACES = 200  # of one term in one field; what is above says nothing more


class Finder:
    """The terms in one language."""

    def __init__(self, atoms: Sequence[Atom], language: Language) -> None:
        from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

        self._plain: list[tuple[int, ...]] = []
        self._checked: list[tuple[tuple[int, tuple[Element, ...], int], ...]] = []
        plain: dict[str, list[int]] = {}
        checked: dict[str, list[tuple[int, tuple[Element, ...], int]]] = {}
        for number, atom in enumerate(atoms):
            for elements in sequences(atom, language):
                _enter(number, elements, plain, checked)
        patterns = sorted(plain.keys() | checked.keys())
        self._plain = [tuple(plain.get(pattern, ())) for pattern in patterns]
        self._checked = [tuple(checked.get(pattern, ())) for pattern in patterns]
        implementation = Implementation.ContiguousNFA
        self._automaton = AhoCorasick(patterns, matchkind=MatchKind.Standard, implementation=implementation) if patterns else None

    def find(self, view: View) -> dict[int, list[Found]]:
        """Number of a term -> its places in `view`, in order."""
        found: dict[int, list[Found]] = {}
        if self._automaton is None:
            return found
        text, length = view.text, len(view.text)
        plain, checked = self._plain, self._checked
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            atoms = plain[pattern]
            if (
                atoms
                and not (start and text[start - 1].isalnum() and is_word_character(text[start - 1]))
                and not (end < length and (text[end].isalnum() or text[end] >= "\u0300") and is_word_character(text[end]))
            ):
                for atom in atoms:
                    found.setdefault(atom, []).append((start, end, ""))
            for atom, elements, at in checked[pattern]:
                place = _sequence_at(view, elements, at, start, end)
                if place is not None:
                    found.setdefault(atom, []).append(place)
        return {atom: sorted(set(places))[:_MOST_PLACES] for atom, places in found.items()}


def _enter(
    number: int,
    elements: tuple[Element, ...],
    plain: dict[str, list[int]],
    checked: dict[str, list[tuple[int, tuple[Element, ...], int]]],
) -> None:
    """Enter the anchors of the element that is likely the rarest."""
    at = max(range(len(elements)), key=lambda i: _rarity(elements[i]))
    element = elements[at]
    for anchor in element.anchors():
        if len(elements) == 1 and isinstance(element, Word) and element.is_plain and anchor.isalnum():
            plain.setdefault(anchor, []).append(number)
        elif anchor:
            checked.setdefault(anchor, []).append((number, elements, at))


def _rarity(element: Element) -> tuple[int, int]:
    """Longer words are rarer; an open end makes a word commoner."""
    anchors = list(element.anchors())
    return (0 if isinstance(element, OpenWord) else 1, min(map(len, anchors), default=0))


def _sequence_at(view: View, elements: tuple[Element, ...], at: int, start: int, end: int) -> Found | None:
    """The whole phrase around an anchor of its word number `at`."""
    found = elements[at].at(view, start, end)
    if found is None or len(elements) == 1:
        return found
    first, last, note = found
    for element in elements[at + 1 :]:
        following = element.after(view, last)
        if following is None:
            return None
        last, note = following[1], note or following[2]
    for element in reversed(elements[:at]):
        preceding = element.before(view, first)
        if preceding is None:
            return None
        first, note = preceding[0], note or preceding[2]
    return first, last, note
