"""English names of the languages that news is written in, by ISO 639 code.

It holds names only; what is not in it is shown as its code.
"""

from __future__ import annotations

_NAMES = """af Afrikaans|am Amharic|ar Arabic|az Azerbaijani|be Belarusian|bg Bulgarian|bn Bengali|bs Bosnian
ca Catalan|ckb Kurdish|cs Czech|cy Welsh|da Danish|de German|el Greek|en English|eo Esperanto
es Spanish|et Estonian|eu Basque|fa Persian|fi Finnish|fil Filipino|fr French|ga Irish|gl Galician
gu Gujarati|ha Hausa|he Hebrew|hi Hindi|hr Croatian|hu Hungarian|hy Armenian|id Indonesian|ig Igbo
is Icelandic|it Italian|ja Japanese|ka Georgian|kk Kazakh|km Khmer|kn Kannada|ko Korean|ku Kurdish
ky Kyrgyz|la Latin|lb Luxembourgish|lo Lao|lt Lithuanian|lv Latvian|mk Macedonian|ml Malayalam
mn Mongolian|mr Marathi|ms Malay|mt Maltese|my Burmese|nb Norwegian|ne Nepali|nl Dutch|nn Norwegian
no Norwegian|pa Punjabi|pl Polish|ps Pashto|pt Portuguese|rm Romansh|ro Romanian|ru Russian
sd Sindhi|si Sinhala|sk Slovak|sl Slovenian|so Somali|sq Albanian|sr Serbian|sv Swedish|sw Swahili
ta Tamil|te Telugu|tg Tajik|th Thai|ti Tigrinya|tk Turkmen|tl Filipino|tr Turkish|tt Tatar|ug Uyghur
uk Ukrainian|ur Urdu|uz Uzbek|vi Vietnamese|yi Yiddish|yo Yoruba|zh Chinese|zu Zulu"""

NAMES = dict(pair.split(" ", 1) for pair in _NAMES.replace("\n", "|").split("|"))


def language_name(code: str | None) -> str:
    """`French` for fr, fr-CA or FR; the code itself where no name is known; "" for none."""
    if not code:
        return ""
    return NAMES.get(code.replace("_", "-").partition("-")[0].lower(), code)
