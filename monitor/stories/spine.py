"""What survives a translation, in order: numbers, designations, and names cut down to their first consonants.

It must not need to know either language.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from monitor.stories.terms import fold, number_of, plain_dashes, plain_digits

_TOKEN = re.compile(r"(?P<stop>[.!?…:\n«»\"“”„]+\s*)|(?P<word>\w[\w'’-]*)", re.UNICODE)
_THOUSANDS = re.compile(r"(\d)[,.\u00a0\u202f' ](?=\d{3}(?!\d))")  # from a digit on: there are fewer than spaces
_ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th|e|er|eme|re|ere|o|a|й|я|е|го|му|ый|ой)$")
_CYRILLIC = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "z", "з": "z", "и": "i", "й": "i", "к":
    "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х":
    "h",
    "ц": "s", "ч": "s", "ш": "s", "щ": "s", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "u", "я": "a", "і":
    "i",
    "ї": "i", "є": "e", "ґ": "g",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "t", "ι": "i", "κ": "k", "λ":
    "l",
    "μ": "m", "ν": "n", "ξ": "ks", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "i", "φ":
    "f",
    "χ": "h", "ψ": "ps", "ω": "o",
})  # fmt: skip
_SOUNDS = (
    ("sch", "s"), ("tch", "s"), ("ph", "f"), ("ch", "s"), ("sh", "s"), ("th", "t"), ("ck", "k"), ("q", "k"),
    ("c", "k"),
    ("x", "ks"), ("w", "v"), ("z", "s"), ("j", "s"),
)  # fmt: skip
#: Days, years, round and small numbers: any two articles may share them.
_COMMON_NUMBER = re.compile(r"[12]?\d|3[01]|(?:19|20)\d\d|\d+0")
_CONSONANTS = re.compile(r"[bdfgklmnprstv]")


def spine_of(text: str, most: int) -> tuple[tuple[int, int], ...]:
    """The first survivors of a text, at most so many: numbers of 16 bits, and where each stands, in characters.

    The lowest bits tell names (00), common numbers (01) and numbers and designations that few texts hold (11). A
    survivor that repeats the one before counts once.
    """
    found: list[tuple[int, int]] = []
    is_start = True
    plain = _THOUSANDS.sub(r"\1", unicodedata.normalize("NFKC", plain_digits(plain_dashes(text))))
    for match in _TOKEN.finditer(plain):
        if match.lastgroup == "stop":
            is_start = True
            continue
        word = match[0]
        number = None if word.islower() and word.isalpha() else _survivor(word, is_start=is_start)
        is_start = False
        if number is not None and not (found and found[-1][0] == number):
            found.append((number, min(match.start(), 0xFFFF)))
            if len(found) == most:
                break
    return tuple(found)


def survivors(headline: str) -> frozenset[int]:
    """What of a headline survives translation."""
    return frozenset(number for number, _ in spine_of(headline, 30))


def is_rare(number: int) -> bool:
    """Whether a survivor is a number or designation that few texts hold."""
    return number & 3 == 3


def has_digit(number: int) -> bool:
    """Whether a survivor is a number or designation at all."""
    return bool(number & 1)


def _survivor(word: str, *, is_start: bool) -> int | None:
    if any(letter.isdigit() for letter in word):
        return _digits(fold(word))
    if word[0].isupper() and (not is_start or (word.isupper() and len(word) > 2)):
        skeleton = skeleton_of(word)
        return number_of(skeleton) & 0xFFFC if len(skeleton) > 1 else None
    return None


def _digits(folded: str) -> int | None:
    """A number without its ordinal ending, a designation without its dashes; single digits are written as words."""
    ordinal = _ORDINAL.match(folded)
    bare = ordinal[1] if ordinal else re.sub(r"[\W_]", "", folded).translate(_CYRILLIC)
    bare = bare.replace("kh", "h") if bare.startswith("kh") else bare  # Kh-59 is Х-59
    if len(bare) < 2:
        return None
    return number_of(bare) & 0xFFFC | (1 if _COMMON_NUMBER.fullmatch(bare) else 3)


@lru_cache(maxsize=20_000)
def skeleton_of(name: str) -> str:
    """The first three consonants of a name, the same for Moscow, Moscou, Moskau and Москва."""
    latin = fold(name).translate(_CYRILLIC)
    for sound, letter in _SOUNDS:
        latin = latin.replace(sound, letter)
    consonants: list[str] = []
    for letter in _CONSONANTS.findall(latin):
        if not consonants or consonants[-1] != letter:
            consonants.append(letter)
    return "".join(consonants[:3])
