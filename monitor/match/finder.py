"""All terms of all watches in one language as one automaton: one pass over a field finds every one of them.

It finds places of terms and knows nothing of expressions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from monitor.language.frequent import is_common
from monitor.language.tokens import is_word_character, word_end
from monitor.match.elements import Element, Found, OpenWord, Word
from monitor.match.lexicon import Atom, Language, sequences
from monitor.match.view import View

_MOST_PAIRS = 64  # pairs of forms that a phrase is entered by; with more it waits under one of its words

#: A term's number, its elements, and which of them the automaton looks for.
Phrase = tuple[int, tuple[Element, ...], int]


@dataclass(slots=True)
class _Entry:
    """What a string that the automaton looks for may be besides a term of one plain word."""

    checked: list[Phrase] = field(default_factory=list)  # to be judged by their elements
    paired: list[Phrase] = field(default_factory=list)  # phrases of which two words stand here
    by_next: dict[str, list[Phrase]] = field(default_factory=dict)  # phrases by the word that must follow
    by_previous: dict[str, list[Phrase]] = field(default_factory=dict)  # or go before


@dataclass(slots=True)
class _Entries:
    """Everything that the automaton looks for: strings that are terms by themselves, and the others."""

    plain: dict[str, tuple[int, ...]] = field(default_factory=dict)
    others: dict[str, _Entry] = field(default_factory=dict)


class Finder:
    """The terms in one language."""

    def __init__(self, atoms: Sequence[Atom], language: Language) -> None:
        entries = _Entries()
        for number, atom in enumerate(atoms):
            for elements in sequences(atom, language):
                _enter((number, elements, _rarest(elements, language)), entries)
        patterns = [*entries.plain, *(pattern for pattern in entries.others if pattern not in entries.plain)]
        self._patterns = patterns
        self._several = _several(entries)  # terms that may be found in the same place in several ways
        # A pattern begins and ends with a space where no letter may stand; these are not part of what is found.
        self._leads = [(pattern[0] == " ") - 1 for pattern in patterns]
        self._trails = [(pattern[-1] == " ") + 1 for pattern in patterns]
        self._plain = [entries.plain.get(pattern, ()) for pattern in patterns]
        self._others = [entries.others.get(pattern) for pattern in patterns]

    @cached_property
    def _spaced(self) -> Any:
        return _automaton(self._patterns)

    @cached_property
    def _bare(self) -> Any:
        return _automaton([pattern.strip() for pattern in self._patterns])

    def find(self, view: View) -> dict[int, list[Found]]:
        """Number of a term -> its places in `view`."""
        found = self._every(view) if self._patterns else {}
        for atom in self._several & found.keys():
            found[atom] = list(dict.fromkeys(found[atom]))
        return found

    def _every(self, view: View) -> dict[int, list[Found]]:
        """The same, where what is found in several ways stands several times."""
        found: dict[int, list[Found]] = {}
        plain, others, leads, trails, text = self._plain, self._others, self._leads, self._trails, view.spaced
        matches = self._in_runs(text) if view.has_runs else self._spaced.find_matches_as_indexes(text, overlapping=True)
        for pattern, start, end in matches:
            if atoms := plain[pattern]:
                place = (start + leads[pattern], end - trails[pattern], "")
                for atom in atoms:
                    if atom in found:
                        found[atom].append(place)
                    else:
                        found[atom] = [place]
            if (entry := others[pattern]) is not None:
                likely = _likely(entry, view, text, start + leads[pattern], end, found)
                if likely:
                    _judge(view, likely, start + leads[pattern], end - trails[pattern], found)
        return found

    def _in_runs(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Matches in a text where spaces do not show where all words end, as they would be found if they did."""
        leads, trails = self._leads, self._trails
        for pattern, start, end in self._bare.find_matches_as_indexes(text, overlapping=True):
            lead, trail = leads[pattern] + 1, trails[pattern] - 1
            if not (lead and is_word_character(text[start - 1])) and not (trail and is_word_character(text[end])):
                yield pattern, start - lead, end + trail


def _several(entries: _Entries) -> frozenset[int]:
    others = entries.others.values()
    lists = [
        phrases
        for entry in others
        for phrases in (entry.checked, entry.paired, *entry.by_next.values(), *entry.by_previous.values())
    ]
    return frozenset(number for phrases in lists for number, _, _ in phrases)


def _automaton(patterns: Sequence[str]) -> Any:
    from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

    return AhoCorasick(patterns, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)


