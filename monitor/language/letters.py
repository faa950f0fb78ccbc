"""Which letters are the same letter: accents that count by language, letter variants, dashes, invisible characters.

It is a table with the rules that fill it; it reads no text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Set
from functools import lru_cache

#: Letters that are letters of their own in a language (its alphabet or its minimal pairs say so), so that their marks
#: count. Elsewhere writers leave the marks out (capitals, foreign keyboards) and they do not count.
_OWN = {
    "az": "çğöşüəı", "be": "ё", "bg": "", "ca": "ç", "cs": "áčďéěíňóřšťúůýž", "cy": "", "da": "æøå", "de": "äöü",
    "eo": "ĉĝĥĵŝŭ", "es": "ñ", "et": "äöõüšž", "eu": "ñ", "fi": "äöå", "fo": "áíóúýæøð", "gl": "ñ", "hbs": "čćšžđ",
    "hu": "áéíóöőúüű", "is": "áéíóúýðþæö", "kk": "әғқңөұүһі", "lb": "äëé", "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūž", "nb": "æøå", "nn": "æøå", "pl": "ąćęłńóśźż", "ro": "ăâîșț", "se": "áčđŋšŧž",
    "sk": "áäčďéíĺľňóôŕšťúýž", "sl": "čšžćđ", "sq": "çë", "sv": "åäö", "tk": "äçňöşüýž", "tr": "çğıöşü",
    "vi": "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ",
}  # fmt: skip

#: Cyrillic letters with a mark that are never anything else: й, ї, ў, ѓ, ќ, and those of Central Asian alphabets.
_ALWAYS_OWN = frozenset("йїўѓќӣӯ")

_LETTERS = {
    "ß": "ss", "ſ": "s", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t",
    "ı": "i", "ŋ": "ng", "ĸ": "k", "ə": "e", "ς": "σ", "ş": "s", "ţ": "t",
    # Arabic script: alef with hamza or madda, alef maksura and Persian ye, kaf, ta marbuta, Persian he with ye.
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ی", "ي": "ی", "ې": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "ە": "ه",
    "ہ": "ه", "ھ": "ه", "ؤ": "و", "ئ": "ی", "ـ": "", "ٹ": "ٹ",
    "״": '"', "׳": "'",
}  # fmt: skip

_APOSTROPHES = "’‘ʼʹʻʽ′`´‛＇ʾʿ՚ꞌ"
_DASHES = "‐‑‒–—―−﹘﹣－⁃➖⸺⸻﹣־᠆〜~～˗֊⸗⸚⹀〰゠︱︲"
_SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u0085\u2028\u2029"
)
_FEW = 8  # characters that are quicker replaced one after the other
_TURKIC = frozenset({"tr", "az"})


def is_turkic(language: str | None) -> bool:
    """Whether I and ı, İ and i are the pairs of capital and small letter."""
    return language in _TURKIC


def is_invisible(character: str) -> bool:
    """Soft hyphen, zero-width and direction marks, variation selectors, points of Arabic and Hebrew, stray marks."""
    point = ord(character)
    if 0x0300 <= point <= 0x036F or 0x0483 <= point <= 0x0489 or 0xFE00 <= point <= 0xFE0F:
        return True
    if 0x0591 <= point <= 0x05C7:
        return unicodedata.category(character) == "Mn"
    if 0x0610 <= point <= 0x06ED:
        return unicodedata.category(character) in ("Mn", "Cf") or character == "ـ"
    return character in "\u093c\u09bc\u0a3c\u0abc\u0b3c" or unicodedata.category(character) == "Cf"


@lru_cache(maxsize=128)
def own_letters(language: str | None) -> frozenset[str]:
    """Small letters of `language` whose marks count."""
    return _ALWAYS_OWN | frozenset(_OWN.get(language or "", ""))


def lower(text: str, language: str | None, characters: Set[str] | None = None) -> str:
    """Small letters by the rules of `language`; always as long as `text`. `characters`, if they are known, are those
    of it that are not ASCII: where few are capitals it is done in a third of the time."""
    if "İ" in text:
        text = text.replace("İ", "i")
    if is_turkic(language):
        text = text.replace("I", "ı")
    elif characters is not None:
        capitals = [character for character in characters if character.lower() != character]
        if len(capitals) <= _FEW:
            for capital in capitals:
                text = text.replace(capital, capital.lower())
            return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
    return text.lower()


@lru_cache(maxsize=65536)
def fold(unit: str, language: str | None) -> str:
    """The one spelling of a small letter (with its marks), "" for what does not count; a fixed point of itself."""
    for _ in range(4):
        folded = "".join(_fold_once(c, language) for c in unicodedata.normalize("NFC", unit))
        if folded == unit:
            break
        unit = folded
    return unit


def _fold_once(character: str, language: str | None) -> str:
    if character in own_letters(language):
        return character
    if character in _APOSTROPHES:
        return "'"
    if character in _DASHES:
        return "-"
    if character in _SPACES:
        return " "
    if character in _LETTERS:
        return _LETTERS[character]
    if is_invisible(character):
        return ""
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.digit(character))
    return _without_marks(character, language)


def _without_marks(character: str, language: str | None) -> str:
    compatible = unicodedata.normalize("NFKC", character)
    if compatible != character:
        return lower(compatible, language)
    if not _loses_marks(character):
        return character
    return "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))


def _loses_marks(character: str) -> bool:
    """Marks fall off in Latin, Greek, Cyrillic, Hebrew and Arabic; in kana and Indic scripts they make the letter."""
    point = ord(character)
    return point < 0x0700 or 0x1E00 <= point <= 0x1FFF
