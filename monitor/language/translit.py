"""Letters of designations in the other script: by sound (Su, Су) and by look (mixed Latin and Cyrillic).

It knows letters only; for whole words a watch asks by `spellings: [translit]`.
"""

from __future__ import annotations

import re
from itertools import product
from math import prod

#: Latin to Cyrillic by sound, longest first (the usual romanisations of designations: Kh-101, Yak-130, Tu-95).
_SOUND = {
    "shch": "щ", "kh": "х", "zh": "ж", "ts": "ц", "ch": "ч", "sh": "ш", "yu": "ю", "ya": "я", "yo": "е", "ye": "е",
    "a": "а", "b": "б", "c": "ц", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и", "j": "й", "k": "к",
    "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в",
    "w": "в", "x": "кс", "y": "ы", "z": "з",
}  # fmt: skip
_BACK = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "і": "i", "ї": "i", "є": "ye", "ґ": "g",
}  # fmt: skip

#: Capitals that look the same, in small letters.
_LOOKS = {
    "a": "а", "b": "в", "c": "с", "e": "е", "h": "н", "k": "к", "m": "м", "o": "о", "p": "р", "t": "т", "x": "х",
    "y": "у", "i": "і",
}  # fmt: skip
_GREEK_LOOKS = dict(zip("abehikmnoptxyz", "αβεηικμνορτχυζ", strict=True))
_MOST = 256


def to_cyrillic(letters: str) -> str:
    """`letters` (small, Latin) in Cyrillic, by sound."""
    return _spell(letters, _SOUND)


def to_latin(letters: str) -> str:
    """`letters` (small, Cyrillic) in Latin, by sound."""
    return _spell(letters, _BACK)


def _spell(letters: str, table: dict[str, str]) -> str:
    spelled, at = "", 0
    while at < len(letters):
        for length in (4, 3, 2, 1):
            if letters[at : at + length] in table:
                spelled += table[letters[at : at + length]]
                at += length
                break
        else:
            spelled += letters[at]
            at += 1
    return spelled


def letter_variants(letters: str) -> list[str]:
    """Every spelling of the letters (small) of a designation, its own first.

    By sound in the other script; by look in the other script; and both scripts mixed within one word. What is all of
    one script otherwise is another designation: B-2 is not V-2 though its Cyrillic spelling looks so.
    """
    found = {letters: None}
    heard = by_sound(letters)
    by_look = "".join(_LOOKS.get(c) or _LIKE_LATIN.get(c) or "?" for c in letters)
    for spelling in (*heard, by_look, *_in_greek(letters, *heard)):
        if spelling and "?" not in spelling:
            found[spelling] = None
    for spelling in (letters, *heard[:1]):
        found.update(dict.fromkeys(_mixed(spelling)))
    return list(found)


def by_sound(letters: str) -> list[str]:
    """`letters` (small) in the other script, the likeliest spelling first; Cyrillic in the way of Russian and
    Ukrainian (МиГ, МіГ)."""
    if not letters.isascii():
        others = [letters.replace(*pair) for pair in (("и", "і"), ("і", "и"))]
        return list(dict.fromkeys((to_latin(letters), *(other for other in others if other != letters))))
    heard = to_cyrillic(letters)
    hard = to_cyrillic(re.sub("c(?=[aou])", "k", letters))
    russian = [spelling for one in dict.fromkeys((heard, hard)) for spelling in (one, _softened(one)) if spelling]
    return [*russian, *(one.replace("и", "і") for one in russian if "и" in one)]


def _in_greek(*spellings: str) -> list[str]:
    """Latin letters as Greek ones that look the same."""
    return ["".join(_GREEK_LOOKS.get(c, "?") for c in letters) for letters in spellings if letters.isascii()]


def _softened(letters: str) -> str:
    """With the soft sign that romanisation drops (Geran, Герань)."""
    return letters + "ь" if letters[-1:] in "бвдзлмнпрстфц" else ""


def _mixed(letters: str) -> list[str]:
    options = [sorted(_like(letter)) for letter in letters]
    if prod(map(len, options)) > _MOST:
        return []
    return [word for word in map("".join, product(*options)) if not word.isascii() and _LATIN.search(word)]


def _like(letter: str) -> set[str]:
    """The letters of both scripts that sound or look like `letter`."""
    sounds = {_SOUND.get(letter, letter), _BACK.get(letter, letter)} - {""}
    return {
        like
        for sound in sounds
        for like in (sound, _LOOKS.get(sound, sound), _LIKE_LATIN.get(sound, sound))
        if len(like) == 1
    }


_LATIN = re.compile("[a-z]")
_LIKE_LATIN = {cyrillic: latin for latin, cyrillic in _LOOKS.items()}
