"""Stories: copies in any language, reports of one event in other words, and what must stay apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stories import CLOSES_AFTER, LASTS, Candidate, Fingerprint, Index, Placement, fingerprint, place

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SEED = Path(__file__).parents[1].parent / "shared" / "data" / "seed" / "article.fr.txt"

# Written for these tests; the events are invented.
ENGLISH_TITLE = "Norland buys 48 Kestrel-7 jets from Ardenia, ministers say"
ENGLISH = """
Norland will buy 48 Kestrel-7 fighter jets from Ardenia in a deal worth 6.4 billion crowns, Defence Minister Halvar
Brandt said on Tuesday in Oslomund. "This is the largest purchase that our air force has ever made," Brandt told
reporters. The first of the aircraft, which are built by Vortane Aerospace, are to arrive at the Skarvik base in 2029,
and the last 12 of them in 2034.

The contract includes 930 missiles of the type R-77M and training for 115 pilots. Ardenia's president, Mirela Costan,
is expected to sign it in March. "We have waited for this day for eleven years," said the head of Vortane, Dario
Lindqvist.

The opposition criticised the price. According to the Court of Audit, each hour of flight of the Kestrel-7 costs
27,500 crowns, twice as much as that of the F-16 which it replaces. Erik Solheim of the Centre Party said that he
would ask for an inquiry. The parliament in Oslomund votes on the budget on 14 December.
"""
FRENCH_TITLE = "La Norlande achète 48 avions Kestrel-7 à l'Ardénie, selon des ministres"
FRENCH = """
Accueil / Monde / Défense

La Norlande va acheter 48 avions de chasse Kestrel-7 à l'Ardénie dans le cadre d'un contrat d'une valeur de 6,4
milliards de couronnes, a déclaré mardi le ministre de la Défense Halvar Brandt à Oslomund. « Il s'agit du plus gros
achat jamais réalisé par notre armée de l'air », a déclaré Brandt aux journalistes. Les premiers appareils, construits
par Vortane Aerospace, doivent arriver à la base de Skarvik en 2029, et les 12 derniers en 2034.

Le contrat comprend 930 missiles du type R-77M et la formation de 115 pilotes. La présidente de l'Ardénie, Mirela
Costan, devrait le signer en mars. « Nous attendions ce jour depuis onze ans », a déclaré le patron de Vortane, Dario
Lindqvist.

L'opposition a critiqué le prix. Selon la Cour des comptes, chaque heure de vol du Kestrel-7 coûte 27 500 couronnes,
soit deux fois plus que celle du F-16 qu'il remplace. Erik Solheim, du Parti du centre, a déclaré qu'il demanderait
une enquête. Le parlement d'Oslomund se prononce sur le budget le 14 décembre.
"""
RUSSIAN_TITLE = "Норландия покупает 48 истребителей Kestrel-7 у Ардении, заявили министры"
RUSSIAN = """
Норландия купит у Ардении 48 истребителей Kestrel-7 за 6,4 миллиарда крон, сообщил во вторник в Ослумунде министр
обороны Халвар Брандт. «Это самая крупная покупка в истории наших военно-воздушных сил», — сказал Брандт журналистам.
Первые самолёты, которые строит Vortane Aerospace, прибудут на базу Скарвик в 2029 году, а последние 12 — в 2034 году.

Контракт включает 930 ракет типа Р-77М и обучение 115 пилотов. Президент Ардении Мирела Костан, как ожидается, подпишет
его в марте. «Мы ждали этого дня одиннадцать лет», — сказал глава Vortane Дарио Линдквист.

