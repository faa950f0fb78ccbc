"""The commonest words of languages: by them a text is recognised, and a term that is one of them would flood.

It is a list and its look-ups; it reads no articles.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from importlib.resources import files
from itertools import chain

from monitor.language.tokens import PLAIN_TOKEN, TOKEN

_RENAMED = {"bs": "hbs", "hr": "hbs", "sr": "hbs"}
_FEWEST = 5  # common words by which a language is sure
_AHEAD = 1.3  # times as many as of any other language
_SHARE = 0.1  # of all words of the text


@lru_cache(maxsize=1)
def common_words() -> dict[str, frozenset[str]]:
    """Language -> its commonest words, in small letters."""
    return _read("function_words.txt")


@lru_cache(maxsize=1)
def _flooding_words() -> dict[str, frozenset[str]]:
    return _read("flood_words.txt")


def _read(name: str) -> dict[str, frozenset[str]]:
    words: dict[str, frozenset[str]] = {}
    for line in files("monitor.language").joinpath(name).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            language, listed = line.split(":", 1)
            language = _RENAMED.get(language, language)
            words[language] = words.get(language, frozenset()) | frozenset(listed.split())
    return words


@lru_cache(maxsize=1)
def languages_of() -> dict[str, tuple[str, ...]]:
    """A word -> the languages of which it is one of the commonest."""
    found: dict[str, list[str]] = {}
    for language, words in common_words().items():
        for word in words:
            found.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in found.items()}


def sure_language(text: str, fewest: int = _FEWEST) -> str | None:
    """The language whose common words `text` is plainly full of; None if that is not plain.
    `fewest` is how many of them it takes."""
    small = text.lower()
    is_plain = small.isascii() or max(small) < "\u0300"
    words = (PLAIN_TOKEN if is_plain else TOKEN).findall(small)
    common = [languages for languages in map(languages_of().get, words) if languages]
    if len(common) < max(1, fewest):
        return None
    counts = Counter(chain.from_iterable(common))
    best = max(counts, key=counts.__getitem__)
    most = counts.pop(best)
    second = max(counts.values(), default=0)
    return best if most >= fewest and most >= _AHEAD * second and most >= _SHARE * len(words) else None


def is_common(word: str, language: str) -> bool:
    """Whether `word` (small letters) is among the commonest words of `language`."""
    return word in common_words().get(language, ())


def would_flood(word: str, language: str) -> bool:
    """Whether nearly every article in `language` holds `word` (small letters)."""
    return is_common(word, language) or word in _flooding_words().get(language, ())
