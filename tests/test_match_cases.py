"""What a term finds and what it does not, case by case: designations, acronyms, scripts, accents, inflection."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import pytest

from monitor.match import Matcher, compile
from monitor.model import Document, Watch, Watchlist

#: Shared by all test runs on a machine: a language's table takes seconds to build.
CACHE = Path(tempfile.gettempdir()) / "news-monitor-test-tables"


@lru_cache(maxsize=512)
def matcher(term: str) -> Matcher:
    watch = Watch(term, "test", any=(term,))
    return compile([Watchlist("test", "test.yaml", (watch,))], cache=CACHE)


def found(term: str, text: str, language: str, title: str = "") -> list[str]:
    document = Document(title, text, language=language)
    hits = matcher(term).find(document)
    evidence = [piece for hit in hits for piece in hit.evidence]
    for piece in evidence:
        assert getattr(document, piece.field)[piece.start : piece.end] == piece.text
    return [piece.text for piece in evidence]


def finds(term: str, written: str, language: str = "en") -> bool:
    """Whether `term` finds exactly the word written between words that say nothing."""
    return written in found(term, f"1984 – {written}, 2001", language)


SU35 = ["Su-35", "Su‑35", "Su–35", "Su−35", "Su35", "SU35", "SU 35", "Su 35", "su-35", "su35", "Su-35SE", "Su-35S", "SU-35s",
        "Су-35", "Су‑35С", "СУ-35", "Су35", "Су 35", "Cу-35", "Сu-35", "Ｓｕ－３５", "Su\u00ad-35", "Su\u200b-35"]  # fmt: skip


@pytest.mark.parametrize("written", SU35)
def test_a_designation_in_every_spelling(written: str) -> None:
    assert finds("Su-35", written)


@pytest.mark.parametrize(
    ("term", "written", "language"),
    [
        ("Су-35", "Su-35", "en"), ("Су-35", "Су-35С", "ru"), ("Su-35", "Су-35", "uk"), ("su-35", "Su-35", "en"),
        ("F-16", "F-16s", "en"), ("F-16", "F16", "en"), ("F-16", "F-16C", "en"), ("F-16", "Ф-16", "ru"),
        ("Shahed-136", "Shahed-136s", "en"), ("Shahed-136", "Shahed 136", "en"), ("Shahed-136", "Шахед-136", "ru"),
        ("Shahed-136", "SHAHED-136", "en"), ("Shahed-131", "Shahed-136/131", "en"), ("شاهد-136", "شاهد ۱۳۶", "fa"),
        ("Shahed-136", "Shahed-131/136", "en"),
        ("T-72", "T-72B3", "en"), ("T-72", "Т-72Б3", "ru"), ("T-72B3", "T-72B3", "en"), ("T-72B3", "Т-72Б3", "ru"),
        ("T-72B3", "T72B3M", "en"), ("9M729", "9М729", "ru"), ("9M729", "9M729", "en"), ("9M729", "9M-729", "en"),
        ("COVID-19", "Covid-19", "en"), ("COVID-19", "COVID19", "en"), ("COVID-19", "covid-19", "en"),
        ("COVID-19", "COVID 19", "en"), ("G7", "G7", "en"), ("G7", "G-7", "en"), ("G7", "G 7", "en"), ("S-400", "С-400", "ru"),
        ("S-400", "S-300/400", "en"), ("Kh-101", "Х-101", "ru"), ("MiG-31", "МиГ-31К", "ru"), ("MiG-31", "MiG-31BM", "en"),
        ("Geran-2", "Герань-2", "ru"), ("BTR-80", "БТР-80А", "uk"), ("924e", "924e", "fr"), ("Boeing 737", "Boeing 737", "en"),
        ("A-10", "A-10", "en"), ("A-10", "A10s", "en"), ("5G", "5G", "en"), ("M1A2", "M1A2", "en"), ("M1A2", "M-1A2", "en"),
        ("Su 35", "Su-35", "en"), ("SU35", "Su-35", "en"), ("B-2", "B-2", "en"), ("Ka-52", "Ка-52", "ru"),
    ],
)  # fmt: skip
def test_designations_that_mean_the_same(term: str, written: str, language: str) -> None:
    assert found(term, f"0 – {written}, 2001", language)


@pytest.mark.parametrize(
    ("term", "text", "language"),
    [
        ("Su-35", "the Su-350 flew", "en"), ("Su-35", "the A2SU-35 code", "en"), ("Su-35", "su 35 anni di storia", "it"),
        ("Su-35", "su 3.5 milioni", "it"), ("Su-35", "Su-35.5", "en"), ("Su-35", "Su-35Flanker", "en"),
        ("Su-35", "Su. 35 men", "en"), ("Su-35", "9Su-35", "en"), ("A-10", "a 10 percent rise", "en"),
        ("A-10", "A 10 percent rise was seen", "en"), ("A-10", "A 10,000 strong crowd", "en"), ("G7", "G77 met", "en"),
        ("G7", "big7", "en"), ("F-16", "of 16 men", "en"), ("F-16", "F-160", "en"), ("T-72", "at 72 years", "en"),
        ("T-72", "T-720", "en"), ("S-300", "С 300 солдатами они вошли", "ru"), ("S-300", "с 300 солдатами", "ru"),
        ("B-2", "vitamin b 2", "en"), ("9M729", "9M7290", "en"), ("Shahed-136", "Shahed-1360", "en"),
        ("COVID-19", "COVID-190", "en"), ("A-10", "LA-10", "en"), ("M1", "M16", "en"), ("5G", "35G", "en"),
        ("Su-35", "Su 35,000 people", "en"), ("A-10", "à 10 heures", "fr"), ("Y-20", "y 20 personas", "es"),
        ("Y-20", "Y 20 personas más llegaron", "es"),
    ],
)  # fmt: skip
def test_what_is_not_the_designation(term: str, text: str, language: str) -> None:
    assert found(term, text, language) == []


@pytest.mark.parametrize(
    ("term", "text", "language"),
    [
        ("US", "The US said", "en"), ("US", "the U.S. said", "en"), ("US", "the U.S said", "en"), ("U.S.", "the US said", "en"),
        ("US", "US-led forces", "en"), ("US", "the US's plan", "en"), ("AI", "new AI model", "en"), ("AI", "AI-powered", "en"),
        ("ISIS", "ISIS fighters", "en"), ("ООН", "в ООН заявили", "ru"), ("BRICS", "the BRICS summit", "en"),
        ("UAV", "two UAVs fell", "en"), ("UAV", "des UAV iraniens", "fr"), ("МИД", "в МИДе сказали", "ru"),
        ("НАТО", "страны НАТО", "ru"), ("ABD", "ABD'nin kararı", "tr"), ("AI", "ＡＩの開発", "ja"),
        ("NATO", "NATO-ban", "hu"), ("EU", "EU:n jäsenet", "fi"), ("USA", "w USA", "pl"), ("БПЛА", "сбит БПЛА", "ru"),
    ],
)  # fmt: skip
def test_acronyms(term: str, text: str, language: str) -> None:
    assert found(term, text, language)


@pytest.mark.parametrize(
    ("term", "text", "language"),
    [
        ("US", "they told us so", "en"), ("US", "Us and them", "en"), ("AI", "the rain fell", "en"), ("AI", "j'ai vu", "fr"),
        ("ISIS", "the crisis", "en"), ("ISIS", "Isis the goddess", "en"), ("WHO", "who said", "en"), ("IT", "it is", "en"),
        ("US", "BUS lane", "en"), ("US", "USA Today", "en"), ("ООН", "оон", "ru"), ("AI", "MAIN", "en"), ("US", "u.s.", "en"),
    ],
)  # fmt: skip
def test_what_is_not_the_acronym(term: str, text: str, language: str) -> None:
    assert found(term, text, language) == []


def test_an_acronym_in_a_headline_of_capitals_needs_the_context() -> None:
    title = "TROOPS TOLD TO JOIN US IN THE CITY"
    assert found("US", "They asked people to come.", "en", title) == []
    assert found("US", "The US army said so.", "en", title) == ["US", "US"]
    hits = matcher("US").find(Document(title, "The US army said so.", language="en"))
    assert "all-capitals" in hits[0].evidence[0].note
    assert found("BRICS", "", "en", "LEADERS OF BRICS MEET AGAIN TODAY") == ["BRICS"]


@pytest.mark.parametrize(
    ("term", "text", "language"),
    [
        ("Iran", "in Iran today", "en"), ("Iran", "IRAN STRIKES", "en"), ("Iran", "l'Iran", "fr"), ("Iran", "d’Iran", "fr"),
        ("Iran", "dell'Iran", "it"), ("Iran", "Iran's army", "en"), ("Iran", "Iran-backed", "en"), ("hélicoptère", "l'helicoptere", "fr"),
        ("drone", "the drones", "en"), ("drones", "a drone", "en"), ("drone", "drone-maker", "en"), ("drone", "des drones", "fr"),
        ("hélicoptère", "les HÉLICOPTÈRES", "fr"), ("Élysée", "l'Elysée", "fr"), ("Müller", "Herr Mueller", "de"),
        ("Müller", "Mr Muller", "en"), ("Müller", "Mr Mueller", "en"), ("Mueller", "Mr Müller", "en"), ("Mueller", "Herr Müller", "de"),
        ("Ёлкин", "Елкин сказал", "ru"), ("Tōkyō", "in Tokyo", "en"), ("Tokyo", "Tōkyō", "en"), ("дрон", "ДРОНАМИ", "uk"),
        ("Київ", "у Києві", "uk"), ("Зеленський", "Зеленського", "uk"), ("Шойгу", "Шойгу", "ru"),
        ("İstanbul", "İSTANBUL'DA", "tr"), ("Kırım", "KIRIM", "tr"), ("Istanbul", "İstanbul'da", "tr"), ("İstanbul", "ISTANBUL", "en"),
        ("Αθήνα", "ΑΘΗΝΑ", "el"), ("Οδυσσεύς", "ΟΔΥΣΣΕΥΣ", "el"), ("Straße", "STRASSE", "de"), ("office", "o\ufb03ce", "en"),
        ("drohn*", "Drohnenangriff", "de"), ("*drohne", "Kampfdrohnen", "de"), ("missile balistique", "missiles balistiques", "fr"),
        ("missile balistique", "missile\n balistique", "fr"), ("ballistic missile", "ballistic-missile", "en"),
        ('="Le Monde"', "in Le Monde today", "en"), ("New York", "New York's", "en"), ("co\u00adoperate", "cooperate", "en"),
        ("von der Leyen", "Ursula von der Leyen", "de"), ("O'Brien", "Mr O’Brien", "en"), ("al-Qaida", "Al Qaida", "en"),
    ],
)  # fmt: skip
def test_words(term: str, text: str, language: str) -> None:
    assert found(term, text, language)


@pytest.mark.parametrize(
    ("term", "text", "language"),
    [
        ("Iran", "the Iranian army", "en"), ("Iran", "les Iraniens", "fr"), ("university", "universal truth", "en"),
        ("drone", "dronebusters", "en"), ("schon", "schön", "de"), ("schön", "schon", "de"), ("año", "ano", "es"), ("ano", "año", "es"),
        ("Drohne", "Drohnenangriff", "de"), ("Drohne", "Kampfdrohne", "de"), ('="Le Monde"', "le monde", "fr"),
        ("kirim", "KIRIM", "tr"), ("drone strike", "drone. Strike", "en"), ("drone strike", "strike drone", "en"),
        ("дрон", "дроновод", "uk"), ("їжа", "іжа", "uk"), ("drohn*", "Kampfdrohne", "de"), ("*drohne", "Drohnenkrieg", "de"),
        ("får", "far", "sv"), ("poet", "pot", "en"), ("Mueller", "Muller", "en"),
    ],
)  # fmt: skip
def test_what_is_another_word(term: str, text: str, language: str) -> None:
    assert found(term, text, language) == []


@pytest.mark.parametrize(
    ("term", "text", "language"),
    [
        ("无人机", "俄罗斯使用无人机攻击", "zh"), ("無人機", "俄罗斯使用无人机攻击", "zh"), ("无人机", "俄羅斯使用無人機攻擊", "zh"),
        ("ドローン", "軍事ドローン攻撃", "ja"), ("ドローン", "ﾄﾞﾛｰﾝ攻撃", "ja"), ("イラン", "イランの", "ja"), ("無人機", "無人機を", "ja"),
        ("โดรน", "ใช้โดรนโจมตี", "th"), ("드론", "드론을 사용", "ko"), ("이란", "이란에서", "ko"),
        ("طائرة", "الطائرة", "ar"), ("إيران", "وإيران", "ar"), ("ایران", "إيران", "ar"), ("إيران", "بايران", "ar"),
        ("کتاب", "کتاب‌ها", "fa"), ("پهپاد", "پهپادهای", "fa"), ("پهپاد", "پهپاد های", "fa"), ("איראן", "באיראן", "he"),
        ("מלחמה", "והמלחמה", "he"), ("كتاب", "کتاب", "fa"), ("صاروخ", "صَارُوخ", "ar"), ("ドローン", "ドローンショー", "ja"),
        ("중국", "중국은", "ko"), ("Su-35", "苏-35战机和Su-35战机", "zh"),
    ],
)  # fmt: skip
def test_other_scripts(term: str, text: str, language: str) -> None:
    assert found(term, text, language)


@pytest.mark.parametrize(
    ("term", "text", "language"),
    [
        ("京都", "東京都の人口", "ja"), ("テロ", "ステロイド", "ja"), ("イラン", "イランド", "ja"), ("ハハ", "パパ", "ja"),
        ("機", "机", "ja"), ("インド", "インドネシア", "ja"), ("アメリカ", "アメリカン", "ja"), ("马里", "索马里海盗", "zh"),
            ("印度", "印度尼西亚", "zh"), ("羅馬", "羅馬尼亞", "zh"), ("سلام", "اسلام", "ar"), ("مصر", "مصرف", "fa"), ("שלום", "תשלומים", "he"),
    ],
)  # fmt: skip
def test_other_scripts_are_not_cut_apart(term: str, text: str, language: str) -> None:
    assert found(term, text, language) == []


def test_the_seed_article() -> None:
    path = Path(__file__).parents[1].parent / "shared" / "data" / "seed" / "article.fr.txt"
    if not path.exists():
        pytest.skip("the seed article is not beside the checkout")
    text = path.read_text("utf-8")
    terms = ("drones", "Su-35", "hélicoptère", "missile balistique", "Iran", "HIMARS", "924e centre")
    watches = tuple(Watch(term, "seed", any=(term,)) for term in (*terms, "Shahed", "university"))
    hits = compile([Watchlist("seed", "seed.yaml", watches)], cache=CACHE).find(Document("", text))
    assert [hit.watch for hit in hits] == list(terms)
