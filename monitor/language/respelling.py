"""Names as other scripts and other languages' newspapers spell them: Shoigu, Шойгу, Schoigu, Choïgou, Σοϊγκού.

It is tables of sounds and what is made of them for one word; which words are respelled a watch says
(`spellings: [translit]`). Names in Arabic and Hebrew letters lack vowels: they are reached, but not left.
"""

from __future__ import annotations

import re
from functools import lru_cache

from monitor.language.normalise import normalise
from monitor.language.scripts import is_written_in, script_of

_SHORTEST = 4  # letters; the sounds of shorter words are those of too many others
_MOST = 24  # spellings of one word

#: What a piece may be written as, the likeliest first.
Options = dict[str, tuple[str, ...]]


def _options(text: str) -> Options:
    """Lines of `piece spelling|spelling`, a bare piece for nothing."""
    pairs = (entry.partition(" ") for entry in text.split(","))
    return {piece: tuple(spellings.split("|")) for piece, _, spellings in pairs}


_TO_CYRILLIC = _options(
    "shch щ,schtsch щ,tsch ч,tch ч,sch ш|щ,sh ш,ch ч|х|ш,zh ж,kh х,ts ц,"
    "tz ц,cz ч,ck к,ph ф,th т,qu кв,ou у,oo у,ee и,yu ю,"
    "iu ю,ju ю,ya я,ja я,ia ия|я,yo е,jo йо,ye е,je е,ie е|ие,yi ї|и,ai ай,ay ай,ei ей|еи,ey ей,oi ой|ои,"
    "oy ой,oj ой,a а,b б,c к|ц,d д,e е,f ф,g г,h х|г,i и,j дж|й|ж,k к,l л,"
    "m м,n н,o о,p п,q к,r р,s с,t т,u у,v в,w в,x кс,y и|ы,"
    "z з"
)
_UKRAINIAN = _options("i і|и,y и|і,ie іє|є,ia ія|я,ye є,je є,g г|ґ,h г|х,ee і,yi ї,ii ії,iv ів,iy ій,iyi ії")
_ENDS = {
    "ru": (("skyy", "ский"), ("skyi", "ский"), ("skiy", "ский"), ("skij", "ский"), ("sky", "ский"), ("ski", "ский")),
    "uk": (
        ("skyy", "ський"), ("skyi", "ський"), ("skiy", "ський"), ("skij", "ський"), ("sky", "ський"), ("ski", "ський"),
    ),
}  # fmt: skip
_TO_GREEK = _options(
    "shch στσ,sch σ,sh σ,ch τσ|χ,zh ζ,kh χ,ts τσ,ou ου,oo ου,ee ι,yu γιου,ya για,th θ,ph φ,ps ψ,ks ξ,ck κ,"
    "a α,b μπ,c κ,d ντ|δ,e ε,f φ,g γκ|γ,h χ,i ι,j τζ|γ,k κ,l λ,m μ,n ν,o ο,p π,q κ,r ρ,s σ,t τ,u ου,v β,w ου|β,x ξ,y ι,"
    "z ζ"
)
_TO_HEBREW = _options(
    "shch שצ',sch ש,sh ש,ch צ',zh ז',kh ח,ts צ,tz צ,ou ו,oo ו,ee י,yu יו,ya יה|יא,ph פ,th ת,ck ק,ei יי|י,ai אי|יי,"
    "a א|,b ב,c ק,d ד,e ,f פ,g ג,h ה,i י,j ג',k ק,l ל,m מ,n נ,o ו,p פ,q ק,r ר,s ס,t ט|ת,u ו,v ב|ו,w ו,x קס,y י,z ז"
)
_TO_ARABIC = _options(
    "shch شتش,sch ش,sh ش,ch تش,zh ج,kh خ,ts تس,ou و,oo و,ee ي,yu يو,ya يا,ph ف,th ث,ck ك,gh غ,ei ي|يي,"
    "a ا,b ب,c ك,d د,e ي|,f ف,g غ|ج,h ه,i ي,j ج,k ك,l ل,m م,n ن,o و,p ب,q ق,r ر,s س,t ت,u و,v ف,w و,x كس,y ي,z ز"
)
_TO_PERSIAN = _options("ch چ,zh ژ,g گ,p پ,v و,e ,j ج,k ک,ts تس")
_FINAL_HEBREW = {"כ": "ך", "מ": "ם", "נ": "ן", "פ": "ף", "צ": "ץ"}

