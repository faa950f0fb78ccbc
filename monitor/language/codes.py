"""Codes of languages (ISO 639-1, as in BCP 47), and what people write instead of them.

It judges a code by itself; which language a text is in is found in detect.py.
"""

from __future__ import annotations

import re

#: ISO 639-1, with codes that were withdrawn; in one text, since a list of them would be a page.
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz "
    "ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik "
    "in io is it iu iw ja ji jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh "
    "mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw "
    "sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk "
    "ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_TWO = frozenset(_CODES.split())
#: What is written instead: names in English and their own language, codes of countries, codes of three letters.
_INSTEAD = {
    "ar": "arabic ara العربية", "be": "belarusian bel by", "bg": "bulgarian bul", "cs": "czech cz ces cze čeština",
    "da": "danish dk dan dansk", "de": "german deutsch ger deu", "el": "greek gr gre ell", "en": "english eng gb",
    "es": "spanish spa español espanol", "et": "estonian est", "fa": "persian farsi fas per",
    "fi": "finnish fin suomi", "fr": "french fra fre français francais", "hbs": "croatian serbian bosnian hrv srp bos",
    "he": "hebrew heb", "hi": "hindi hin", "hu": "hungarian hun", "hy": "armenian hye", "it": "italian ita italiano",
    "id": "indonesian ind", "ja": "japanese jp jpn", "ka": "georgian kat", "kk": "kazakh kaz kz",
    "ko": "korean kor", "lt": "lithuanian lit", "lv": "latvian lav", "mk": "macedonian mkd",
    "nb": "norwegian norsk nor",
    "nl": "dutch nld dut nederlands", "pl": "polish pol polski", "pt": "portuguese por português portugues",
    "ro": "romanian ron rum", "ru": "russian rus русский", "sk": "slovak slk", "sl": "slovenian slv",
    "sq": "albanian sqi", "sv": "swedish swe svenska", "th": "thai tha", "tr": "turkish tur türkçe",
    "uk": "ukrainian ua ukr українська", "ur": "urdu urd", "vi": "vietnamese vie vn", "zh": "chinese cn zho chi 中文",
}  # fmt: skip
_MEANT = {word: code for code, words in _INSTEAD.items() for word in words.split()}


def name_of(code: str) -> str:
    """What the language is called in English; its code where that is not known here."""
    return _INSTEAD[code].split()[0].title() if code in _INSTEAD else code


def mistaken(tag: str) -> str | None:
    """None if `tag` may be a BCP 47 tag of a language; else the code that was likely meant, "" if none comes near."""
    primary = re.split(r"[-_]", tag.strip().lower())[0]
    if primary in _MEANT:
        return _MEANT[primary]
    if primary in _TWO or re.fullmatch(r"[a-z]{3}", primary):
        return None
    from difflib import get_close_matches

    near = get_close_matches(primary, [word for word in _MEANT if len(word) > 3], n=1, cutoff=0.7)
    return _MEANT[near[0]] if near else ""
