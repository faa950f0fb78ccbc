"""What languages write together with a word though it is none of its forms: articles, prepositions, pronouns,
particles, negation.

It holds the lists; where they may stand is judged by the matcher.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOTHING: frozenset[str] = frozenset()

#: Language -> what may stand before a form and what may stand behind it, in one word with it.
_CLITICS = {
    "ar": (
        _words("و ف ب ک ل ال وال بال کال فال لل ولل فلل وب ول فب فل وک س وس فس"),
        _words("ه ها هم هن هما ک کم نا ی ین ان ات"),
    ),
    "he": (
        _words("ו ה ב ל מ ש כ וה וב ול ומ וש וכ שה שב של שמ מה לכ כש כשה וכש בה לה שבה שלה מש ושה ומה"),
        _NOTHING,
    ),
    "fa": (
        _NOTHING,
        _words("ها های هایی هایش هایم هایت ی ای ایی ان یم ش م مان تان شان را هایشان هایمان"),
    ),
    "ko": (
        _NOTHING,
        _words(
            "은 는 이 가 을 를 의 에 에서 에게 에게서 께 께서 한테 로 "
            "으로 로서 으로서 로써 으로써 와 과 랑 이랑 하고 도 만 까지 부터 "
            "보다 처럼 마다 조차 마저 나 이나 라도 이라도 들 들은 들이 들을 들의 들에 들도 에는 에도 "
            "에서는 에서도 에서의 으로는 로는 "
            "으로도 로도 와의 과의 와는 과는 이다 다 인 이란 란 이라는 "
            "라는 이라고 라고 이며 며 입니다 이었다 였다 에만 까지의 부터의 "
            "으로부터 로부터 에게는 만의 만이 만을 대로 뿐 뿐만 님 씨 측 측은 측이 군 군이 군은 군의"
        ),
    ),
    # Finnish owners (-nsa, -ni) and particles (-kin, -ko) follow the case; what is negated in Latvian and Czech, and
    # what must be done in Latvian, begins so.
    "fi": (
        _NOTHING,
        _words(
            "kin kaan kään han hän ko kö kohan köhän pa pä nsa nsä ni si mme nne an än en aan ään "
            "nsakin nsäkin nsakaan nsäkään nikin nikään mmekin mmekään ankin änkin enkin ankaan änkään enkään"
        ),
    ),
    "et": (_NOTHING, _words("gi ki")),
    "ka": (_NOTHING, _words("ც ა ცა ვე")),
    "lv": (_words("ne jā vis"), _NOTHING),
    "cs": (_words("ne nej"), _NOTHING),
}

#: Pronouns that Italian writes behind an infinitive without its last letter, and behind a gerund.
_PRONOUNS = _words("mi ti si ci vi lo la li le ne gli selo sela seli sele sene glielo gliela gliele glieli gliene")


def clitics(language: str | None) -> tuple[frozenset[str], frozenset[str]]:
    """What may stand before and behind a form, in one word with it."""
    return _CLITICS.get(language or "", (_NOTHING, _NOTHING))


def with_pronouns(word: str, language: str) -> set[str]:
    """What Italian makes of a verb in one word with its pronouns: avvicinarsi, vedendolo."""
    if language != "it" or not word.endswith(("are", "ere", "ire")):
        return set()
    gerund = word[:-3] + ("ando" if word.endswith("are") else "endo")
    short = word[:-1]
    return {verb + pronoun for verb in (short, gerund) for pronoun in _PRONOUNS}
