"""The forms of a word in a language: from its table where the word is known, by rule where it is not.

It gives forms in the one spelling of normalise.py; what else may be glued to a form is in clitics.py.
"""

from __future__ import annotations

from functools import lru_cache

from monitor.language.normalise import normalise
from monitor.language.scripts import is_written_in, script_of
from monitor.language.tables import Table

_SHORTEST = 3  # letters; a shorter word's forms would be found in too many other words


def forms(word: str, language: str, table: Table) -> frozenset[str]:
    """Every known form of `word` (as the user writes it) in `language`, in one spelling, the word itself included."""
    spellings = spelled(word, language)
    found = set(spellings)
    if not is_written_in(language, script_of(word)):
        return frozenset(found)
    for spelling in spellings:
        found |= _known(word, spelling, table)
    return frozenset(found)


def spelled(word: str, language: str) -> frozenset[str]:
    """`word` in one spelling, with the ways in which writers replace letters of it (ü by ue)."""
    plain = normalise(word, language).text
    found = {plain}
    for letter, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("å", "aa")):
        if letter in word.lower():
            found.add(normalise(word.lower().replace(letter, written), language).text)
    if "I" in word and language in ("tr", "az"):
        found.add(normalise(word.replace("I", "i"), language).text)
    return frozenset(found)


def _known(word: str, spelling: str, table: Table) -> set[str]:
    found: set[str] = set()
    paradigms = table.paradigms(spelling)
    own = [paradigm for paradigm in paradigms if paradigm[1][0] == spelling]
    exact = [paradigm for paradigm in own if paradigm[0] == word]
    for _, inflected in exact or own or paradigms:
        found.update(form for form in inflected if len(form) >= _SHORTEST or form == spelling)
    return found


@lru_cache(maxsize=1)
def _nothing() -> frozenset[str]:
    return frozenset()