def _judge(view: View, phrases: Sequence[Phrase], start: int, end: int, found: dict[int, list[Found]]) -> None:
    """Add the places of those of `phrases` that stand around [start, end)."""
    for atom, elements, at in phrases:
        place = _sequence_at(view, elements, at, start, end)
        if place is not None:
            places = found.setdefault(atom, [])
            if not places or places[-1] != place:
                places.append(place)


def _likely(entry: _Entry, view: View, text: str, start: int, end: int, found: dict[int, list[Found]]) -> list[Phrase]:
    """Terms to be judged: those of which no more is known, and phrases whose next word stands beside the match, which
    ends at `end` of the spaced text and begins at `start` of the text itself."""
    likely = entry.checked
    if entry.paired:
        _judge(view, entry.paired, start, word_end(view.text, start), found)
    if entry.by_next:
        word = text[end : text.find(" ", end)] or _next_word(view, end - 2)
        if word in entry.by_next:
            likely = likely + entry.by_next[word]
    if entry.by_previous:
        word = text[text.rfind(" ", 0, start) + 1 : start] or view.previous_word(start)
        if word in entry.by_previous:
            likely = likely + entry.by_previous[word]
    return likely


def _next_word(view: View, at: int) -> str:
    word = view.next_word(at)
    return view.text[word[0] : word[1]] if word else ""


def _enter(phrase: Phrase, entries: _Entries) -> None:
    """Enter a term under every string by which the automaton is to find it."""
    number, elements, at = phrase
    element = elements[at]
    if not (isinstance(element, Word) and element.is_plain):
        _enter_checked(phrase, entries)
    elif len(elements) == 1:
        for form in element.forms:
            pattern = _padded(form, element)
            entries.plain[pattern] = (*entries.plain.get(pattern, ()), number)
    else:
        _enter_phrase(phrase, element, entries)


def _enter_checked(phrase: Phrase, entries: _Entries) -> None:
    element = phrase[1][phrase[2]]
    for pattern in {_padded(anchor, element) for anchor in element.anchors()}:
        if pattern.strip():
            entries.others.setdefault(pattern, _Entry()).checked.append(phrase)


def _enter_phrase(phrase: Phrase, element: Word, entries: _Entries) -> None:
    """A phrase waits under its rarest word for the word beside it."""
    number, elements, at = phrase
    beside = at + 1 if at + 1 < len(elements) else at - 1
    neighbour = elements[beside]
    if not (isinstance(neighbour, Word) and neighbour.is_plain):
        _enter_checked(phrase, entries)
        return
    if len(element.forms) * len(neighbour.forms) <= _MOST_PAIRS:
        _enter_pairs((number, elements, min(at, beside)), entries)
        return
    for form in element.forms:
        entry = entries.others.setdefault(_padded(form, element), _Entry())
        side = entry.by_next if beside > at else entry.by_previous
        for other in neighbour.forms:
            side.setdefault(other, []).append(phrase)


def _enter_pairs(phrase: Phrase, entries: _Entries) -> None:
    """A phrase is looked for by two of its words, parted by one or two characters that are no letters."""
    _, elements, at = phrase
    first, second = elements[at], elements[at + 1]
    for one in first.anchors():
        for other in second.anchors():
            for gap in (" ", "  "):
                entries.others.setdefault(f" {one}{gap}{other} ", _Entry()).paired.append(phrase)


def _padded(anchor: str, element: Element) -> str:
    """An anchor as it stands in spaced text."""
    if anchor.isalnum() and not element.opens_left and not element.opens_right:
        return f" {anchor} "
    spaced = anchor if anchor.isalnum() else "".join(c if is_word_character(c) else " " for c in anchor)
    return f"{'' if element.opens_left else ' '}{spaced.strip()}{'' if element.opens_right else ' '}"


def _rarest(elements: tuple[Element, ...], language: Language) -> int:
    """Which element is likely the rarest: no common word, no open end, a long one."""
    if len(elements) == 1:
        return 0
    return max(range(len(elements)), key=lambda at: _rarity(elements[at], language))


def _rarity(element: Element, language: Language) -> tuple[bool, bool, int]:
    anchors = list(element.anchors())
    is_ordinary = any(is_common(anchor, language.code or "") for anchor in anchors)
    return not is_ordinary, not isinstance(element, OpenWord), min(map(len, anchors), default=0)


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
