"""What names take in languages that hardly inflect them: endings by language, where rules of other words mislead.

A language that is not here inflects names as it does other words.
"""

from __future__ import annotations

_SIBILANTS = ("s", "x", "z", "ß")

#: What a name takes: a plural or a genitive, no more. German writes all nouns like names.
_ENDINGS = {
    "en": "s", "fr": "s", "es": "s", "pt": "s", "ca": "s", "gl": "s", "da": "s", "nb": "s", "nn": "s", "sv": "s",
    "it": "", "id": "", "ms": "", "tl": "", "cy": "", "ga": "",
    "nl": "s 's", "de": "s es e n en er ern nen",
}  # fmt: skip
_BEHIND_SIBILANTS = {"en": "es", "es": "es", "pt": "es", "de": "e en er ern es se sen ses"}


_CAPITAL_NOUNS = frozenset({"de", "lb"})


#: What Russian surnames take that nouns do not (Лавровым); their other cases are those of nouns.
_SURNAMES = ("ов", "ев", "ин", "ын")
_OF_SURNAMES = ("ым", "ых", "ыми")


def surname_forms(word: str, language: str) -> set[str]:
    """The forms that `word` has only as a surname, in small letters."""
    if language != "ru" or word == word.lower() or not word.lower().endswith(_SURNAMES):
        return set()
    return {word.lower().replace("ё", "е") + ending for ending in _OF_SURNAMES}


def has_few_forms(language: str) -> bool:
    """Whether words of `language` have few forms, so that what is rare among them is none."""
    return language in _ENDINGS


def may_be_compound(word: str, language: str) -> bool:
    """Whether the end of `word` may tell its forms: a name ends like a word by chance (Zelensky, sky)."""
    return word == word.lower() or language not in _ENDINGS or language in _CAPITAL_NOUNS


def endings(word: str, spelling: str, language: str) -> frozenset[str] | None:
    """What `word` may take if it is written like a name, nothing being cut off; None: what other words take."""
    if word == word.lower() or language not in _ENDINGS:
        return None
    if spelling.endswith(_SIBILANTS):
        return frozenset(_BEHIND_SIBILANTS.get(language, "").split())
    return frozenset(_ENDINGS[language].split())