#: How newspapers spell Cyrillic: each language of its own, the English way everywhere, since agencies use it.
_ENGLISH = _options(
    "ский sky|skiy,ський sky|skyi|skyy,ий y|iy,а a,б b,в v,г g,ґ g,д d,е e,є ye|ie,ж zh,з z,и i,і i,ї yi|i,й i|y,к k,"
    "л l,м m,н n,о o,п p,р r,с s,т t,у u,ф f,х kh|h,ц ts,ч ch,ш sh,щ shch,ъ ,ы y,ь ,э e,ю yu|iu,я ya|ia"
)
_SYSTEMS = {
    "de": _options(
        "ский ski|skij,ський skyj|skij,ий i|ij,в w,є je,ж sch|sh,з s|z,й i|j,х ch,ц z,ч tsch,ш sch,щ schtsch,ю ju,я ja"
    ),
    "fr": _options("ский ski,ський sky,ин$ ine,ий i,у ou,ж j,й ï|i,х kh,ч tch,ш ch,щ chtch,ю iou,я ia"),
    "it": _options("ч c,ш sh,ж zh,ю ju,я ja,х kh,ц ts,ский skij|sky"),
    "es": _options("ш sh,ж zh|y,х j,ч ch,ю yu|iu,я ya|ia,ц ts,ский ski"),
    "nl": _options("ш sj,ж zj,ч tsj,щ sjtsj,у oe,ю joe,я ja,х ch,й j,ский ski,ий i,ы y"),
    "pl": _options("ский ski,ський ski,ий y|ij,в w,ж ż,й j,х ch,ц c,ч cz,ш sz,щ szcz,ю ju,я ja,ы y,л l|ł,є je"),
    "cs": _options("ский skij,ський skyj,ий ij,ж ž,й j,х ch,ц c,ч č,ш š,щ šč,ю ju,я ja,ы y"),
    "tr": _options("ш ş,ж j,й y,ч ç,ю yu,я ya,х h,ц ts,щ şç,ский ski"),
}
_SYSTEMS |= {"pt": _SYSTEMS["es"], "sk": _SYSTEMS["cs"], "sl": _SYSTEMS["cs"], "hbs": _SYSTEMS["cs"]}
_FROM_GREEK = _options(
    "ου u|ou,μπ b,ντ d|nt,γκ g,τσ ts|ch,τζ j,αι e|ai,ει i|ei,α a,β v,γ g,"
    "δ d,ε e,ζ z,η i,θ th,ι i,κ k,λ l,μ m,ν n,ξ x,ο o,"
    "π p,ρ r,σ s,τ t,υ y|i,φ f|ph,χ ch|h,ψ ps,ω o"
)
_CYRILLIC = frozenset({"ru", "uk", "be", "bg", "mk", "hbs", "kk", "ky"})


#: Names of Latin letters where a designation is spelt out (اف-16, אף-16), but of those that are words by themselves.
_NAMES = _options(
    "b بی|בי,c سی|סי,d دی|די,e ای|אי,f اف|אף,g جی|ג'י,h اچ|اتش|אייץ',j جی|ג'יי,k کی|קיי,m ام|אם,p پی|פי,q کیو|קיו,"
    "r ار|אר,s اس|אס,t تی|טי,u یو|יו,v وی|וי,x اکس|אקס,y وای,z زد"
)
_LIKELIEST = 2  # spellings of the letters of a designation in a script


def sounded(letters: str) -> list[str]:
    """The letters (small, Latin) of a designation in Greek, Arabic, Persian and Hebrew: by sound, or by their name."""
    if not letters.isascii() or not letters.isalpha():
        return []
    found = _spelt(letters, _TO_GREEK)[:_LIKELIEST]
    if len(letters) == 1:
        found += _NAMES.get(letters, ())
    else:
        found += (spelling for code in ("ar", "fa", "he") for spelling in _from_latin(letters, code)[:_LIKELIEST])
    return [spelling for one in found if len(spelling := normalise(one).text) > 1 or len(letters) == 1]


