"""Normalised text and its offsets, detection, forms by table and by analogy."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.language import detect, languages_in, normalise
from monitor.language.clitics import with_pronouns
from monitor.language.inflection import forms
from monitor.language.irregular import irregular
from monitor.language.persian import citation, past_forms, present_forms
from monitor.language.tables import Table, table
from tests.matchers import CACHE

LANGUAGES = [None, "en", "de", "tr", "ru", "fr", "zh", "ja", "ar", "vi", "sv", "hi"]
texts = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("aeIİıßéŒ\u0301\u0308ﬁйїё\u00ad\u200b–‑’ＡΣςكيـ臺ｶﾞがÅ각"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("text", "language", "normal"),
    [
        ("Su‑35 Œuvre ÉLYSÉE", "fr", "su-35 oeuvre elysee"), ("schön", "de", "schön"), ("schön", "en", "schon"),
        ("ИРА́Н Ёлка Київ", "uk", "иран елка київ"), ("KIRIM İzmir", "tr", "kırım izmir"), ("KIRIM", "en", "kirim"),
        ("ﬁne ＳＵ３５", "en", "fine su35"), ("e\u0301tat", "fr", "etat"), ("Στίς ΟΔΟΣ", "el", "στισ οδοσ"),
        ("كِتَابـي", "ar", "کتابی"), ("می‌روم", "fa", "میروم"), ("臺灣", "zh", "台湾"), ("臺", "ja", "臺"),
        ("ｶﾞ", "ja", "ガ"),
        ("١٢٣ ۴", "ar", "123 4"), ("año", "es", "año"), ("naïve", "en", "naive"), ("Åbo", "sv", "åbo"),
        ("Straße", "de", "strasse"),
    ],
)  # fmt: skip
def test_one_spelling(text: str, language: str, normal: str) -> None:
    assert normalise(text, language).text == normal


@given(texts, st.sampled_from(LANGUAGES))
def test_normalising_again_changes_nothing(text: str, language: str | None) -> None:
    once = normalise(text, language).text
    assert normalise(once, language).text == once


@given(texts, st.sampled_from(LANGUAGES))
def test_offsets_lead_back_in_order(text: str, language: str | None) -> None:
    normal = normalise(text, language)
    spans = [normal.span(at, at + 1) for at in range(len(normal.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)


@given(texts, texts)
def test_a_part_keeps_its_place(before: str, behind: str) -> None:
    whole = normalise(f"{before} drone {behind}", "en")
    at = whole.text.find(" drone ")
    if at >= 0:
        start, end = whole.span(at + 1, at + 6)
        assert unicodedata.normalize("NFKC", f"{before} drone {behind}"[start:end])[:1].casefold() == "d"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The president said on Tuesday that the talks would go on until the end of the week", "en"),
        ("Le président a déclaré mardi que les négociations se poursuivraient jusqu'à la fin de la semaine", "fr"),
        ("Президент заявив у вівторок, що переговори триватимуть до кінця тижня", "uk"),
        ("Президент заявил во вторник, что переговоры продлятся до конца недели", "ru"),
        ("大統領は火曜日に交渉が続くと述べた", "ja"), ("总统星期二表示谈判将继续", "zh"),
        ("대통령은 화요일에 말했다", "ko"),
        ("אמר הנשיא ביום שלישי", "he"), ("", None), ("12345 …", None),
    ],
)  # fmt: skip
def test_detection(text: str, language: str | None) -> None:
    assert detect(text) == language


def test_a_hint_decides_where_the_text_does_not_contradict_it() -> None:
    assert detect("Iran drone", "fr-CA") == "fr"
    assert detect("Президент заявил во вторник", "en") == "ru"
    assert detect("hr", "hr") == "hbs"


def test_a_text_in_two_languages_is_read_in_both() -> None:
    english = "The president said that the talks would go on until the end of the week and that it was good. " * 8
    french = (
        "Le président a dit que les discussions se poursuivraient dans la semaine et que c'était bien pour eux. " * 8
    )
    assert set(languages_in(english + french, "en")) == {"en", "fr"}


@pytest.fixture(scope="session")
def ukrainian() -> Table:
    return table("uk", CACHE)


def test_forms_from_the_table(ukrainian: Table) -> None:
    assert {"дрони", "дронами", "дронів"} <= forms("дрон", "uk", ukrainian)
    assert {"дрон", "дронами"} <= forms("дронами", "uk", ukrainian)


@pytest.mark.parametrize(
    ("name", "form"),
    [("Шахед", "шахедами"), ("Байрактар", "байрактарів"), ("Зеленський", "зеленського"), ("Фаулз", "фаулза")],
)
def test_forms_of_names_that_no_table_knows(name: str, form: str, ukrainian: Table) -> None:
    assert form in forms(name, "uk", ukrainian)


def test_a_persian_verb_is_one_word_under_either_citation() -> None:
    assert citation("شناختن") == "شناخت"
    assert citation("شناخت") == "شناختن"
    assert citation("کتاب") is None
    assert {"نمیشناختند", "شناختهاند"} <= past_forms("شناخت")
    assert {"نشناسند", "بشناسیم"} <= present_forms("شناخت", ["میشناسم", "میشناسند", "میشناختم"])


def test_italian_writes_pronouns_behind_verbs() -> None:
    assert {"avvicinarsi", "avvicinandolo"} <= with_pronouns("avvicinare", "it")
    assert with_pronouns("avvicinare", "fr") == set()


def test_participles_of_strong_verbs() -> None:
    assert {"iscritto", "iscritte"} <= irregular("iscrivere", "it")
    assert "shot" in forms("shoot", "en", table("en", CACHE))


def test_derived_words_are_not_forms() -> None:
    english = table("en", CACHE)
    assert forms("Iran", "en", english) & {"iranian", "iranians"} == set()
    assert "universal" not in forms("university", "en", english)
    assert "drones" in forms("drone", "en", english)


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("the", "en", {"the"}), ("this", "en", {"this", "these"}), ("Shoigu", "en", {"shoigu", "shoigus"}),
        ("Kyiv", "fr", {"kyiv", "kyivs"}), ("Zelensky", "en", {"zelensky", "zelenskys"}), ("Hamas", "fr", {"hamas"}),
        ("dron", "en", {"dron", "drons"}), ("OpenAI", "fr", {"openai", "openais"}),
    ],
)  # fmt: skip
def test_no_form_by_analogy_that_no_word_of_the_kind_has(word: str, language: str, expected: set[str]) -> None:
    assert forms(word, language, table(language, CACHE)) - {"tis"} <= expected


def test_a_damaged_table_is_built_anew(tmp_path: Path) -> None:
    table("gv", tmp_path)
    file = next(tmp_path.glob("forms-gv-*"))
    sound = file.read_bytes()
    file.write_bytes(sound[:-7] + b"garbage")
    table.cache_clear()
    assert table("gv", tmp_path)
    assert file.read_bytes() == sound
    table.cache_clear()


def test_a_language_without_a_table_is_empty(tmp_path: Path) -> None:
    assert not table("xx", tmp_path)
    assert forms("drone", "xx", table("xx", tmp_path)) == {"drone"}
