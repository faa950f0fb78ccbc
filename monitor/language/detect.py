"""Which language a text is in.

It gives a best guess and admits when there is none; it does not split a text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from monitor.language.frequent import sure_language
from monitor.language.scripts import is_written_in, main_script, script_languages

_SAMPLE = 320  # characters; more does not make the guess better, only slower (MEASURED.md section 7)
_RENAMED = {"no": "nb", "hr": "hbs", "sr": "hbs", "bs": "hbs", "sh": "hbs", "iw": "he", "in": "id", "ji": "yi"}
_GLANCE = 200  # characters that are looked at where the language is given
_TO_CONTRADICT = 10  # common words of another language than the one that the feed names

#: How many languages a sample may be in: for samples shorter than so many characters, the most languages, and the share
#: of the best one's score that another one needs. Each language costs a pass over the text.
_OPEN = ((40, 3, 0.7), (90, 2, 0.8), (200, 2, 0.93), (10**9, 1, 1.0))
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
    samples = _samples(text)
    if hinted:
        glance = samples[-1][:_GLANCE]
        other = _plain(glance) if _contradicts(glance, hinted) else sure_language(glance, _TO_CONTRADICT)
        return (hinted,) if other in (None, hinted) else (hinted, other)
    sure = tuple(dict.fromkeys(language for sample in samples if (language := _plain(sample)) is not None))
    return sure or _guess(samples[0]) or _guess(samples[-1])


def _contradicts(text: str, hinted: str) -> bool:
    """Whether `text` is plainly not in `hinted`: it is written in another script."""
    script = main_script(text[:_SAMPLE])
    return script is not None and not is_written_in(hinted, script)


def _samples(text: str) -> list[str]:
    if len(text) <= 2 * _SAMPLE:
        return [text]
    late = len(text) * 2 // 3
    return [text[:_SAMPLE], text[late : late + _SAMPLE]]


def _plain(sample: str) -> str | None:
    """The language that the script or the commonest words tell, if they do."""
    sure = script_languages(sample)
    if sure is not None and len(sure) == 1:
        return next(iter(sure))
    return sure_language(sample)


def _guess(sample: str) -> tuple[str, ...]:
    """The languages that the detector thinks possible, the likeliest first."""
    clear = _NOISE.sub(" ", sample)
    scores: dict[str, float] = _detector().detect(clear).scores()
    if not scores:
        return ()
    ranked = sorted(scores, key=lambda language: (-scores[language], language))
    most, share = next((most, share) for length, most, share in _OPEN if len(sample) < length)
    near = (language for language in ranked[:most] if scores[language] >= share * scores[ranked[0]])
    return tuple(dict.fromkeys(_RENAMED.get(language, language) for language in near))


@lru_cache(maxsize=1)
def _detector() -> Any:
    # Loaded at the first text that needs it: 0.1 s and 50 MB.
    from eld import LanguageDetector

    return LanguageDetector()
