"""The words of a text for a full-text index, spelled so that all that the matcher takes for one word is one word.

It knows no terms: what a term needs of an index is decided in monitor.match.wanted, by the same rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.language.detect import languages_in
from monitor.language.normalise import normalise
from monitor.language.tokens import MARKS, RUN, RUNS, TOKEN

#: Letters of a word that are kept; longer ones are looked for by their beginning.
LONGEST = 64
#: Words of an article that are kept: far more than any news item has.
MOST = 20_000
#: Letters next to digits are kept together with them if they are so many at most.
DESIGNATION_LETTERS = 7
BACKWARDS, CAPITALS = "<", "^"

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_LETTERS = r"[^\W\d_]"
_FEW = f"({_LETTERS}{{1,{DESIGNATION_LETTERS}}})"
_BETWEEN = r"(?: ?[-/] ?| ?)"
_LETTERS_DIGITS = re.compile(rf"(?<!{_LETTERS}){_FEW}{_BETWEEN}(?=(\d+))")
_DIGITS_LETTERS = re.compile(rf"(?<!\d)(\d+){_BETWEEN}(?={_FEW}(?!{_LETTERS}))")
_LISTED = re.compile(rf"(?<!{_LETTERS}){_FEW}{_BETWEEN}((?:\d{{1,5}}\w{{0,3}}/){{1,3}}){_BETWEEN}(\d+)")
_DIGITS = re.compile(r"\d+")
_BEFORE, _BEHIND = DESIGNATION_LETTERS + 4, 40  # characters around digits that are looked at
_PLAIN_WORD = re.compile(r"[^\W_]+")
_NOT_PLAIN = re.compile(f"[{RUNS}{MARKS}]")
_DOTTED = re.compile(rf"(?<!\w)(?:{_LETTERS}\.){{1,40}}{_LETTERS}")
_CAPITALS = re.compile(r"[^\W\d_a-zа-яё][^\W\d_a-zа-яё][^\W\d_]*")
_FOREIGN_END = re.compile(r"([A-Z]{2,})[^\x00-\x7f]")  # NATO가, HIMARSів
_PARTS = re.compile(rf"{_LETTERS}+|\d+")
_LONGEST_ENDING = 3  # letters glued to an acronym, in small letters


@dataclass(frozen=True, slots=True)
class ToIndex:
    """An article that waits for the index."""

    article_id: int
    title: str
    text: str
    url: str
    author: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """What an article is to be found by: its words, and the languages that the matcher reads it in."""

    article_id: int
    words: frozenset[str]
    languages: tuple[str, ...] = ()


def words_of(article: ToIndex) -> Words:
    """What an article is to be found by."""
    whole = f"{article.title}\n{article.text}"
    words = index_words(f"{whole}\n{article.author}\n{article.url}")
    return Words(article.article_id, frozenset(words), languages_in(whole, article.language))


def index_words(text: str) -> set[str]:
    """What an article that holds `text` is to be found by: its words, in the spelling of no language in particular.

    Besides words as they stand: words backwards (for terms that begin with a star), words in capitals (acronyms),
    letters with digits as one and apart (designations), pairs of characters of scripts without spaces.
    """
    normalised = normalise(text)
    normal = normalised.text
    is_plain = normal.isascii() or not _NOT_PLAIN.search("".join(normalised.characters))
    tokens = set((_PLAIN_WORD if is_plain else TOKEN).findall(normal))
    words = {token[:LONGEST] for token in tokens if is_plain or not RUN.search(token)}
    backwards = {BACKWARDS + word[::-1] for word in words if len(word) > 2 and not word.isdigit()}
    runs = set() if is_plain else {pair for token in tokens if RUN.search(token) for pair in run_words(token)}
    found = words | backwards | runs | _designations(normal, words) | _capitals(text)
    return found if len(found) <= MOST else set(sorted(found)[:MOST])


def run_words(run: str) -> set[str]:
    """A run of characters of a script without spaces as the pairs in it, and its last one by itself."""
    return {run[at : at + 2] for at in range(len(run))}


def _designations(normal: str, words: set[str]) -> set[str]:
    """Letters with the digits beside them, whatever stands between; and the parts of words that hold both."""
    found = {part for word in words if not word.isalpha() for part in _PARTS.findall(word)}
    if not found:
        return found
    places = (match.span() for match in _DIGITS.finditer(normal))
    normal = "|".join(normal[max(0, start - _BEFORE) : end + _BEHIND] for start, end in places)
    found |= {letters + digits for letters, digits in _LETTERS_DIGITS.findall(normal)}
    found |= {digits + letters for digits, letters in _DIGITS_LETTERS.findall(normal)}
    for letters, listed, last in _LISTED.findall(normal):
        found |= {letters + digits for digits in (*_DIGITS.findall(listed), last)}
    return {word[:LONGEST] for word in found}


def _capitals(text: str) -> set[str]:
    """Words in capitals, marked as such, with what may be an ending taken off; and letters with dots between."""
    visible = _INVISIBLE.sub("", text)
    found = set()
    for word in set(_CAPITALS.findall(visible)):
        for end in range(len(word), max(1, len(word) - _LONGEST_ENDING - 1), -1):
            if word[:end].isupper():
                found.add(CAPITALS + normalise(word[:end]).text[:LONGEST])
                if not word[end:]:
                    break
        if not word.isascii() and (foreign := _FOREIGN_END.match(word)):
            found.add(CAPITALS + normalise(foreign[1]).text[:LONGEST])
    for dotted in set(_DOTTED.findall(visible)):
        found |= _dotted(dotted.replace(".", ""))
    return found


def _dotted(letters: str) -> set[str]:
    """Every part of letters with dots between: US is found in U.S.A."""
    normal = normalise(letters).text
    return {
        CAPITALS + normal[start:end]
        for start in range(len(normal))
        for end in range(start + 2, min(len(normal), start + 12) + 1)
    }
