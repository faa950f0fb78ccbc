"""Watches on documents: expressions, fields, limits, evidence, verdicts, advice, and what must hold for any text."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ConfigError
from monitor.match import Names, compile
from monitor.model import Document, Watch, Watchlist
from tests.matchers import CACHE, TABLES, matcher, watching


def met(text: str, *, title: str = "", language: str = "en", **watch: object) -> bool:
    return bool(watching(**watch).find(Document(title, text, language=language)))


@pytest.mark.parametrize(
    ("expression", "text", "is_met"),
    [
        ("drone AND Iran", "drones of Iran", True), ("drone AND Iran", "drones", False),
        ("drone OR Iran", "Iran", True), ("drone AND NOT racing", "drone racing", False),
        ("drone AND NOT racing", "a drone", True), ('"drone racing"', "drones racing", True),
        ('"drone racing"', "racing drone", False), ("drone NEAR/2 Iran", "drone of the Iran", True),
        ("drone NEAR/1 Iran", "drone of the Iran", False), ("Iran NEAR/2 drone", "drone of the Iran", True),
        ("(drone OR uav) NEAR/3 (Iran OR Tehran)", "Tehran sends a uav", True),
        ("drone NEAR/0 strike", "drone strike", True), ("drone NEAR/5 drone", "one drone", False),
        ("drone NEAR/5 drone", "drone or drone", True), ('="Drone"', "a drone", False), ('="Drone"', "a Drone", True),
        ("dron*", "dronebuster", True), ("*copter", "quadcopters", True), ("NOT drone", "nothing", True),
        ("a NEAR/2 b AND NOT c", "a b", True), ("a NEAR/2 b AND NOT c", "a b c", False),
    ],
)  # fmt: skip
def test_expressions(expression: str, text: str, is_met: bool) -> None:
    assert met(text, match=expression) is is_met


def test_fields() -> None:
    document = Document(
        "Drone news", "from Tehran", url="https://example.org/iran/drone-strike", author="Jane Roe", language="en",
        feed="Le Monde", tags=frozenset({"press", "fr"}),
    )  # fmt: skip
    found = {
        expression: bool(watching(match=expression).find(document))
        for expression in (
            "title:drone", "text:drone", "url:iran", 'url:"drone strike"', "author:roe", "author:iran", "lang:en",
            "lang:fr",
            'feed:"le monde"', "feed:monde", "tag:press", "tag:(x OR fr)", "title:Tehran OR text:Tehran", "roe",
            "title:(drone AND news)",
        )
    }  # fmt: skip
    assert [name for name, is_met in found.items() if not is_met] == [
        "text:drone",
        "author:iran",
        "lang:fr",
        "feed:monde",
        "roe",
    ]


def test_near_stays_in_one_field() -> None:
    assert not met("Iran", title="drone", match="drone NEAR/50 Iran")


def test_lists() -> None:
    watch: dict[str, Any] = {"all": ("S-400",), "any": ("Iran", "Tehran"), "none": ("parade",)}
    assert met("S-400 for Iran", **watch)
    assert not met("S-400 for Turkey", **watch)
    assert not met("S-400 for Iran on parade", **watch)


def test_groups_and_their_evidence() -> None:
    hits = watching(match="$uav AND Iran", groups={"uav": ("drone", "Su-35")}).find(
        Document("", "Iran: Su-35", language="en")
    )
    assert {(piece.term, piece.text) for piece in hits[0].evidence} == {("Iran", "Iran"), ("Su-35", "Su-35")}


def test_limits_to_languages_and_feeds() -> None:
    assert met("drone", any=("drone",), languages=frozenset({"en", "fr"}))
    assert not met("drone", any=("drone",), languages=frozenset({"fr"}))
    limited = watching(any=("drone",), feeds=("tag:press", "Le Monde"))
    assert limited.find(Document("", "drone", feed="le monde", language="en"))
    assert limited.find(Document("", "drone", tags=frozenset({"press"}), language="en"))
    assert not limited.find(Document("", "drone", feed="Le Monde diplomatique", language="en"))


@pytest.mark.parametrize(
    ("term", "language", "text"),
    [
        ("Shoigu", "ru", "министр Шойгу сказал"), ("Shoigu", "uk", "міністр Шойгу"),
        ("Shoigu", "de", "Minister Schoigu"),
        ("Shoigu", "fr", "le ministre Choïgou"), ("Shoigu", "el", "ο Σοϊγκού"), ("Shoigu", "he", "שר ההגנה שויגו"),
        ("Shoigu", "ar", "وزير الدفاع شويغو"), ("Shoigu", "fa", "شویگو وزیر دفاع"), ("Шойгу", "en", "Minister Shoigu"),
        ("Шойгу", "de", "Schoigu"), ("Schoigu", "en", "Shoigu"), ("Zelensky", "uk", "зустріч із Зеленським"),
        ("Zelenskyy", "uk", "до Зеленського"), ("Зеленський", "en", "President Zelensky"), ("Putin", "fr", "Poutine"),
        ("Зеленский", "uk", "Зеленському"), ("Σοϊγκού", "en", "Soigu"), ("Zelensky", "ar", "والرئيس زيلينسكي"),
        ("Bakhmut", "uk", "під Бахмутом"), ("Erdogan", "uk", "Ердоган"),
    ],
)  # fmt: skip
def test_a_name_in_other_scripts_where_a_watch_asks_for_it(term: str, language: str, text: str) -> None:
    assert met(text, any=(term,), spellings=frozenset({"translit"}), language=language)
    assert not met(text, any=(term,), language=language)


def test_other_spellings_are_no_other_words() -> None:
    translit = frozenset({"translit"})
    assert not met("Шахта и путь, зелень", any=("Shahed", "Putin", "Zelensky"), spellings=translit, language="ru")
    assert not met("нет", any=("Net",), spellings=translit, language="ru")  # three letters say too little


def test_spellings_and_vetoed_forms() -> None:
    assert met("удар Шахедами", any=("Shahed",), spellings=frozenset({"translit"}), language="uk")
    assert not met("удар Шахедами", any=("Shahed",), language="uk")
    assert met("drones", any=("drone",))
    assert not met("droning on", any=("drone",), not_forms=("droning", "droned"))


def test_evidence_shows_the_sentence_and_is_bounded() -> None:
    text = "First things first. Iran sent a drone to the front. And then? " + "drone. " * 50
    evidence = matcher("drone").find(Document("A drone", text, language="en"))[0].evidence
    assert evidence[0].field == "title"
    assert evidence[1].snippet == "Iran sent a drone to the front."
    assert len(evidence) == 20
    assert [piece.start for piece in evidence[1:]] == sorted(piece.start for piece in evidence[1:])


def test_hits_are_in_the_order_of_the_watches() -> None:
    found = matcher("zebra", "Iran", "drone").find(Document("", "drone, Iran, zebra", language="en"))
    assert [hit.watch for hit in found] == ["zebra", "Iran", "drone"]


def test_a_matcher_travels_between_processes() -> None:
    document = Document("", "drones over Iran", language="en")
    original = matcher("drone", "Iran")
    assert pickle.loads(pickle.dumps(original)).find(document) == original.find(document)


def test_why_and_why_not() -> None:
    (verdict,) = watching(match="drone AND (Iran OR Tehran) AND NOT racing").explain(
        Document("", "a drone racing league", language="en")
    )
    assert not verdict.is_met
    drone, places, racing = verdict.children
    assert (drone.is_met, places.is_met, racing.is_met) == (True, False, False)
    assert drone.evidence[0].text == "drone"
    assert "not in title or text" in places.children[0].reason
    assert "present" in racing.reason


def test_near_names_what_is_not_there_before_how_far_it_is() -> None:
    (verdict,) = watching(match="zeppelin NEAR/5 harbour").explain(Document("", "a ship in the harbour", language="en"))
    assert verdict.reason == "not there: zeppelin"


def test_near_misses_are_named() -> None:
    (case,) = matcher("US").explain(Document("", "they told us", language="en"))
    assert "us" in case.reason
    (inside,) = matcher("drone").explain(Document("", "the dronebuster", language="en"))
    assert "dronebuster" in inside.reason


def test_every_problem_has_its_place() -> None:
    watches = (
        Watch("x", "t", match="a AND NOT a", where="t.yaml:7:1", places={"match": "t.yaml:8:10"}),
        Watch("y", "t", any=("a b OR c", "$foo"), where="t.yaml:9:1", places={"any[0]": "t.yaml:9:9"}),
        Watch("z", "t", where="t.yaml:12:1"),
    )
    groups = {"bar": ("p AND q",)}
    lists = [Watchlist("t", "t.yaml", watches, groups, places={"terms.bar[0]": "t.yaml:3:8"})]
    with pytest.raises(ConfigError) as caught:
        compile(lists, cache=CACHE, tables=TABLES)
    places = [str(problem).split(" ")[0] for problem in caught.value.problems]
    assert places == ["t.yaml:3:10:", "t.yaml:8:10:", "t.yaml:9:13:", "t.yaml:9:1:", "t.yaml:12:1:"]


def test_watchlists_are_tested_like_code() -> None:
    tested = watching(
        match="Shahed AND Iran", must_match=("Shaheds of Iran", "Shaheds"), must_not_match=("Iran", "Iran: Shahed"),
    )  # fmt: skip
    assert [problem.message.split(" '")[1] for problem in tested.failures()] == ["w': must_match", "w': must_not_match"]
    assert [problem.line for problem in tested.failures()] == [3, 3]


def test_advice_on_floods_and_languages() -> None:
    flooding = watching(any=("the", "drone"))
    assert any("would flood" in str(problem) for problem in flooding.warnings({"en": 2}))
    drones = watching(any=("drones",)).warnings({"en": 4, "fr": 3, "uk": 30, "fa": 1})
    assert [problem.message for problem in drones] == [
        "w: covered in en, fr; nothing in uk, fa, which 31 of your feeds use; add words of these languages, or write "
        "with languages: […] which are meant"
    ]
    assert watching(any=("Su-35", "Iran")).warnings({"en": 4, "uk": 1}) == []
    assert "reads a OR" in str(watching(match="a OR b AND c").warnings()[0])


def test_advice_on_languages_is_a_line_for_words_and_one_for_names() -> None:
    names = ("drone", "missile", "NATO", "S-400", "Wagner", "Shahed drone", "Tehran", "rocket", "tank")
    watches = tuple(Watch(name, "test", where=f"t.yaml:{at}", any=(name,)) for at, name in enumerate(names, 1))
    matcher = compile([Watchlist("test", "t.yaml", watches)], cache=CACHE, tables=TABLES)
    said = [f"{problem.line}: {problem.message}" for problem in matcher.warnings({"en": 4, "uk": 3})]
    assert [line.split("; ")[0] for line in said] == [
        "1: drone, missile, Shahed drone, rocket and 1 more: nothing in uk, which 3 of your feeds use",
        "5: Wagner, Tehran: nothing in uk, which 3 of your feeds use",
    ]
    assert "spellings: [translit]" in said[1]
    assert matcher.warnings({"en": 4}) == []


def test_the_forms_of_a_term() -> None:
    forms = matcher("drone").forms("drone", ["en", "uk"])
    assert "drones" in forms["en"]
    assert forms["uk"] == ("drone",)
    assert matcher("Su-35").forms("Su-35", ["en"]) == {"en": ("Su-35 in any dash, space or script",)}
    assert matcher("Su-35 jet").forms("Su-35 jet", ["en"])["en"][0].startswith("Su35 (in any dash, space or script) j")


anything = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from("drone Iran Su-35 US \u0301\u00ad‑АИ無ｱ่")
    ),
    max_size=80,
)
PROPERTY = matcher("drone", "Su-35", "US", "無人機", "drohn*", "*copter", '="As Is"', "Iran deal", "Mueller", "โดรน")


@given(anything, anything, st.sampled_from(["en", "fr", "zh", "ja", "th", "ar", "he", "tr", "uk", None]))
@settings(max_examples=200, deadline=None)
def test_no_text_raises_and_offsets_cut_out_what_was_found(title: str, text: str, language: str | None) -> None:
    document = Document(title, text, language=language)
    for hit in PROPERTY.find(document):
        for piece in hit.evidence:
            assert getattr(document, piece.field)[piece.start : piece.end] == piece.text
            assert piece.text


@given(
    st.lists(
        st.sampled_from(["drone", "Iran", "Iran deal", "Su-35", "US", "deals"]), min_size=1, max_size=4, unique=True
    )
)
@settings(max_examples=30, deadline=None)
def test_adding_a_watch_never_changes_anothers_hits(terms: list[str]) -> None:
    document = Document("US drones", "The Iran deals, Su 35 and the U.S. said", language="en")
    alone = {hit.watch: hit for term in terms for hit in matcher(term).find(document)}
    assert {hit.watch: hit for hit in matcher(*terms).find(document)} == alone


@pytest.mark.parametrize(
    ("language", "said"),
    [("english", "lang:en"), ("ua", "lang:uk"), ("eng", "lang:en"), ("Deutsch", "lang:de"), ("qq", "such as lang:en"),
     ("englsh", "lang:en"), ("xyzzy", "such as lang:en")],
)  # fmt: skip
def test_a_language_that_does_not_exist_is_refused(language: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        watching(match=f"drone AND lang:{language}", places={"match": "t.yaml:4:10"})
    assert str(caught.value).startswith("t.yaml:4:25: ")


@pytest.mark.parametrize("language", ["en", "pt-BR", "EN", "zh_Hant", "hbs", "no", "hr", "ckb"])
def test_a_language_that_exists_is_taken(language: str) -> None:
    watching(match=f"drone AND lang:{language}")


@pytest.mark.parametrize(
    ("title", "text", "is_met"),
    [("", "Атака БПЛА на город", True), ("", "атака бпла на город", False), ("", "атака бплам и бплами", False),
     ("", "Б.П.Л.А. над городом", True), ("АТАКА БПЛА НА ГОРОД НОЧЬЮ", "", True), ("", "Бпла летит", False)],
)  # fmt: skip
@pytest.mark.parametrize("language", ["ru", "uk"])
def test_acronyms_keep_their_case_and_take_no_forms(title: str, text: str, is_met: bool, language: str) -> None:
    watch = Watchlist("t", "t.yaml", (Watch("w", "t", any=("БПЛА",)),))
    matcher = compile([watch], cache=CACHE, tables=frozenset({"uk"}))
    assert bool(matcher.find(Document(title, text, language=language))) is is_met
    assert matcher.forms("БПЛА", [language]) == {language: ("БПЛА", "Б.П.Л.А.")}


def test_feeds_and_tags_in_expressions_that_no_feed_has() -> None:
    match = "drone AND (feed:Nope OR tag:pres OR tag:PRESS OR feed:press) AND NOT feed:$us"
    tested = watching(match=match, groups={"us": ("Le Mond", "BBC")}, places={"match": "t.yaml:4:10"})
    names = Names(frozenset({"Le Monde", "BBC"}), frozenset({"press"}))
    assert [str(problem) for problem in tested.strangers(names)] == [
        "t.yaml:4:26: no feed is named 'Nope'",
        "t.yaml:4:38: no feed has the tag 'pres'; did you mean tag:press?",
        "t.yaml:4:64: no feed is named 'press'; did you mean tag:press?",
        "t.yaml:4:84: no feed is named 'Le Mond'; did you mean feed:\"Le Monde\"?",
    ]
    unsure = tested.strangers(Names(names.feeds, names.tags, is_complete=False))
    assert [problem.is_warning for problem in unsure] == [True, False, True, True]


def test_english_floods_are_said_whatever_the_feeds_are_tagged_with() -> None:
    assert any("would flood" in str(problem) for problem in watching(any=("the",)).warnings({"fr": 1}))
