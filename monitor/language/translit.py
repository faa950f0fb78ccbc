"""Letters of designations in the other script: by sound (Su, Су) and by look (mixed Latin and Cyrillic).

It knows letters only; for whole words a watch asks by `spellings: [translit]`.
"""

from __future__ import annotations

from itertools import product

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
_LOOKS = {"a": "а", "b": "в", "c": "с", "e": "е", "h": "н", "k": "к", "m": "м", "o": "о", "p": "р", "t": "т", "x": "х", "y": "у", "i": "і"}
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
    """Every spelling of the letters of a designation, its own first: transliterated, and with look-alikes mixed in."""
    found = {letters: None}
    for spelling in (letters, to_cyrillic(letters), to_latin(letters)):
        options = [sorted({c, _LOOKS.get(c, c), _LIKE_LATIN.get(c, c)}) for c in spelling]
        count = 1
        for option in options:
            count *= len(option)
        if count <= _MOST:
            found.update(dict.fromkeys(map("".join, product(*options))))
        else:
            found[spelling] = None
    return list(found)


_LIKE_LATIN = {cyrillic: latin for latin, cyrillic in _LOOKS.items()}
