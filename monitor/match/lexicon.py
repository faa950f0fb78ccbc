"""From a term as written to what it is found by in one language: a sequence of elements.

It decides what is a designation, an acronym, a run of characters or a plain word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from monitor.language.clitics import clitics
from monitor.language.inflection import forms, spelled
from monitor.language.normalise import normalise
from monitor.language.respelling import respelled
from monitor.language.scripts import LANGUAGES_OF, UNSPACED, is_written_in, script_of
from monitor.language.tables import Table
from monitor.language.tokens import RUN, TOKEN, tokens
from monitor.language.translit import by_sound
from monitor.match.acronym import CYRILLIC_ENDINGS, Acronym
from monitor.match.designation import Designation, parts_of
from monitor.match.elements import Element, Exact, MarkedWord, OpenWord, Run, Word

_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.){2,}$|(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}$")
_INITIALS = re.compile(r"(?<!\w)([^\W\d_a-z]{1,2}\.) (?=[^\W\d_a-z]{1,2}\.)")  # U. S., EE. UU.
_SPACED_DESIGNATION = re.compile(r"([^\W\d_]{1,3}|[A-ZА-Я]{1,8}) (\d+\w{0,3})$")
_NAME_WITH_NUMBER = re.compile(r"[^\W\d_a-z][^\W\d_]{3,} \d+\w{0,3}$")  # Leopard 2, Boeing 737
_SPELT_OUT = re.compile(r"(?<![qg])([aou])e")
_NAME_SPELT_OUT = re.compile(r"\b[A-Z][a-z]*?(?<![qg])[aou]e|\b[AOU]e")
_WITH_PARTICLES = frozenset({"ko"})  # languages that write particles behind words of other scripts, too
_LONG_NAME = 4  # letters from which on the name in a designation may be inflected
_ANY_SPELLING = "in any dash, space or script"
#: What does not count in a term: what joins or cannot be seen, Arabic and Hebrew points, tatweel.
_JOINERS = re.compile(
    "[\u00ad\u200b-\u200f\u2060\ufeff\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]"
)


@dataclass(frozen=True, slots=True)
class Atom:
    """A term as all watches that write it the same way share it."""

    text: str
    is_exact: bool = False
    is_spelled: bool = False  # spellings: [translit]
    vetoed: frozenset[str] = frozenset()  # not_forms, as written


@dataclass(frozen=True, slots=True)
class Language:
    """A language with its table: where the elements' forms come from."""

    code: str | None
    table: Table
    memory: dict[str, frozenset[str]] = field(default_factory=dict)  # words that several terms share

    def forms(self, word: str) -> frozenset[str]:
        """Every form of `word`."""
        if word not in self.memory:
            self.memory[word] = forms(word, self.code or "", self.table)
        return self.memory[word]

    def is_word(self, letters: str) -> bool:
        """Whether `letters`, normalised, are an ordinary word."""
        return any(not lemma.isupper() for lemma, _ in self.table.paradigms(letters))


Sequence = tuple[Element, ...]


def sequences(atom: Atom, language: Language) -> list[Sequence]:
    """What `atom` is found by in `language`: any of these sequences of words."""
    if atom.is_exact:
        normal = normalise(atom.text, language.code).text
        return [(Exact(atom.text, normal),)] if normal else []
    elements: list[Element] = []
    for chunk in _chunks(atom.text):
        elements += _elements(chunk, atom, language)
    if not elements:
        return []
    if _NAME_WITH_NUMBER.match(atom.text) and not RUN.search(atom.text):
        return [tuple(elements), (_designation(atom.text, language),)]
    marked = [_with_marks(element) for element in elements] if _NAME_SPELT_OUT.search(atom.text) else elements
    return [tuple(elements)] if marked == elements else [tuple(elements), tuple(marked)]


def _with_marks(element: Element) -> Element:
    """A name with ue for ü is found where ü stands, too; only there, since Muller is another name than Mueller."""
    if not isinstance(element, Word):
        return element
    short = {_SPELT_OUT.sub(lambda match: match[1], form) for form in element.forms}
    return MarkedWord(frozenset(short)) if short != element.forms else element


def _chunks(text: str) -> list[str]:
    """The parts of a term between spaces; letters and digits parted by a space are one designation (Su 35)."""
    text = _INITIALS.sub(r"\1", _JOINERS.sub("", " ".join(text.split())))
    return [text] if _SPACED_DESIGNATION.match(text) else text.split()


def _elements(chunk: str, atom: Atom, language: Language) -> list[Element]:
    if "*" in chunk:
        return _open(chunk, language)
    if _DOTTED.match(chunk) and chunk.upper() == chunk:
        return [_acronym(chunk.replace(".", ""), language)]
    if is_designation(chunk):
        return [_designation(chunk, language)]
    if ('"' in chunk or not chunk.isascii()) and '"' in normalise(chunk).text:
        return [_quoted(chunk, language)]
    return [_word(token, atom, language) for token in TOKEN.findall(chunk)]


