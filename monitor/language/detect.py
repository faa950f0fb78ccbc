"""Which language a text is in.

It gives a best guess and admits when there is none; it does not split a text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from monitor.language.common import sure_language
from monitor.language.scripts import is_written_in, main_script, script_languages

_SAMPLE = 320  # characters; more does not make the guess better, only slower (MEASURED.md section 7)
_RENAMED = {"no": "nb", "hr": "hbs", "sr": "hbs", "bs": "hbs", "sh": "hbs", "iw": "he", "in": "id", "ji": "yi"}
_SHORT = 60  # characters; so short a text leaves several languages possible
_CLOSE, _CLOSE_IF_SHORT = 0.85, 0.65  # share of the best language's score from which on another one is possible
_GLANCE = 200  # characters that are looked at where the language is given
_TO_CONTRADICT = 10  # common words of another language than the one that the feed names
_NOISE = re.compile(r"https?://\S+|\S+@\S+|[\d_]+")


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
    found = [hinted] if hinted else []
    for sample in [_samples(text)[-1][:_GLANCE]] if hinted else _samples(text):
        if hinted is None or _contradicts(sample, hinted):
            found += _plain(sample) or _guess(sample)
        elif language := sure_language(sample, _TO_CONTRADICT):
            found.append(language)
    return tuple(dict.fromkeys(found))[:3]


def _contradicts(text: str, hinted: str) -> bool:
    """Whether `text` is plainly not in `hinted`: it is written in another script."""
    script = main_script(text[:_SAMPLE])
    return script is not None and not is_written_in(hinted, script)


def _samples(text: str) -> list[str]:
    if len(text) <= 2 * _SAMPLE:
        return [text]
    late = len(text) * 2 // 3
    return [text[:_SAMPLE], text[late : late + _SAMPLE]]


def _plain(sample: str) -> tuple[str, ...]:
    """The language that the script or the commonest words tell, if they do."""
    sure = script_languages(sample)
    if sure is not None and len(sure) == 1:
        return tuple(sure)
    language = sure_language(sample)
    return (language,) if language else ()


def _guess(sample: str) -> tuple[str, ...]:
    """The languages that the detector thinks possible, the likeliest first."""
    clear = _NOISE.sub(" ", sample)
    scores: dict[str, float] = _detector().detect(clear).scores()
    if not scores:
        return ()
    ranked = sorted(scores, key=lambda language: (-scores[language], language))
    least = scores[ranked[0]] * (_CLOSE_IF_SHORT if len(sample) < _SHORT else _CLOSE)
    near = (language for language in ranked if scores[language] >= least)
    return tuple(dict.fromkeys(_RENAMED.get(language, language) for language in near))[:3]


@lru_cache(maxsize=1)
def _detector() -> Any:
    # Loaded at the first text that needs it: 0.1 s and 50 MB.
    from eld import LanguageDetector

    return LanguageDetector()
