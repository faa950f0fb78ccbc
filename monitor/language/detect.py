"""Which language a text is in.

It gives a best guess and admits when there is none; it does not split a text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from monitor.language.scripts import is_written_in, main_script, script_languages

_SAMPLE = 320  # characters; more does not make the guess better, only slower (MEASURED.md section 7)
_RENAMED = {"no": "nb", "hr": "hbs", "sr": "hbs", "bs": "hbs", "sh": "hbs", "iw": "he", "in": "id", "ji": "yi"}
_CLOSE = 0.8  # another language that scores this share of the best one's score is possible too
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
    found: list[str] = []
    for sample in _samples(text):
        found += [language for language in _guess(sample) if language not in found]
    if hinted and (hinted in found or not found or not _contradicts(text, hinted)):
        found = [hinted, *(language for language in found[:1] if language != hinted and len(text) > _SAMPLE)]
    return tuple(found[:4])


def _contradicts(text: str, hinted: str) -> bool:
    """Whether `text` is plainly not in `hinted`: it is written in another script."""
    script = main_script(text[:_SAMPLE])
    return script is not None and not is_written_in(hinted, script)


def _samples(text: str) -> list[str]:
    if len(text) <= 2 * _SAMPLE:
        return [text]
    middle, end = len(text) // 2, len(text) - _SAMPLE
    return [text[:_SAMPLE], text[middle : middle + _SAMPLE], text[end:]]


def _guess(sample: str) -> list[str]:
    clear = _NOISE.sub(" ", sample)
    sure = script_languages(clear)
    if sure is not None and len(sure) == 1:
        return list(sure)
    scores: dict[str, float] = _detector().detect(clear).scores()
    if not scores:
        return sorted(sure or ())[:1]
    best = max(scores.values())
    ranked = sorted(scores, key=lambda language: (-scores[language], language))
    near = [language for language in ranked if scores[language] >= _CLOSE * best]
    return list(dict.fromkeys(_RENAMED.get(language, language) for language in near))[:2]


@lru_cache(maxsize=1)
def _detector() -> Any:
    # Loaded at the first text that needs it: 0.1 s and 50 MB.
    from eld import LanguageDetector

    return LanguageDetector()
