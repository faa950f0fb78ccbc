"""What languages write together with a word though it is none of its forms: articles, prepositions, pronouns.

It holds the lists; where they may stand is judged by the matcher.
"""

from __future__ import annotations

from functools import lru_cache

_ARABIC_BEFORE = "و ف ب ک ل ال وال بال کال فال لل ولل فلل وب ول فب فل وک س وس فس".split()
_ARABIC_BEHIND = "ه ها هم هن هما ک کم نا ی ین ان ات".split()
_HEBREW_BEFORE = "ו ה ב ל מ ש כ וה וב ול ומ וש וכ שה שב של שמ מה לכ כש כשה וכש בה לה שבה שלה מש ושה ומה".split()
_PERSIAN_BEHIND = "ها های هایی هایش هایم هایت ی ای ایی ان یم یت یش ش م ت مان تان شان را هایشان هایمان".split()


@lru_cache(maxsize=64)
def clitics(language: str | None) -> tuple[frozenset[str], frozenset[str]]:
    """What may stand before and behind a form, in one word with it."""
    match language:
        case "ar":
            return frozenset(_ARABIC_BEFORE), frozenset(_ARABIC_BEHIND)
        case "he":
            return frozenset(_HEBREW_BEFORE), frozenset()
        case "fa":
            return frozenset(), frozenset(_PERSIAN_BEHIND)
    return frozenset(), frozenset()