def _quoted(chunk: str, language: Language) -> Word:
    """A word with quotation marks in it, as Hebrew writes acronyms, some writers with two apostrophes."""
    normal = normalise(chunk, language.code).text
    return Word(frozenset({normal, normal.replace('"', "''")}), clitics(language.code)[0])


def is_designation(chunk: str) -> bool:
    """Whether letters and digits stand together (924e, G7, Su-35, T-72B3) and nothing else does."""
    has_both = re.search(r"\d", chunk) and re.search(r"[^\W\d_]", chunk)
    return bool(has_both) and not RUN.search(chunk) and 1 < len(parts_of(chunk)) < 8


def is_acronym(token: str) -> bool:
    """Two or more letters, all capitals, no digit."""
    return len(token) > 1 and token.isalpha() and token.isupper()


def _open(chunk: str, language: Language) -> list[Element]:
    bare = chunk.strip("*")
    is_prefix = chunk.endswith("*")
    words = tokens(bare)
    if not words:
        return []
    if is_prefix:
        *whole, last = words
        parts = spelled(last, language.code or "")
        return [*(Word(spelled(word, language.code or "")) for word in whole), OpenWord(parts, True)]
    first, *rest = words
    inflected = language.forms(first)
    return [OpenWord(inflected, False), *(Word(spelled(word, language.code or "")) for word in rest)]


def _acronym(letters: str, language: Language) -> Acronym:
    normal = normalise(letters, language.code).text
    particles = clitics(language.code)[1] if language.code in _WITH_PARTICLES else frozenset()
    if language.code in LANGUAGES_OF["cyrillic"]:
        particles = CYRILLIC_ENDINGS  # HIMARSів
    return Acronym(normal, letters.upper(), language.is_word(normal), particles)


def _designation(chunk: str, language: Language) -> Designation:
    parts = parts_of(chunk)
    words = {normalise(part, language.code).text for part in parts if not part.isdigit()}
    others = _others(parts[0], language) if len(parts[0]) >= _LONG_NAME and parts[0].isalpha() else frozenset()
    return Designation(parts, frozenset(word for word in words if language.is_word(word)), others)


def _others(name: str, language: Language) -> frozenset[str]:
    """What may stand for the name of a designation: its forms (Шахедами-136, Геранью-2), and where articles and
    prepositions are written in one word with it, with these (השאהד-136)."""
    normal = normalise(name, language.code).text
    code = language.code or ""
    if normal.upper() == normal:
        known = clitics(code)[0] if is_written_in(code, script_of(name)) else ()
        return frozenset(clitic + normal for clitic in known)
    spellings = (name, *(spelling.capitalize() for spelling in by_sound(normal)))
    return frozenset().union(*(language.forms(one) for one in spellings if is_written_in(code, script_of(one))))


def _word(token: str, atom: Atom, language: Language) -> Element:
    if script_of(token) in UNSPACED:
        return Run(normalise(token, language.code).text)
    if is_acronym(token):
        return _acronym(token, language)
    found = set(language.forms(token))
    others = respelled(token, language.code or "") if atom.is_spelled else ()
    known = [other for other in others if language.table.knows(normalise(other, language.code).text)]
    for other in known or others:  # a spelling that the table knows is the one in use
        found |= language.forms(other)
    found -= {normalise(vetoed, language.code).text for vetoed in atom.vetoed}
    before_it, behind_it = clitics(language.code)
    is_foreign = not others and not is_written_in(language.code or "", script_of(token))
    if is_foreign and language.code not in _WITH_PARTICLES:
        return Word(frozenset(found))
    return Word(frozenset(found), before_it, behind_it, language.table if before_it or behind_it else None)


def shown(atom: Atom, language: Language) -> tuple[str, ...]:
    """What `atom` is found as in `language`, for people: each form, or for a phrase the forms of each word."""
    found: list[str] = []
    for elements in sequences(atom, language):
        if len(elements) == 1 and isinstance(elements[0], Designation):
            found.append(f"{atom.text} {_ANY_SPELLING}")
        elif len(elements) == 1:
            found += _shown(elements[0])
        else:
            found.append(" ".join("|".join(_shown(element)) for element in elements))
    return tuple(dict.fromkeys(found))


def _shown(element: Element) -> Iterable[str]:
    """Acronyms count in capitals only, so they are shown in capitals; of designations there are too many spellings."""
    if isinstance(element, Acronym):
        return element.written, ".".join(element.written) + "."
    if isinstance(element, Designation):
        return (f"{''.join(element.parts)} ({_ANY_SPELLING})",)
    return element.anchors()