Оппозиция раскритиковала цену. По данным Счётной палаты, час полёта Kestrel-7 стоит 27 500 крон, вдвое дороже, чем час
полёта F-16, на смену которому он приходит. Эрик Сульхейм из Партии центра заявил, что потребует расследования.
Парламент в Ослумунде голосует по бюджету 14 декабря.
"""
OTHER_WORDS_TITLE = "Opposition slams Norland's Kestrel-7 fighter jet deal with Ardenia"
OTHER_WORDS = """
A day after the government in Oslomund announced its order of 48 fighter jets, anger about the bill is growing. Centre
Party deputy Erik Solheim wants parliament to look into why Norland pays Ardenia 6.4 billion crowns for the Kestrel-7.
Auditors have warned that an hour in the air costs 27,500 crowns. Minister Halvar Brandt defended the purchase on the
radio: without the new jets of Vortane Aerospace, the air force would have nothing left to fly in ten years. Pilots at
the Skarvik base welcomed the decision. A vote on the budget is due in December, and the coalition has a majority.
"""
ELSEWHERE_TITLE = "Storm cuts power to 20,000 homes on the Ardenian coast"
ELSEWHERE = """
Winds of up to 140 kilometres an hour tore down power lines along the coast of Ardenia on Tuesday night and left 20,000
homes without electricity, the grid operator said. Schools in the port of Galmora stayed closed. Ferries to the islands
were cancelled until Thursday, and fire crews were called out 350 times to clear fallen trees from roads and railways.
Nobody was hurt, the ministry of the interior said. Forecasters expect the storm to move on to the north by the evening.
"""


def placed(*articles: tuple[datetime, str, str]) -> list[Placement]:
    index = Index()
    return [index.add(str(n), at, fingerprint(title, text)) for n, (at, title, text) in enumerate(articles)]


def last(*articles: tuple[datetime, str, str]) -> Placement:
    return placed(*articles)[-1]


# -------------------------------------------------------------------------------------------- copies


@pytest.mark.parametrize("later", [HOUR, 24 * HOUR, timedelta(days=110), timedelta(days=1500)])
def test_the_same_text_under_another_headline_is_a_copy_for_years(later: timedelta) -> None:
    reprint = f"By our correspondent\n{ENGLISH}\n(Agencies)"
    found = last((NOW, ENGLISH_TITLE, ENGLISH), (NOW + later, "A costly order for the air force", reprint))
    assert (found.relation, found.of, found.story_id) == ("copy", "0", "0")
    assert found.reason.startswith("the same text")


@pytest.mark.parametrize(("title", "text"), [(FRENCH_TITLE, FRENCH), (RUSSIAN_TITLE, RUSSIAN)])
@pytest.mark.parametrize("later", [HOUR, timedelta(days=110)])
def test_a_translation_is_a_copy_for_years(title: str, text: str, later: timedelta) -> None:
    found = last((NOW, ENGLISH_TITLE, ENGLISH), (NOW + later, title, text))
    assert (found.relation, found.of) == ("copy", "0")
    assert found.reason.startswith("a translation")


def test_the_seed_article_in_two_pages_is_one() -> None:
    if not SEED.exists():
        pytest.skip("the data is not here")
    title, body = "La Russie fournit un soutien militaire", SEED.read_text("utf-8")
    without_crumbs = body.split("Mar 25, 2023", 2)[-1]
    assert last((NOW, title, body), (NOW + 99 * 24 * HOUR, "Soutien militaire", without_crumbs)).relation == "copy"


def test_the_same_headline_without_text_is_a_copy_while_the_story_is_open() -> None:
    twin = "Norland buys 48 Kestrel-7 jets"
    assert last((NOW, twin, ""), (NOW + HOUR, twin.upper(), "")).relation == "copy"
    assert last((NOW, twin, ""), (NOW + 73 * HOUR, twin, "")).relation == "first"


def test_a_form_filled_with_other_numbers_is_no_copy() -> None:
    form = (
        "Shares of {0} closed at {1} crowns on Tuesday, {2} percent higher than the day before. The company from {3} "
        "has gained {4} percent since January. Analysts of {5} rate the share a buy with a target of {6} crowns."
    )
    one = form.format("Vortane", "118.40", "2.3", "Galmora", "41", "Halden Bank", "140")
    other = form.format("Nordfisk", "23.15", "0.8", "Skarvik", "7", "Brandt and Sons", "25")
    assert last((NOW, "Vortane gains", one), (NOW + HOUR, "Nordfisk up", other)).relation != "copy"


def test_short_texts_are_no_copies_by_their_text() -> None:
    wall = "We value your privacy. Accept all cookies to read on, or subscribe for one crown a week."
    assert last((NOW, "Storm on the coast", wall), (NOW + HOUR, "Jets for Norland", wall)).relation == "first"


POST = "Norland buys 48 Kestrel-7 jets from Ardenia! The minister says they are the best. What a day for Oslomund."


@pytest.mark.parametrize(
    ("title", "text", "relation"),
    [
        ("Norland buys 48 Kestrel-7 jets from Ardenia!", f"{POST} https://posts.example/1", "copy"),
        ("Norland buys 48 Kestrel-7 jets from Ardenia!", POST.replace("best", "worst"), "first"),
        ("Norland buys 48 Kestrel-7 jets from Ardenia…", POST.replace("!", "?", 1), "copy"),
        ("Norland buys 48 Kestrel-7 jets!", "Norland buys 48 Kestrel-7 jets! Now that is something.", "first"),
    ],
)
def test_a_short_post_joins_another_only_where_all_its_words_are_the_same(
    title: str, text: str, relation: str
) -> None:
    first = (NOW, "Norland buys 48 Kestrel-7 jets from Ardenia!", POST)
    assert last(first, (NOW + HOUR, title, text)).relation == relation
    assert last(first, (NOW + 73 * HOUR, title, text)).relation == "first"


def test_a_headline_with_a_short_summary_is_no_post() -> None:
    summary = "Norland buys 48 Kestrel-7 jets from Ardenia Norland Times"  # as an aggregator has it: title, outlet
    first = (NOW, ENGLISH_TITLE, "A deal worth 6.4 billion crowns.")
    assert last(first, (NOW + HOUR, "Norland buys 48 Kestrel-7 jets from Ardenia", summary)).relation == "report"


def test_posts_that_say_next_to_nothing_are_no_copies() -> None:
    greeting = "Good morning!"
    assert last((NOW, greeting, greeting), (NOW + HOUR, greeting, greeting)).relation == "first"


# ------------------------------------------------------------------------------------------- reports


def test_the_same_event_in_other_words_is_a_report() -> None:
    found = last((NOW, ENGLISH_TITLE, ENGLISH), (NOW + 20 * HOUR, OTHER_WORDS_TITLE, OTHER_WORDS))
    assert (found.relation, found.story_id, found.of) == ("report", "0", "0")
    assert "titles" in found.reason


def test_another_event_of_the_same_country_is_first() -> None:
    found = last((NOW, ENGLISH_TITLE, ENGLISH), (NOW + HOUR, ELSEWHERE_TITLE, ELSEWHERE))
    assert (found.relation, found.story_id, found.of) == ("first", "1", None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bayern verliert gegen Augsburg", "FC Augsburg gewinnt überraschend gegen Bayern"),
        (
            "Séisme de magnitude 6,8 au Maroc",
            "Maroc : un séisme de magnitude 6,8 fait des centaines de morts",
        ),
        ("Число погибших в Беляевке выросло до пяти", "В Беляевке погибших уже пять человек"),
        ("زلزال بقوة 6.8 درجات يضرب المغرب", "المغرب: ضحايا في زلزال بقوة 6.8 درجات"),
        ("רעידת אדמה בעוצמה 6.8 במרוקו", "מרוקו: מאות הרוגים ברעידת אדמה"),
        ("モロッコでマグニチュード6.8の地震", "モロッコ地震、死者数百人"),
        ("摩洛哥发生6.8级地震", "摩洛哥地震已致数百人死亡"),
        ("แผ่นดินไหวในโมร็อกโก", "โมร็อกโกแผ่นดินไหวรุนแรง"),
    ],
)
def test_headlines_alone_make_a_story_in_many_scripts(one: str, other: str) -> None:
    assert last((NOW, one, ""), (NOW + HOUR, other, "")).story_id == "0"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bayern verliert gegen Augsburg", "Der Bundestag beschließt den Haushalt"),
        ("New year, new rules for drivers", "Five dead in the first storm of the year"),
        ("摩洛哥发生6.8级地震", "央行宣布下调利率"),
        ("", ""),
        ("!!!", "???"),
    ],
)
def test_what_has_nothing_particular_in_common_stays_apart(one: str, other: str) -> None:
    assert last((NOW, one, ""), (NOW + HOUR, other, "")).relation == "first"


def test_likeness_fades_with_time() -> None:
    one = "Norland minister Brandt under fire over price of fighter jets"
    other = "Brandt and six colleagues quit cabinet of Norland after scandal"
    assert last((NOW, one, ""), (NOW + HOUR, other, "")).relation == "report"
    assert last((NOW, one, ""), (NOW + 71 * HOUR, other, "")).relation == "first"


# ------------------------------------------------------------------------------------ open and closed


def test_a_story_closes_72_hours_after_its_last_article() -> None:
    early, late = NOW + CLOSES_AFTER, NOW + CLOSES_AFTER + timedelta(seconds=1)
    assert last((NOW, ENGLISH_TITLE, ENGLISH), (late, OTHER_WORDS_TITLE, OTHER_WORDS)).relation == "first"
    title = f"{ENGLISH_TITLE} again"
    assert last((NOW, ENGLISH_TITLE, ""), (early, title, "")).relation == "report"
    assert last((NOW, ENGLISH_TITLE, ""), (late, title, "")).relation == "first"


def test_a_story_closes_after_seven_days_however_lively_it_is() -> None:
    times = [NOW + number * 24 * HOUR for number in range(10)]
    found = placed(*((at, f"{ENGLISH_TITLE}, day {number}", "") for number, at in enumerate(times)))
    assert [one.story_id for one in found] == ["0"] * 8 + ["8"] * 2
    assert times[7] - times[0] == LASTS


def test_a_late_copy_joins_its_closed_story_but_opens_it_to_no_report() -> None:
    later = NOW + timedelta(days=110)
    found = placed(
        (NOW, ENGLISH_TITLE, ENGLISH),
        (later, FRENCH_TITLE, FRENCH),
        (later + HOUR, OTHER_WORDS_TITLE, OTHER_WORDS),
    )
    assert [(one.relation, one.story_id) for one in found] == [("first", "0"), ("copy", "0"), ("first", "2")]


# -------------------------------------------------------------------------------------- fingerprints

ARTICLES = [(ENGLISH_TITLE, ENGLISH), (FRENCH_TITLE, FRENCH), (RUSSIAN_TITLE, RUSSIAN), (ELSEWHERE_TITLE, "")]


@pytest.mark.parametrize(("title", "text"), ARTICLES)
def test_a_fingerprint_survives_its_bytes_and_is_small(title: str, text: str) -> None:
    made = fingerprint(title, text * 30)
    data = made.to_bytes()
    again = Fingerprint.from_bytes(data)
    assert (again, again.keys, again.copy_keys) == (made, made.keys, made.copy_keys)
    assert len(data) < 1000


@given(title=st.text(max_size=300), text=st.text(max_size=3000))
def test_any_text_has_a_fingerprint_with_few_small_keys(title: str, text: str) -> None:
    made = fingerprint(title, text)
    assert Fingerprint.from_bytes(made.to_bytes()) == made == fingerprint(title, text)
    assert len(made.to_bytes()) < 1000
    assert len(made.keys) <= 40
    assert set(made.copy_keys) <= set(made.keys)
    assert all(0 <= key < 2**63 for key in made.keys)


@given(st.binary(max_size=200))
def test_what_is_no_fingerprint_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="fingerprint"):
        Fingerprint.from_bytes(b"\x00" + data)


def test_a_fingerprint_is_the_same_on_every_machine() -> None:
    assert fingerprint("Su-35 for Iran").keys == (
        7599479770766636110,
        2959595758766191553,
        1348831080787623353,
    )
    assert fingerprint("Su\u201135 for IRAN").keys == fingerprint("Su35 for Iran").keys


@given(st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(chance: object) -> None:
    seen = NOW + 5 * HOUR
    candidates = [
        Candidate(str(n), f"S-{n % 2}", NOW + n * HOUR, fingerprint(title, text), NOW, NOW + 4 * HOUR, 2)
        for n, (title, text) in enumerate(ARTICLES)
    ]
    new = fingerprint(OTHER_WORDS_TITLE, OTHER_WORDS)
    expected = place(new, seen, candidates)
    chance.shuffle(candidates)  # type: ignore[attr-defined]
    assert place(new, seen, candidates) == expected
