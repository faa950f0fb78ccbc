"""All terms of all watches in one language as one automaton: one pass over a field finds every one of them.

It finds places of terms and knows nothing of expressions.
"""

from __future__ import annotations

import gc
from array import array
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from monitor.language.tokens import is_word_character
from monitor.match.elements import Element, Found
from monitor.match.entries import Begun, Entry, Phrase, Waiting, entries
from monitor.match.lexicon import Atom, Language
from monitor.match.view import ENDS_BEFORE, Span, View

_ENDS = frozenset(",.;:!?")  # what parts words so that they are no phrase
_GAPS = frozenset(" \t\n\r'\"-/&·‧・«»“”„’([")  # what may stand alone between words of a phrase
_PARTED, _OTHER = -1, -2  # what a pattern may be that does not stand for one term alone

#: Number of a term -> its places.
Places = dict[int, list[Found]]


class Finder:
    """The terms in one language."""

    def __init__(self, atoms: Sequence[Atom], language: Language) -> None:
        with _uncollected():
            made = entries(atoms, language)
        self._patterns = list(made.patterns)
        self._lengths = array("i", (len(pattern.strip()) for pattern in self._patterns))
        self._entries = list(made.patterns.values())
        #: The term of each pattern that stands for one plain term alone, as nearly all do; else _PARTED or _OTHER. An
        #: array lies in a hundredth of the memory that the entries take, so that a hit mostly costs no wait for it.
        self._alone = array("i", map(_alone, self._entries))

    @cached_property
    def _spaced(self) -> Any:
        return _automaton(self._patterns)

    @cached_property
    def _bare(self) -> Any:
        return _automaton([pattern.strip() for pattern in self._patterns])

    def find(self, view: View) -> Places:
        """The places in `view` of every term that it holds, in order."""
        found: Places = {}
        judged: Places = {}  # what may be found in one place in several ways, and in any order
        if self._patterns:
            self._find(view, found, judged)
        for atom, places in judged.items():
            found[atom] = sorted({*places, *found.get(atom, ())})
        return found

    def _find(self, view: View, found: Places, judged: Places) -> None:
        alone, lengths, text = self._alone, self._lengths, view.text
        for number, start, end in self._matches(view):
            if (atom := alone[number]) >= 0:
                # Without the space at either end, and that before the text.
                if atom in found:
                    found[atom].append((start, end - 2, ""))
                else:
                    found[atom] = [(start, end - 2, "")]
            elif atom == _PARTED:  # most are before a comma or a full stop, where no phrase goes on
                last = start + lengths[number]
                if text[last : last + 1] not in _ENDS:
                    _judge_parted(view, self._entries[number], start, last, judged)
            else:
                self._judge_other(view, number, (start, end), found, judged)

    def _judge_other(self, view: View, number: int, match: Span, found: Places, judged: Places) -> None:
        entry = self._entries[number]
        start, end = match
        if isinstance(entry, Waiting):
            first = start - (self._patterns[number][0] != " ")
            _judge_waiting(view, entry, first, first + self._lengths[number], found, judged)
            return
        for atom in entry:
            found.setdefault(atom, []).append((start, end - 2, ""))

    def _matches(self, view: View) -> Iterable[tuple[int, int, int]]:
        """(number of the pattern, start, end in the spaced text), in the order of the ends."""
        if view.has_runs:
            return self._in_runs(view.spaced)
        found: Iterable[tuple[int, int, int]] = self._spaced.find_matches_as_indexes(view.spaced, overlapping=True)
        return found

    def _in_runs(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Matches in a text where spaces do not show where all words end, as they would be found if they did."""
        for number, start, end in self._bare.find_matches_as_indexes(text, overlapping=True):
            pattern = self._patterns[number]
            lead, trail = pattern[0] == " ", pattern[-1] == " "
            if not (lead and is_word_character(text[start - 1])) and not (trail and is_word_character(text[end])):
                yield number, start - lead, end + trail


def _alone(entry: Entry) -> int:
    if isinstance(entry, Waiting):
        return _OTHER if entry.atoms or entry.begun or entry.checked else _PARTED
    return entry[0] if len(entry) == 1 else _OTHER


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without a search for garbage: of the hundred thousands of objects that are made none is, and to look at them
    again and again takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _automaton(patterns: Sequence[str]) -> Any:
    from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

    return AhoCorasick(patterns, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)


def _judge_waiting(view: View, entry: Waiting, start: int, end: int, found: Places, judged: Places) -> None:
    """Add what stands where an anchor stands at [start, end): plain words to `found`, all else to `judged`."""
    for atom in entry.atoms:
        found.setdefault(atom, []).append((start, end, ""))
    for length, begun in entry.begun:
        _judge_begun(view, begun, start, start + length, judged)
    if entry.parted and view.text[end : end + 1] not in _ENDS:
        _judge_parted(view, entry, start, end, judged)
    for phrase in entry.checked:
        _judge(view, phrase, start, end, judged)


def _judge_parted(view: View, entry: Entry, start: int, end: int, found: Places) -> None:
    """Add the places of phrases of which the word at [start, end) and one behind a gap are a part."""
    assert isinstance(entry, Waiting)
    if _may_follow(view, end, entry):
        word = view.next_word(end)
        for phrase in entry.followed(view.text[slice(*word)]) if word else ():
            _judge(view, phrase, start, end, found)


def _may_follow(view: View, end: int, entry: Waiting) -> bool:
    """Whether the word behind the gap at `end` goes on with a phrase: the spaced text tells quickly, where it can."""
    if view.has_runs:
        return True
    text, start = view.spaced, end + 2
    while text[start : start + 1] == " ":
        start += 1
    return bool(entry.followed(text[start : text.find(" ", start)]))


def _judge_begun(view: View, begun: Begun, start: int, end: int, found: Places) -> None:
    """Add the place of a phrase of which one word is at [start, end): as nearly always its words follow one another
    with one character between, the spaced text tells."""
    try:
        last = _last_behind(view, end, begun.behind)
        first = _first_before(view, start, begun.before) if last is not None else None
    except _Unsure:
        _judge(view, begun.phrase, start, end, found)
        return
    if first is None or last is None:
        return
    if begun.is_whole:
        found.setdefault(begun.phrase[0], []).append((first, last, ""))
    else:
        _judge(view, begun.phrase, start, end, found)


class _Unsure(Exception):
    """The spaced text does not tell: a gap is longer, or words end where no space shows it."""


def _last_behind(view: View, end: int, following: Sequence[Set[str]]) -> int | None:
    """Where the last of words ends that follow one another from `end` on; None if they do not."""
    if view.has_runs:
        raise _Unsure
    spaced = view.spaced
    for forms in following:
        gap, end = end, spaced.find(" ", end + 2) - 1  # the spaced text begins one before the text
        if end == gap + 1:
            raise _Unsure
        if spaced[gap + 2 : end + 1] not in forms or view.text[gap] not in _GAPS:
            return None
    return end


def _first_before(view: View, start: int, preceding: Sequence[Set[str]]) -> int | None:
    """Where the first of words begins that stand before `start`, the nearest first; None if they do not."""
    spaced = view.spaced
    for forms in preceding:
        gap, start = start - 1, spaced.rfind(" ", 0, start)
        if start == gap:
            raise _Unsure
        if spaced[start + 1 : gap + 1] not in forms or view.text[gap] in ENDS_BEFORE:
            return None
    return start


def _judge(view: View, phrase: Phrase, start: int, end: int, found: Places) -> None:
    """Add the place of `phrase` if it stands around its anchor at [start, end)."""
    atom, elements, which = phrase
    place = _sequence_at(view, elements, which, start, end)
    if place is not None:
        found.setdefault(atom, []).append(place)


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
