"""All terms of all watches in one language, found in a field in one pass over its words and one over its letters.

It finds places of terms and knows nothing of expressions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from monitor.language.tokens import is_word_character
from monitor.match.elements import Element, Found, Word
from monitor.match.entries import Entries, Phrase, Waiting, entries
from monitor.match.lexicon import Atom, Language
from monitor.match.view import View

#: Number of a term -> its places.
Places = dict[int, list[Found]]


class Finder:
    """The terms in one language."""

    def __init__(self, atoms: Sequence[Atom], language: Language) -> None:
        made: Entries = entries(atoms, language)
        self._words = made.words
        self._several = frozenset(made.several)
        self._patterns = list(made.letters)
        self._phrases = list(made.letters.values())

    @cached_property
    def _spaced(self) -> Any:
        return _automaton(self._patterns)

    @cached_property
    def _bare(self) -> Any:
        return _automaton([pattern.strip() for pattern in self._patterns])

    def find(self, view: View) -> Places:
        """The places in `view` of every term that it holds, in order."""
        found: Places = {}
        self._find_words(view, found)
        if self._patterns:
            self._find_letters(view, found)
        for atom in filter(self._several.__contains__, found):
            found[atom] = sorted(set(found[atom]))
        return found

    def _find_words(self, view: View, found: Places) -> None:
        pieces, lengths = view.pieces
        for at, entry in enumerate(map(self._words.get, pieces)):
            if entry is None:
                continue
            if is_more := type(entry) is not tuple:
                atoms = entry.atoms
            else:
                atoms = entry
            if atoms:
                end = lengths[at] + at - 1
                place = (end - len(pieces[at]), end, "")
                for atom in atoms:
                    if atom in found:
                        found[atom].append(place)
                    else:
                        found[atom] = [place]
            if is_more:
                _judge_waiting(view, entry, at, found)

    def _find_letters(self, view: View, found: Places) -> None:
        for pattern, start, end in self._in_runs(view.spaced) if view.has_runs else self._apart(view.spaced):
            for phrase in self._phrases[pattern]:
                _judge_anchor(view, phrase, start, end, found)

    def _apart(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Number of a pattern and its place in the field, where spaces part all words."""
        patterns = self._patterns
        for number, start, end in self._spaced.find_matches_as_indexes(text, overlapping=True):
            pattern = patterns[number]
            yield number, start - (pattern[0] != " "), end - (1 + (pattern[-1] == " "))

    def _in_runs(self, text: str) -> Iterator[tuple[int, int, int]]:
        """The same in a text where spaces do not show where all words end."""
        for number, start, end in self._bare.find_matches_as_indexes(text, overlapping=True):
            pattern = self._patterns[number]
            if pattern[0] == " " and is_word_character(text[start - 1]):
                continue
            if pattern[-1] == " " and is_word_character(text[end]):
                continue
            yield number, start - 1, end - 1


def _automaton(patterns: Sequence[str]) -> Any:
    from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

    return AhoCorasick(patterns, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)


def _judge_waiting(view: View, entry: Waiting, at: int, found: Places) -> None:
    """Add what stands where word number `at` of the text stands."""
    pieces, _ = view.pieces
    if entry.are_many:
        for phrase in _with_word_beside(entry, pieces, at):
            _judge_words(view, phrase, at, found)
    else:
        for step, forms, phrase in entry.phrases:
            if (pieces[at + step] or _beside(pieces, at, step)) in forms:
                _judge_words(view, phrase, at, found)
    for phrase in entry.checked:
        _judge(view, phrase, at, at, found)
    if entry.begun and pieces[at + 1] in entry.begun:
        for phrase, words in entry.begun[pieces[at + 1]]:
            last = at + len(words) - 1
            if tuple(pieces[at : last + 1]) == words:
                _judge(view, phrase, at, last, found)


def _with_word_beside(entry: Waiting, pieces: Sequence[str], at: int) -> Iterator[Phrase]:
    index = entry.index()
    for step in (1, -1):
        yield from index.get((step, pieces[at + step] or _beside(pieces, at, step)), ())


def _beside(pieces: Sequence[str], at: int, step: int) -> str:
    """The next word (`step` 1) or the one before (-1); "" at either end of the text."""
    at += step
    while 0 < at < len(pieces) - 1 and not pieces[at]:
        at += step
    return pieces[at]


def _judge(view: View, phrase: Phrase, first: int, last: int, found: Places) -> None:
    """Add the place of `phrase` if it stands around its anchor, the pieces `first` to `last` of the text."""
    pieces, lengths = view.pieces
    start = lengths[first] + first - 1 - len(pieces[first])
    _judge_anchor(view, phrase, start, lengths[last] + last - 1, found)


def _judge_anchor(view: View, phrase: Phrase, start: int, end: int, found: Places) -> None:
    """The same with the anchor at [start, end) of the text."""
    atom, elements, which = phrase
    place = _sequence_at(view, elements, which, start, end)
    if place is not None:
        found.setdefault(atom, []).append(place)


def _judge_words(view: View, phrase: Phrase, at: int, found: Places) -> None:
    """The same for a phrase two words of which stand there, that it waits under being number `at`: quicker where there
    is nothing but one space between its words, as nearly always."""
    atom, elements, which = phrase
    pieces, lengths = view.pieces
    first, last = at - which, at - which + len(elements) - 1
    if first > 0 and last < len(pieces) and all(map(_has_form, elements, pieces[first : last + 1])):
        start, end = lengths[first] + first - 1 - len(pieces[first]), lengths[last] + last - 1
        if view.text.count(" ", start, end) == last - first:
            found.setdefault(atom, []).append((start, end, ""))
            return
    _judge(view, phrase, at, at, found)


def _has_form(element: Element, word: str) -> bool:
    return isinstance(element, Word) and word in element.forms


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