@lru_cache(maxsize=4096)
def respelled(word: str, language: str) -> tuple[str, ...]:
    """`word` as newspapers in `language` may spell it by its sound, the likeliest first; not as it is itself."""
    small = normalise(word, language).text if script_of(word) == "latin" else normalise(word).text
    if len(small) < _SHORTEST or not word.isalpha():
        return ()
    found = [spelling for spelling in _spellings(small, script_of(word), language) if len(spelling) >= _SHORTEST - 1]
    return tuple(dict.fromkeys(spelling for spelling in found if spelling not in (small, word)))[:_MOST]


def _spellings(small: str, script: str | None, language: str) -> list[str]:
    if script == "cyrillic":
        if is_written_in(language, "latin"):
            return _in_latin(small, language)
        return [spelling for latin in _spelt(small, _ENGLISH)[:2] for spelling in _from_latin(latin, language)]
    if script == "greek":
        latin = _spelt(small, _FROM_GREEK)
        if is_written_in(language, "latin"):
            return latin
        return [spelling for one in latin[:2] for spelling in _from_latin(one, language)]
    if script != "latin":
        return []
    if is_written_in(language, "latin"):  # by the way of its sound: Shoigu, Schoigu
        return _in_latin(_cyrillic(small, "ru")[0], language)
    return _from_latin(small, language)


def _from_latin(small: str, language: str) -> list[str]:
    if language in _CYRILLIC:
        return _cyrillic(small, language)
    small = small.replace("yy", "y")
    if language == "el":
        return _spelt(small, _TO_GREEK)
    if language == "he":
        return [made[:-1] + _FINAL_HEBREW.get(made[-1], made[-1]) for made in _abjad(small, _TO_HEBREW)]
    if language in ("ar", "fa", "ur"):
        return _abjad(small, _TO_ARABIC if language == "ar" else {**_TO_ARABIC, **_TO_PERSIAN})
    return []


def _cyrillic(small: str, language: str) -> list[str]:
    options = {**_TO_CYRILLIC, **_UKRAINIAN} if language == "uk" else _TO_CYRILLIC
    for latin, end in _ENDS.get(language, _ENDS["ru"]):
        if small.endswith(latin) and len(small) > len(latin) + 1:
            return [f"{stem}{end}" for stem in _spelt(small.removesuffix(latin), options)]
    found = _spelt(small, options)
    if small.startswith("e"):
        found += ["э" + spelling[1:] for spelling in found if language in ("ru", "be")]
    if re.search(r"[^aeiouy](?:y|i|iy|yi|yy|ij)$", small):
        stem = re.sub(r"(?:iy|yi|yy|ij|y|i)$", "", small)
        ends = ("ий", "ій") if language == "uk" else ("ий",)
        found += [f"{spelling}{end}" for spelling in _spelt(stem, options) for end in ends]
    return found


def _in_latin(small: str, language: str) -> list[str]:
    """Cyrillic in Latin letters: as the newspapers of `language` and as agencies spell it."""
    own = _SYSTEMS.get(language)
    mine = _spelt(small, {**_ENGLISH, **own}) if own else []
    return [*_spelt(small, _ENGLISH), *mine]


def _abjad(small: str, options: Options) -> list[str]:
    """In letters that leave vowels out, but not at the beginning."""
    lead = options["a"][0] if small[0] in "aeiou" else ""
    found = [made if made.startswith(lead) else lead + made for made in _spelt(small, options)]
    return [made for made in found if made]


def _spelt(word: str, options: Options) -> list[str]:
    """The likeliest spellings: those that take the first choice for most pieces."""
    found = [(0, "")]
    at, longest = 0, max(map(len, options))
    while at < len(word):
        piece, choices = _piece(word, at, options, longest)
        found = sorted(
            ((cost + number, made + choice) for cost, made in found for number, choice in enumerate(choices)),
            key=lambda one: one[0],
        )[:_MOST]
        at += len(piece)
    return [spelling for _, spelling in found]


def _piece(word: str, at: int, options: Options, longest: int) -> tuple[str, tuple[str, ...]]:
    for length in range(min(longest, len(word) - at), 0, -1):
        piece = word[at : at + length]
        if at + length == len(word) and f"{piece}$" in options:
            return piece, options[f"{piece}$"]
        if piece in options:
            return piece, options[piece]
    return word[at], (word[at],)
