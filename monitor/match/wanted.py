"""Which words an article must hold for a watch to be found in it, for an index that knows words only.

What an index finds by these words is never less than what the matcher finds, and mostly more: the matcher confirms it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from monitor.language.indexing import BACKWARDS, CAPITALS, DESIGNATION_LETTERS, LONGEST, run_words
from monitor.language.normalise import normalise
from monitor.language.tokens import RUN, TOKEN
from monitor.match.acronym import Acronym
from monitor.match.designation import POINTS, Designation, variants
from monitor.match.elements import Element, OpenWord, Word
from monitor.match.lexicon import Atom, Language, sequences
from monitor.match.rules import AllOf, AnyOf, Leaf, Nearby, Rule

OPEN = "*"
_MOST_GLUED = 400  # spellings of a word with what may be glued to it; more is looked for by nothing
_SHORTEST_ENDING = 2  # letters behind a star
_BEHIND = 3  # letters that may follow a designation


@dataclass(frozen=True, slots=True)
class Has:
    """Any of these words; one that ends with a star is the beginning of a word."""

    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Wanted, ...]


#: None: any article may be found.
Wanted = Has | Both | Either
Need = Wanted | None


def wanted(rules: Iterable[Rule], atoms: Sequence[Atom], languages: Sequence[Language]) -> Need:
    """What articles in these languages must hold for one of `rules` to be met."""
    known: dict[int, Need] = {}

    def need(rule: Rule) -> Need:
        match rule:
            case Leaf(atom=atom):
                if atom not in known:
                    known[atom] = of_atom(atoms[atom], languages)
                return known[atom]
            case AnyOf(parts=parts):
                return either(map(need, parts))
            case AllOf(parts=parts):
                return both(map(need, parts))
            case Nearby(left=left, right=right):
                return both(map(need, (left, right)))
        return None

    return either(map(need, rules))


def of_atom(atom: Atom, languages: Sequence[Language]) -> Need:
    """What an article must hold for a term to be found, whichever of the languages it is read in."""
    found = (elements for language in languages for elements in sequences(atom, language))
    return either(both(map(of_element, elements)) for elements in dict.fromkeys(found))


def either(parts: Iterable[Need]) -> Need:
    """Any of `parts`; words that do by themselves are put together."""
    words: set[str] = set()
    others: dict[Wanted, None] = {}
    for part in parts:
        if part is None:
            return None
        if isinstance(part, Has):
            words |= part.words
        else:
            others[part] = None
    found: list[Wanted] = [Has(frozenset(words))] if words or not others else []
    found += others
    return found[0] if len(found) == 1 else Either(tuple(found))


def both(parts: Iterable[Need]) -> Need:
    """All of `parts` that are known."""
    found = tuple(dict.fromkeys(part for part in parts if part is not None))
    return None if not found else found[0] if len(found) == 1 else Both(found)


def of_element(element: Element) -> Need:
    """What an article must hold for one word of a term."""
    if isinstance(element, Acronym):
        return _any_of({CAPITALS + _spelled(element.letters)})
    if isinstance(element, Designation):
        return _designation(element.parts) if not element.others else _named(element)
    if isinstance(element, OpenWord):
        return _open(element)
    if isinstance(element, Word) and not element.is_plain:
        return _glued(element)
    return either(both(_tokens(anchor)) for anchor in element.anchors())


def _spelled(text: str) -> str:
    return normalise(text).text


def _any_of(words: Iterable[str]) -> Need:
    """Words as the index keeps them, the longest cut."""
    cut = {word if len(word.strip(OPEN + BACKWARDS)) < LONGEST else f"{word[:LONGEST]}{OPEN}" for word in words}
    return Has(frozenset(cut)) if cut else None


def _tokens(text: str) -> Iterator[Need]:
    """Every word of a piece of text."""
    for token in TOKEN.findall(_spelled(text)):
        if not RUN.search(token):
            yield _any_of({token})
        elif len(token) == 1:
            yield _any_of({token + OPEN})
        else:
            yield from (_any_of({pair}) for pair in sorted(run_words(token)) if len(pair) == 2)


def _open(element: OpenWord) -> Need:
    """Beginnings, or endings, of words; where one is of several words only its outer one is open."""
    return either(_open_part(_spelled(part), is_prefix=element.is_prefix) for part in element.parts)


def _open_part(part: str, *, is_prefix: bool) -> Need:
    words = TOKEN.findall(part)
    if not words or RUN.search(part):
        return both(_tokens(part))
    if is_prefix:
        return both([*(_any_of({word}) for word in words[:-1]), _any_of({words[-1] + OPEN})])
    if len(words[0]) < _SHORTEST_ENDING:
        return None
    return both([_any_of({words[0], f"{BACKWARDS}{words[0][::-1]}{OPEN}"}), *(_any_of({word}) for word in words[1:])])


def _glued(element: Word) -> Need:
    """A word with what may be glued before and behind it."""
    before, behind = ("", *element.before_it), ("", *element.behind_it)
    if len(before) * len(behind) * len(element.forms) > _MOST_GLUED and element.behind_it:
        behind = (OPEN,)
    spelled = {
        f"{_spelled(one + form)}{OPEN if end == OPEN else _spelled(end)}"
        for one in before
        for form in element.forms
        for end in behind
    }
    return either(both(_tokens(word)) if not word.endswith(OPEN) else _any_of({word}) for word in spelled)


# -------------------------------------------------------------------------------------------------- designations


def _named(element: Designation) -> Need:
    """The name in a designation in any of its forms, whatever number is written in one word with it."""
    return _any_of(_spelled(name) + OPEN for name in {*variants(element.parts[0]), *element.others})


def _designation(parts: tuple[str, ...]) -> Need:
    """Letters and the digits beside them as the index keeps them together; all else part by part."""
    needs: list[Need] = []
    #: Where a point stands, and the letters before it, with which digits may stand in one word as well.
    points = {n for at, part in enumerate(parts) if part in POINTS for n in (at - (not parts[at - 1].isdigit()), at)}
    paired = set(points)
    for at, (one, two) in enumerate(pairwise(parts)):
        if not points & {at, at + 1} and one.isdigit() != two.isdigit() and _is_kept_together(one, two):
            is_last = at == len(parts) - 2
            needs.append(_pair(one, two, is_open=is_last and not two.isdigit()))
            paired |= {at, at + 1}
    for at, part in enumerate(parts):
        if at not in paired:
            is_open = at == len(parts) - 1 and not part.isdigit()
            needs.append(_any_of(variant + OPEN if is_open else variant for variant in variants(part)))
    return both(needs)


def _is_kept_together(one: str, two: str) -> bool:
    letters = variants(two if one.isdigit() else one)
    most = DESIGNATION_LETTERS - (_BEHIND if one.isdigit() else 0)
    return all(len(_spelled(spelling)) <= most for spelling in letters)


def _pair(one: str, two: str, *, is_open: bool) -> Need:
    pairs = (first + second for first in variants(one) for second in variants(two))
    return _any_of(_spelled(pair) + (OPEN if is_open else "") for pair in pairs)
