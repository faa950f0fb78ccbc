"""Which script a text or a word is written in, and what follows from it.

It counts letters; it knows no words.
"""

from __future__ import annotations

import re

_SCRIPTS: dict[str, str] = {
    "latin": "A-Za-zÀ-ɏḀ-ỿ", "cyrillic": "Ѐ-ԯ", "greek": "Ͱ-Ͽἀ-῿", "arabic": "؀-ۿݐ-ݿ",
    "hebrew": "֐-׿",
    "han": "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "kana": "ぁ-ヿｦ-ﾟ", "hangul": "\uac00-\ud7a3\u1100-\u11ff", "thai": "฀-๿", "lao": "຀-໿",
    "burmese": "က-႟", "khmer": "ក-៿", "georgian": "Ⴀ-ჿᲐ-Ჿ", "armenian": "԰-֏", "devanagari": "ऀ-ॿ", "bengali": "ঀ-৿",
    "gurmukhi": "਀-੿", "gujarati": "઀-૿", "tamil": "஀-௿", "telugu": "ఀ-౿", "kannada": "ಀ-೿", "malayalam": "ഀ-ൿ",
    "sinhala": "඀-෿", "ethiopic": "ሀ-፿",
}  # fmt: skip
_FINDERS = {name: re.compile(f"[{ranges}]") for name, ranges in _SCRIPTS.items()}

#: Scripts that one language of the news writes nearly alone.
_SOLE = {
    "hebrew": "he", "hangul": "ko", "kana": "ja", "thai": "th", "lao": "lo", "burmese": "my", "khmer": "km",
    "georgian": "ka", "armenian": "hy", "bengali": "bn", "gurmukhi": "pa", "gujarati": "gu", "tamil": "ta",
    "telugu": "te", "kannada": "kn", "malayalam": "ml", "sinhala": "si", "ethiopic": "am", "greek": "el", "han": "zh",
}  # fmt: skip

#: Scripts written without spaces between words.
UNSPACED = frozenset({"han", "kana", "thai", "lao", "burmese", "khmer"})


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Languages written in these scripts, of those that this program knows words of.
LANGUAGES_OF = {
    "cyrillic": _codes("ru uk be bg mk hbs kk ky mn tg tt"),
    "arabic": _codes("ar fa ur ps ku ckb sd ug"),
    "devanagari": _codes("hi mr ne sa"),
}
_NO_LETTERS = bytes(point for point in range(256) if point > 127 or not chr(point).isalpha())
_MOST = 0.4  # share of all characters, spaces included, from which on a script is the main one
_NOT_LATIN = frozenset(_SOLE.values()) | _codes("ru uk be bg mk kk ky mn tg ar fa ur ps ckb hi mr ne")


def script_of(word: str) -> str | None:
    """The script of the first letter of `word` that has one."""
    if word.isascii():
        return "latin" if _FINDERS["latin"].search(word) else None
    for character in word:
        for name, finder in _FINDERS.items():
            if finder.match(character):
                return name
    return None


def is_written_in(language: str, script: str | None) -> bool:
    """Whether words of `language` are written in `script`."""
    if script in LANGUAGES_OF:
        return language in LANGUAGES_OF[script]
    if script in _SOLE:
        return _SOLE[script] == language or (script == "han" and language == "ja")
    return script != "latin" or language not in _NOT_LATIN


def main_script(text: str) -> str | None:
    """The script of most letters of `text`; Japanese counts as kana."""
    if text.isascii():
        return "latin" if _FINDERS["latin"].search(text) else None
    if len(text.encode("utf-8", "surrogatepass").translate(None, _NO_LETTERS)) > _MOST * len(text):
        return "latin"  # what nearly all texts in Latin letters tell by those of ASCII alone
    counts: dict[str, int] = {}
    for name, finder in _FINDERS.items():
        counts[name] = len(finder.findall(text))
        if name == "kana" and counts["han"] + counts["kana"] > _MOST * len(text):
            break
        if counts[name] > _MOST * len(text) and name not in ("han", "kana"):
            return name
    main = max(counts, key=lambda name: counts[name])
    if not counts[main]:
        return None
    return "kana" if main == "han" and counts["kana"] * 12 > counts["han"] else main


def script_languages(text: str) -> frozenset[str] | None:
    """The languages that the main script of `text` leaves open; None when it leaves many (Latin) or has no letter."""
    main = main_script(text)
    if main in _SOLE:
        return frozenset({_SOLE[main]})
    return LANGUAGES_OF.get(main or "")
