"""What is particular in a text: its words cut to their beginnings, its numbers, and what survives a translation.

It must not depend on knowing the language, since a wrong guess for one of two articles would part them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from zlib import crc32

from monitor.stories.stop import STOP_WORDS

#: Words are cut to this many letters: as good as a stemmer on headlines (measured), and the same for every
#: language.
STEM = 6
GRAM = 3

_WORD = re.compile(r"\d+(?:[.,\u00a0\u202f' ]\d{3})+(?!\d)|\d+[.,]\d+|\w+(?:-\d\w*)*", re.UNICODE)
_POSSESSIVE = re.compile(r"['’]s\b")
#: Arabic articles and prepositions written to their word; a bare conjunction is too often part of the word.
_ARABIC_PREFIX = re.compile(r"^(?:[وفبكل]?ال|[وف]?لل)(?=\w{3})")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_ARABIC_LETTERS = str.maketrans("ىکیةھہ", "يكيههه")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_FIRST_UNSPACED = "\u0e00"
_ASCII = bytes(range(128))
_SEPARATORS = re.compile(r"[.,\u00a0\u202f' ](?=\d{3}(?:\D|$))")


#: Where a script without spaces meets a number.
_EDGE = re.compile(
    r"(?<=[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff])(?=\d)|(?<=\d)(?=[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff])"
)
_DIGIT = re.compile(r"\d")
_DASHES = frozenset("‐‑‒–—−")
_DASH = re.compile(f"[{''.join(_DASHES)}]")
#: Zeros of Arabic, Persian, Devanagari, Bengali, Thai and Burmese; the other nine follow each.
_ZEROS = (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0x1040)
_DIGITS = {zero + value: str(value) for zero in _ZEROS for value in range(10)} | {0x066B: ".", 0x066C: ","}
_OTHER_DIGITS = frozenset(chr(zero + value) for zero in _ZEROS for value in range(10))
#: What is written over or under letters, in the scripts that leave it out as often as not.
_MARKS = re.compile(
    r"[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0e38-\u0e3a"
    r"\u0e48-\u0e4b\u093c\u3099\u309a]+"
)


def _not_ascii(text: str) -> set[str]:
    return set(text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass"))


def plain_dashes(text: str) -> str:
    """Every dash as the one of the keyboard."""
    return _DASH.sub("-", text) if not text.isascii() and _not_ascii(text) & _DASHES else text


def plain_digits(text: str) -> str:
    """Every digit as those of the keyboard, so that ٤٨ and 48 are one number."""
    return text.translate(_DIGITS) if not text.isascii() and _not_ascii(text) & _OTHER_DIGITS else text


def fold(text: str) -> str:
    """Case-folded, without accents and compatibility forms."""
    if text.isascii():
        return text.lower()
    spread = _MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return spread.translate(_ARABIC_LETTERS) if _ARABIC.search(spread) else spread


#: Folded like the words they are compared with.
STOP = frozenset(fold(word) for word in STOP_WORDS)


def words(text: str) -> list[str]:
    """The folded words of a text in order, numbers without separators, unspaced scripts as pairs of characters."""
    # Digits stay as they are: phrases of texts are compared with those that 1.1.0 kept.
    small = _POSSESSIVE.sub("", plain_dashes(fold(text)))
    highest = max(_not_ascii(small), default=" ")
    found: list[str] = []
    for word in _WORD.findall(_EDGE.sub(" ", small) if highest >= _FIRST_UNSPACED else small):
        if highest < "\u0600" and word.isalpha():  # as nearly all are
            found.append(word)
        elif word[0].isdigit():
            found.append(_SEPARATORS.sub("", word))
        elif "-" in word:
            found.append(word.replace("-", ""))  # Su-35 and Su35 are one
        elif highest >= _FIRST_UNSPACED and _UNSPACED.search(word):
            found.extend(_pairs(word))
        else:
            found.append(_ARABIC_PREFIX.sub("", word) if word[0] >= "\u0600" else word)
    return found


def _pairs(word: str) -> list[str]:
    parts: list[str] = []
    for run in _UNSPACED.findall(word):
        parts.extend(run[place : place + 2] for place in range(max(1, len(run) - 1)))
    parts.extend(rest for rest in _UNSPACED.split(word) if rest)
    return parts


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The beginning of a word, by which its forms are taken for one; numbers and designations whole."""
    return word if _DIGIT.search(word) else word[:STEM]


@lru_cache(maxsize=50_000)
def weighed(word: str) -> tuple[str, float]:
    """`stem` and `weight_of`."""
    return stem(word), weight_of(word)


def grams(word: str) -> list[str]:
    """The three-letter pieces of a word with its ends, by which compounds and forms are alike; none of pairs."""
    if _UNSPACED.match(word):
        return []
    ended = f"_{word}_"
    return [ended[place : place + GRAM] for place in range(len(ended) - GRAM + 1)]


def number_of(term: str) -> int:
    """A term as 32 bits, the same on every machine."""
    return crc32(term.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=50_000)
def weight_of(word: str) -> float:
    """How particular a word is by its looks alone: long words more than short ones; 0 for words that say nothing.

    Counting how often headlines use a word does not help: a big story makes its own words common (measured).
    """
    if word in STOP or (len(word) == 1 and not _UNSPACED.match(word)):
        return 0.0
    if word.isdigit():
        return 0.8
    if _UNSPACED.match(word):
        return 0.5
    return min(1.0, 0.35 + 0.1 * len(word))
