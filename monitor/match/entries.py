"""Where the terms of one language wait: under words of a text, or under letters that may stand inside words.

It sorts terms when they are compiled; finder.py looks for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from monitor.language.frequent import is_common
from monitor.language.tokens import is_word_character
from monitor.match.elements import Element, OpenWord, Word
from monitor.match.lexicon import Atom, Language, sequences

_FEW = 8  # phrases under a word that are quicker gone through than looked up

#: A term's number, its elements, and which of them it waits under.
Phrase = tuple[int, tuple[Element, ...], int]


@dataclass(slots=True)
class Waiting:
    """What may stand where a word stands, where that is more than terms of this one word."""

    atoms: tuple[int, ...] = ()  # terms of this one word
    #: A phrase with the word that decides: how many words on it is (-1: the one before), and its forms.
    phrases: list[tuple[int, frozenset[str], Phrase]] = field(default_factory=list)
    #: The same by step and form; made where there are many, when they are first looked for.
    by_form: dict[tuple[int, str], list[Phrase]] | None = None
    #: To be judged by their elements.
    checked: list[Phrase] = field(default_factory=list)
    #: The same where the anchor only begins with this word: by its next piece, with all its pieces.
    begun: dict[str, list[tuple[Phrase, tuple[str, ...]]]] = field(default_factory=dict)

    @property
    def are_many(self) -> bool:
        return len(self.phrases) > _FEW

    def index(self) -> dict[tuple[int, str], list[Phrase]]:
        if self.by_form is None:
            self.by_form = {}
            for step, forms, phrase in self.phrases:
                for form in forms:
                    self.by_form.setdefault((step, form), []).append(phrase)
        return self.by_form


@dataclass(slots=True)
class Entries:
    """All terms of one language."""

    words: dict[str, tuple[int, ...] | Waiting] = field(default_factory=dict)  # by a word: the terms that it is, or more
    letters: dict[str, list[Phrase]] = field(default_factory=dict)  # by anchor, with a space where no letter may stand
    several: set[int] = field(default_factory=set)  # terms that may be found in one place in several ways

    def _under(self, word: str) -> Waiting:
        known = self.words.get(word, ())
        if isinstance(known, Waiting):
            return known
        made = self.words[word] = Waiting(known)
        return made

    def add_word(self, number: int, element: Word) -> None:
        """A term of one plain word."""
        mine = (number,)
        for form in element.forms:
            if not _is_word(form):
                self.add_checked((number, (element,), 0), [form])
            elif (known := self.words.get(form)) is None:
                self.words[form] = mine
            elif isinstance(known, Waiting):
                known.atoms = _with(known.atoms, number)
            else:
                self.words[form] = _with(known, number)

    def add_phrase(self, phrase: Phrase, element: Word, neighbour: Word, step: int) -> None:
        """A phrase of plain words, under one of them."""
        self.several.add(phrase[0])
        entry = (step, neighbour.forms, phrase)
        for form in element.forms:
            if _is_word(form):
                self._under(form).phrases.append(entry)
            else:
                self.add_checked(phrase, [form])

    def add_checked(self, phrase: Phrase, anchors: Iterable[str]) -> None:
        """A term that is judged by its elements wherever one of `anchors` stands."""
        self.several.add(phrase[0])
        element = phrase[1][phrase[2]]
        if element.opens_left or element.opens_right:
            for pattern in {_padded(anchor, element) for anchor in anchors}:
                if pattern.strip():
                    self.letters.setdefault(pattern, []).append(phrase)
            return
        for first, *more in {pieces_of(anchor) for anchor in anchors} - {("",)}:
            if more:
                self._under(first).begun.setdefault(more[0], []).append((phrase, (first, *more)))
            else:
                self._under(first).checked.append(phrase)


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
    step = 1 if at + 1 < len(elements) else -1
    neighbour = elements[at + step]
    if _is_plain(element) and _is_plain(neighbour):
        made.add_phrase((number, elements, at), element, neighbour, step)
    else:
        made.add_checked((number, elements, at), element.anchors())


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


def _is_word(form: str) -> bool:
    return form.isalnum() or pieces_of(form) == (form,)


def _spaced(anchor: str) -> str:
    """An anchor as it stands in a text that has a space for everything that is no part of a word."""
    return anchor if anchor.isalnum() else "".join(c if is_word_character(c) else " " for c in anchor)


def pieces_of(anchor: str) -> tuple[str, ...]:
    """The words of an anchor, with "" for every character but one between two of them."""
    return tuple(_spaced(anchor).strip().split(" "))


def _padded(anchor: str, element: Element) -> str:
    return f"{'' if element.opens_left else ' '}{_spaced(anchor).strip()}{'' if element.opens_right else ' '}"
