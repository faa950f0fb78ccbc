"""Expressions: what they mean, and what is said of those that mean nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.query import And, Field, Group, Near, Not, Or, QueryError, Term, parse, parse_item
from monitor.query.lint import lint


def test_operators_bind_not_near_and_or() -> None:
    tree = parse("a OR b AND NOT c AND d NEAR/3 e")
    assert isinstance(tree, Or)
    both = tree.parts[1]
    assert isinstance(both, And)
    assert [type(part) for part in both.parts] == [Term, Not, Near]


def test_every_kind_of_term() -> None:
    tree = parse('"drone racing" OR ="As Written" OR drohn* OR *drohne OR $uav OR title:(x OR y)')
    assert isinstance(tree, Or)
    assert [str(part) for part in tree.parts] == [
        '"drone racing"', '="As Written"', "drohn*", "*drohne", "$uav", "title:(x OR y)",
    ]  # fmt: skip
    assert isinstance(tree.parts[4], Group)
    assert isinstance(tree.parts[5], Field)


@pytest.mark.parametrize(
    ("expression", "column", "said"),
    [
        ("drone strike", 7, '"drone strike" for the phrase, or drone AND strike'),
        ("drone and strike", 7, "operators are written in capitals: drone AND strike"),
        ("a AND", 6, "a term is missing after AND"),
        ("(a OR b", 1, "never closed"),
        ("a OR b)", 7, "closes nothing"),
        ("a NOT b", 3, "a AND NOT b"),
        ('"abc', 1, "quote is never closed"),
        ("AND b", 1, "needs a term before it"),
        ("a NEAR b", 3, "NEAR/10"),
        ("a NEAR/5 NOT b", 10, "nothing can be near it"),
        ("()", 2, "holds nothing"),
        ("a (b)", 3, "an operator is missing"),
        ("a*b", 1, "at one end"),
        ("*a*", 1, "at one end"),
        ("a*", 1, "nearly everything"),
        ("$ x", 1, "name of a group"),
        ("", 1, "empty"),
        ("a AND !!!", 7, "no letter or digit"),
        ("a NEAR/99999 b", 3, "at most"),
        ("title:url:x", 1, "can never match"),
        ("titel:Iran", 1, "title:Iran"),
        ("a OR OR b", 6, "needs a term before it"),
        ("(" * 60 + "a" + ")" * 60, 51, "parentheses"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_explained_at_its_column(expression: str, column: int, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(expression)
    assert caught.value.column == column
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("item", "shown"),
    [("drone", "drone"), ("drone strike", '"drone strike"'), ("$uav", "$uav"), ("title:drone", "title:drone"),
     ('="Le Monde"', '="Le Monde"'), ('"OR"', '"OR"'), ("Su-35", "Su-35"), ('צה"ל', 'צה"ל')],
)  # fmt: skip
def test_list_items(item: str, shown: str) -> None:
    assert str(parse_item(item)) == shown


def test_a_list_item_with_an_operator_shows_match() -> None:
    with pytest.raises(QueryError, match="match: drone OR uav") as caught:
        parse_item("drone OR uav")
    assert caught.value.column == 7


@pytest.mark.parametrize(
    ("expression", "is_error", "said"),
    [
        ("drone AND NOT drone", True, "drone is wanted and excluded"),
        ('"drone racing" AND NOT drone', True, "can never match"),
        ("title:drone AND NOT drone", True, "can never match"),
        ("lang:fr AND lang:de", True, "can never match"),
        ("a OR (b AND NOT b)", True, "can never match"),
        ("NOT drone", False, "nearly everything"),
        ("a OR NOT b", False, "nearly everything"),
        ("a OR b AND c", False, "this reads a OR (b AND c)"),
    ],
)
def test_lint(expression: str, is_error: bool, said: str) -> None:
    findings = lint(parse(expression))
    assert [finding.is_error for finding in findings] == [is_error]
    assert said in findings[0].message


@pytest.mark.parametrize(
    "expression", ["a AND NOT b", "a OR (b AND c)", '"a b" AND NOT "a c"', "lang:fr", "a NEAR/3 b"]
)
def test_lint_leaves_sound_expressions_alone(expression: str) -> None:
    assert lint(parse(expression)) == []


@given(st.text(alphabet='ab "()$*=:ANDORNT/5', max_size=40))
def test_any_text_is_a_tree_or_an_error_with_a_column(text: str) -> None:
    for read in (parse, parse_item):
        try:
            tree = read(text)
        except QueryError as error:
            assert error.column >= 1  # noqa: PT017  (either outcome is right)
        else:
            lint(tree)


terms = st.sampled_from(["a", "b", '"c d"', "$g", "ee*", '="F"'])
expressions = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" AND ", " OR "]), inner).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"NOT ({text})"),
    ),
    max_leaves=8,
)


@given(expressions)
def test_what_is_written_back_reads_the_same(expression: str) -> None:
    once = str(parse(expression))
    assert str(parse(once)) == once


@pytest.mark.parametrize(
    ("expression", "column", "said"),
    [
        ("“open sky” OR drone", 1, 'use straight quotes: "open sky"'),
        ("drone OR «open sky»", 10, 'use straight quotes: "open sky"'),
        ("drone near Iran", 7, "drone NEAR/10 Iran"),
        ("drone near/5 Iran", 7, "drone NEAR/5 Iran"),
        ("drone NEAR / 5 Iran AND x", 7, "write drone NEAR/10 Iran"),
        ("drone NEAR/x Iran", 7, "write drone NEAR/10 Iran"),
        ("x OR drone NEAR Iran AND b", 12, "write drone NEAR/10 Iran"),
        ("дрон И Иран", 6, "operators are AND, OR, NOT, NEAR/n: write дрон AND Иран"),
        ("дрон ИЛИ БПЛА", 6, "operators are AND, OR, NOT, NEAR/n: write дрон OR БПЛА"),
        ("дрон НЕ гонки", 6, "operators are AND, OR, NOT, NEAR/n: write дрон AND NOT гонки"),
        ("дрон AND НЕ гонки", 13, "operators are AND, OR, NOT, NEAR/n: write NOT гонки"),
        ("дрон РЯДОМ/5 Иран", 6, "operators are AND, OR, NOT, NEAR/n: write дрон NEAR/5 Иран"),
        ("дрон && Иран", 6, "operators are AND, OR, NOT, NEAR/n: write дрон AND Иран"),
        ("open sky or drone", 6, 'write'),
        ("дрон и Иран", 6, 'write дрон AND Иран; for the phrase write "дрон и Иран"'),
        ("дрон или БПЛА", 6, "write дрон OR БПЛА"),
        ("дрон и не гонки", 6, "write дрон AND NOT гонки"),
        ("дрон и (Иран OR Россия)", 6, "write дрон AND (…)"),
        ("(дрон) або Іран", 8, "write (…) OR Іран"),
        ("‘open sky’ OR drone", 1, 'use double quotes: "open sky"'),
        ("drone OR 'open sky'", 10, 'use double quotes: "open sky"'),
        ("drone and not Iran", 7, "drone AND NOT Iran"),
    ],
)  # fmt: skip
def test_operators_of_another_look_are_named(expression: str, column: int, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(expression)
    assert said in str(caught.value)
    assert caught.value.column == column


@pytest.mark.parametrize(
    "expression",
    [
        "l’Iran OR x",
        "‘drone’ OR 'x'",
        "\"the 'open sky' case\"",
        "d'Iran OR l'air",
        '"x ‘a b’"',
        "“drone” OR x",
        "drone\u00a0OR x",
        '"a “b c” d"',
        "И OR НЕ",
    ],
)
def test_what_only_looks_odd_is_read(expression: str) -> None:
    parse(expression)
