"""Whether a match in a script without spaces would cut a word apart, judged by the characters around it.

It uses no dictionary but a page of words that are known to be cut apart wrongly, names of countries above all.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

from monitor.language.tokens import is_word_character

_KATAKANA = re.compile(r"[ァ-ヺー]")
_NEVER_FIRST = re.compile(r"[ンーァィゥェォッャュョヮ]")
#: No word of Japanese begins with these, and no particle: a word goes on (受け in 受ける, なか in なかった).
_NEVER_BEHIND = re.compile("[ぁぃぅぇぉゃゅょんるれ]|っ(?![てぽ])|し(?:[いく]|かっ|けれ|さ(?!え))")
#: Behind these a word of hiragana begins: particles, ends of verbs and adjectives, what is put before a noun. Behind
#: others it is a piece (ま|とも, こ|とも, わ|け).
_HIRAGANA = re.compile("[ぁ-ゖ]")
_BEFORE_HIRAGANA = re.compile("[のはがをにでともやへなたるいうくすつぬむぶおごひびじしんあ]")
_JOINED = re.compile("[\u0e31\u0e33-\u0e3a\u0e45-\u0e4e\u0eb1\u0eb3-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b6-\u17d3]")
#: A letter that is not spoken by itself (Burmese asat, Thai thanthakhat) ends the syllable before it.
_CLOSING = re.compile(
    "[\u1000-\u102a](?:\u1037?\u103a|\u1039)|[\u0e01-\u0e2e][\u0e34-\u0e39]?\u0e4c|[\u0e81-\u0eae]\u0ecc"
)
_LEADING = re.compile("[\u0e40-\u0e44\u0ec0-\u0ec4]")
_LONGEST_SHIELD = 12

#: A shorter word of katakana is no part of a longer one (マリ, マリウポリ); a word this short is where as much is left
#: (コロナウイルス, but イランド), a longer one where two characters are.
_PART_OF_COMPOUND = 3
_REST_OF_LONG_WORDS = 2


def cuts_a_word(text: str, start: int, end: int) -> bool:
    """Whether [start, end) of `text` begins or ends inside a word."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    if behind and (_JOINED.match(behind) or (is_word_character(text[end - 1]) and is_word_character(behind))):
        return True
    if before and (_LEADING.match(before) or (is_word_character(text[start]) and is_word_character(before))):
        return True
    if _NEVER_BEHIND.match(text, end) or _CLOSING.match(text, end):
        return True
    if _HIRAGANA.match(text[start]) and _HIRAGANA.match(before) and not _BEFORE_HIRAGANA.match(before):
        return True
    return _cuts_katakana(text, start, end) or _is_shielded(text, start, end)


def _cuts_katakana(text: str, start: int, end: int) -> bool:
    first, last = start, end  # a few characters tell; a long run must not cost its length at each place
    rest = _PART_OF_COMPOUND if end - start <= _PART_OF_COMPOUND else _REST_OF_LONG_WORDS
    lowest, highest = max(0, start - rest), min(len(text), end + rest)
    while first > lowest and _KATAKANA.match(text[start]) and _KATAKANA.match(text[first - 1]):
        first -= 1
    while last < highest and _KATAKANA.match(text[end - 1]) and _KATAKANA.match(text[last]):
        last += 1
    if (first, last) == (start, end):
        return False
    if end - start < _PART_OF_COMPOUND or 0 < start - first < rest or 0 < last - end < rest:
        return True
    return bool(_NEVER_FIRST.match(text, start) or (last > end and _NEVER_FIRST.match(text, end)))


def _is_shielded(text: str, start: int, end: int) -> bool:
    """Whether a known word stands around [start, end) that it is no whole part of."""
    matched = text[start:end]
    for word, ends in _shields().get(matched, ()):
        for at in range(max(0, end - len(word)), start + 1):
            if text.startswith(word, at) and not {start - at, end - at} <= ends:
                return True
    return False


@lru_cache(maxsize=1)
def _shields() -> dict[str, list[tuple[str, frozenset[int]]]]:
    """Every run of characters within a known word -> the words, with where their parts end."""
    shields: dict[str, list[tuple[str, frozenset[int]]]] = {}
    for line in files("monitor.match").joinpath("shields.txt").read_text("utf-8").split("\n"):
        parts = [] if line.startswith("#") else line.split("/")
        word = "".join(parts)
        ends = frozenset(len("".join(parts[:n])) for n in range(len(parts) + 1))
        for start in range(len(word)):
            for end in range(start + 1, len(word) + 1):
                if end - start < len(word):
                    shields.setdefault(word[start:end], []).append((word, ends))
    return shields
