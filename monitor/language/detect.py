"""Which language a text is in.

It gives a best guess and admits when there is none; it does not split a text.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

from monitor.language.frequent import common_words, languages_of, sure_language
from monitor.language.scripts import is_written_in, main_script, script_languages
from monitor.language.tokens import TOKEN

_SAMPLE = 320  # characters; more does not make the guess better, only slower (MEASURED.md section 7)
_RENAMED = {"no": "nb", "hr": "hbs", "sr": "hbs", "bs": "hbs", "sh": "hbs", "iw": "he", "in": "id", "ji": "yi"}

#: A text is looked at in so many places, each of so many characters, best where a paragraph begins: in one of two
#: languages, whole paragraphs mostly are of one.
_PLACES = 6
_GLANCE = 200
_OWN = 0.2  # share of the words of a glance that are common ones of the language that is given, which settles it
_TO_CONTRADICT = 10  # common words of another language than the one that the feed names

#: How many languages a sample may be in: for samples shorter than so many characters, the most languages, and the share
#: of the best one's score that another one needs. Each language costs a pass over the text.
_OPEN = ((40, 3, 0.7), (90, 2, 0.8), (200, 2, 0.93), (10**9, 1, 1.0))
_NOISE = re.compile(r"https?://\S+|\S+@\S+|[\d_]+")

#: What a headline is likelier in before it is read. The detector takes names for the language that they come from, and
#: a few English words for Tagalog; chosen on English headlines, 97 of 100 of which were right without it.
_LIKELIER = {"en": 1.3}
_LIKELY = "ar bg cs da de el es et fa fi fr hbs he hi hu id it ja ko lt lv nb nl pl pt ro ru sk sv tr uk zh"
_RARER = 0.8
#: Cyrillic letters that a language has not.
_ALIEN = {
    "ru": "іїєґўјљњћџ", "uk": "ыэёъўјљњћџ", "be": "ищъїєґјљњћџ", "bg": "ыэёіїєґўјљњћџ", "mk": "ыэёщъьюяйіїєґў",
    "hbs": "ыэёщъьюяйіїєґў",
}  # fmt: skip
#: What a few letters of a script are read as that the detector makes nothing of.
_UNKNOWN = {"latin": ("en",), "cyrillic": ("ru", "uk"), "arabic": ("ar", "fa")}
_COMMON_WORDS = 0.5  # what the share of a language's commonest words adds, by the detector's own measure


def code(tag: str | None) -> str | None:
    """The language of a BCP 47 tag as this program names it: two letters where there are two, hbs for hr, sr, bs."""
    if not tag:
        return None
    primary = re.split(r"[-_]", tag.strip().lower())[0]
    return _RENAMED.get(primary, primary) or None


def detect(text: str, hint: str | None = None) -> str | None:
    """Language of `text` as ISO 639-1 code, None when nothing can be said. `hint` (a BCP 47 tag) decides where the
    text does not contradict it."""
    found = languages_in(text, hint)
    return found[0] if found else None


def languages_in(text: str, hint: str | None = None) -> tuple[str, ...]:
    """The languages that `text` may be read in, the likeliest first: one, or several where that is not sure or where
    its parts differ."""
    hinted = code(hint)
    if hinted and _contradicts(text, hinted):
        hinted = None
    glances = _glances(text)
    if hinted:
        others = (_other(glance, hinted) for glance in glances)
        return tuple(dict.fromkeys([hinted, *filter(None, others)]))
    sure = Counter(filter(None, map(_plain, [text[:_SAMPLE], *glances[1:]])))
    if sure:
        return tuple(language for language, _ in sure.most_common())
    return _guess(text[:_SAMPLE]) or _guess(glances[-1]) or _unknown(text[:_SAMPLE])


def _glances(text: str) -> list[str]:
    """Parts of `text` spread over all of it, the first from its beginning."""
    if len(text) <= 2 * _GLANCE:
        return [text]
    count = min(_PLACES, len(text) // _GLANCE)
    step = (len(text) - _GLANCE) / (count - 1)
    starts = (int(number * step) for number in range(count))
    return [text[(start := _paragraph(text, at, int(step))) : start + _GLANCE] for at in starts]


def _paragraph(text: str, at: int, reach: int) -> int:
    """Where the first paragraph begins that begins at `at` or little behind it; `at` if none does."""
    line = text.find("\n", at, at + reach // 2) if at else -1
    return at if line < 0 or len(text) - line <= _GLANCE // 2 else line + 1


def _other(glance: str, hinted: str) -> str | None:
    """The language of `glance` where it is plainly not `hinted`."""
    words = glance.lower().split()
    common = common_words().get(hinted, frozenset())
    if len(common.intersection(words)) > _OWN * len(words):
        return None  # the quick way: already the distinct ones are enough
    own = sum(map(common.__contains__, words))
    if own > _OWN * len(words):
        return None
    if own and sum(map(languages_of().__contains__, words)) < max(_TO_CONTRADICT, 2 * own):
        return None
    found = _plain(glance) if _contradicts(glance, hinted) else sure_language(glance, _TO_CONTRADICT)
    return found if found != hinted else None


def _contradicts(text: str, hinted: str) -> bool:
    """Whether `text` is plainly not in `hinted`: it is written in another script."""
    script = main_script(text[:_SAMPLE])
    return script is not None and not is_written_in(hinted, script)


def _plain(sample: str) -> str | None:
    """The language that the script or the commonest words tell, if they do."""
    sure = script_languages(sample)
    if sure is not None and len(sure) == 1:
        return next(iter(sure))
    return sure_language(sample)


def _guess(sample: str) -> tuple[str, ...]:
    """The languages that the detector thinks possible, the likeliest first."""
    clear = _NOISE.sub(" ", sample)
    scores = _scores(clear)
    if not scores:
        return ()
    ranked = sorted(scores, key=lambda language: (-scores[language], language))
    most, share = next((most, share) for length, most, share in _OPEN if len(sample) < length)
    near = (language for language in ranked[:most] if scores[language] >= share * scores[ranked[0]])
    return tuple(near)


def _scores(text: str) -> dict[str, float]:
    """What the detector gives each language, put right by letters, the commonest words and what news are written in."""
    scores: dict[str, float] = {}
    small = text.lower()
    words = TOKEN.findall(small)
    for name, score in _detector().detect(text).scores().items():
        language = _RENAMED.get(name, name)
        if not small.isascii() and any(letter in small for letter in _ALIEN.get(language, "")):
            continue
        share = sum(map(common_words().get(language, frozenset()).__contains__, words)) / max(1, len(words))
        weight = _LIKELIER.get(language, 1.0 if language in _LIKELY.split() else _RARER)
        scores[language] = max(scores.get(language, 0.0), weight * score + _COMMON_WORDS * share)
    return scores


def _unknown(sample: str) -> tuple[str, ...]:
    letters = sum(map(str.isalpha, sample))
    return _UNKNOWN.get(main_script(sample) or "", ()) if letters > 2 else ()


@lru_cache(maxsize=1)
def _detector() -> Any:
    # Loaded at the first text that needs it: 0.1 s and 50 MB.
    from eld import LanguageDetector

    return LanguageDetector()
