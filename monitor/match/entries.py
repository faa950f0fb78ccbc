"""Where the terms of one language wait: the strings that are looked for, and what may stand where one of them does.

It sorts terms when they are compiled; finder.py looks for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from os.path import commonprefix
from typing import NamedTuple, TypeGuard

from monitor.language.frequent import is_common
from monitor.language.tokens import RUN, is_word_character
from monitor.match.elements import Element, OpenWord, Word
from monitor.match.lexicon import Atom, Language, sequences

_FEW = 8  # phrases under a word that are quicker gone through than looked up
_ALIKE = 3  # letters that forms of a word mostly begin with alike

#: A term's number, its elements, and which of them it waits under.
Phrase = tuple[int, tuple[Element, ...], int]


class Begun(NamedTuple):
    """A phrase of plain words of which one stands, and the next begins, where a string stands."""

    before: tuple[frozenset[str], ...]  # forms of the plain words before it, the nearest first
    behind: tuple[frozenset[str], ...]  # forms of the plain words behind it
    phrase: Phrase

    @property
    def is_whole(self) -> bool:
        """Whether the phrase holds no other word."""
        return len(self.before) + len(self.behind) + 1 == len(self.phrase[1])


@dataclass(slots=True)
class Waiting:
    """What may stand where a string stands, where that is more than terms of one plain word."""

    atoms: tuple[int, ...] = ()  # terms of this one word
    begun: list[tuple[int, Begun]] = field(default_factory=list)  # with the length of the word that stands
    #: Phrases of which a word stands here and the next after a gap: forms of that.
    parted: list[tuple[frozenset[str], Phrase]] = field(default_factory=list)
    checked: list[Phrase] = field(default_factory=list)  # to be judged by their elements
    _by_next: dict[str, list[Phrase]] | None = None

    def followed(self, word: str) -> Sequence[Phrase]:
        """The phrases that go on with `word` after a gap."""
        if len(self.parted) <= _FEW:
            return [phrase for forms, phrase in self.parted if word in forms]
        if self._by_next is None:  # made where it is first needed: of thousands of words few ever are
            self._by_next = {}
            for forms, phrase in self.parted:
                for form in forms:
                    self._by_next.setdefault(form, []).append(phrase)
        return self._by_next.get(word, ())


#: Terms of one plain word, by number, or what else waits.
Entry = tuple[int, ...] | Waiting


@dataclass(slots=True)
class Entries:
    """All terms of one language, by the strings that are looked for, with a space where no letter may stand."""

    patterns: dict[str, Entry] = field(default_factory=dict)

    def _under(self, pattern: str) -> Waiting:
        known = self.patterns.get(pattern, ())
        if isinstance(known, Waiting):
            return known
        made = self.patterns[pattern] = Waiting(known)
        return made

    def add_word(self, number: int, element: Word) -> None:
        """A term of one plain word."""
        mine = (number,)
        for form in element.forms:
            pattern = f" {_spaced(form)} "
            if (known := self.patterns.get(pattern)) is None:
                self.patterns[pattern] = mine
            elif isinstance(known, Waiting):
                known.atoms = _with(known.atoms, number)
            else:
                self.patterns[pattern] = _with(known, number)

    def add_phrase(self, phrase: Phrase, first: Word, second: Word) -> None:
        """A phrase of plain words: under each form of one of them with how the next begins, which is rarely there by
        chance, and with a longer gap behind it."""
        _, elements, at = phrase
        begun = Begun(_plain_forms(reversed(elements[:at])), _plain_forms(elements[at + 1 :]), phrase)
        beginnings = _beginnings(second.forms)
        for form in map(_spaced, first.forms):
            self._under(f" {form}  ").parted.append((second.forms, phrase))
            for beginning in beginnings:
                self._under(f" {form} {beginning}").begun.append((len(form), begun))

    def add_checked(self, phrase: Phrase, anchors: Iterable[str]) -> None:
        """A term that is judged by its elements wherever one of `anchors` stands."""
        element = phrase[1][phrase[2]]
        for pattern in {_padded(anchor, element) for anchor in anchors}:
            if pattern.strip():
                self._under(pattern).checked.append(phrase)


def _with(atoms: tuple[int, ...], number: int) -> tuple[int, ...]:
    return atoms if number in atoms else (*atoms, number)


def entries(atoms: Sequence[Atom], language: Language) -> Entries:
    """`atoms` as they are looked for in `language`, each by its number."""
    made = Entries()
    for number, atom in enumerate(atoms):
        for elements in sequences(atom, language):
            _enter(number, elements, language, made)
    return made


def _enter(number: int, elements: tuple[Element, ...], language: Language, made: Entries) -> None:
    at = _rarest(elements, language)
    element = elements[at]
    if len(elements) == 1:
        if _is_plain(element):
            made.add_word(number, element)
        else:
            made.add_checked((number, elements, at), element.anchors())
        return
    at = min(at, len(elements) - 2)
    if _is_plain(first := elements[at]) and _is_plain(second := elements[at + 1]):
        made.add_phrase((number, elements, at), first, second)
    else:
        at = _rarest(elements, language)
        made.add_checked((number, elements, at), elements[at].anchors())


def _beginnings(forms: Iterable[str]) -> set[str]:
    """What `forms` begin with: one string, mostly."""
    alike: dict[str, list[str]] = {}
    for form in forms:
        alike.setdefault(form[:_ALIKE], []).append(form)
    return set(map(commonprefix, alike.values()))


def _plain_forms(elements: Iterable[Element]) -> tuple[frozenset[str], ...]:
    """The forms of the first of `elements` that are plain words."""
    found = []
    for element in elements:
        if not _is_plain(element):
            break
        found.append(element.forms)
    return tuple(found)


def _is_plain(element: Element) -> TypeGuard[Word]:
    return isinstance(element, Word) and element.is_plain


def _rarest(elements: tuple[Element, ...], language: Language) -> int:
    """Which element is likely the rarest: no common word, no open end, a long one."""
    if len(elements) == 1:
        return 0
    return max(range(len(elements)), key=lambda at: _rarity(elements[at], language))


def _rarity(element: Element, language: Language) -> tuple[bool, bool, int]:
    anchors = element.forms if isinstance(element, Word) else list(element.anchors())
    is_ordinary = any(is_common(anchor, language.code or "") for anchor in anchors)
    return not is_ordinary, not isinstance(element, OpenWord), min(map(len, anchors), default=0)


def _spaced(anchor: str) -> str:
    """An anchor as it stands in a text that has a space for everything that is no part of a word."""
    return anchor if anchor.isalnum() else "".join(c if _is_of_word(c) else " " for c in anchor).strip()


def _is_of_word(character: str) -> bool:
    return is_word_character(character) or RUN.match(character) is not None


def _padded(anchor: str, element: Element) -> str:
    return f"{'' if element.opens_left else ' '}{_spaced(anchor)}{'' if element.opens_right else ' '}"
