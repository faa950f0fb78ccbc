"""`monitor stories --archive`: a file in, a story for every line out, whatever the lines are like."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.stories import command
from monitor.errors import InputError


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(command, ["--archive", *arguments], input=given)


def stories(result: Result) -> dict[object, str]:
    assert result.exit_code == 0
    return {line["id"]: line["story"] for line in map(json.loads, result.stdout.splitlines())}


def line(id_: object, title: str, published: object = "2026-11-22T12:00:00Z", **more: object) -> str:
    return json.dumps({"id": id_, "url": None, "title": title, "text": "", "published": published, **more})


def test_every_line_gets_the_id_of_its_storys_first_article(tmp_path: Path) -> None:
    file = tmp_path / "archive.jsonl"
    rows = [
        line("a", "Norland buys 48 Kestrel-7 jets"),
        line("b", "Storm cuts power on the Ardenian coast", language="en", feed="NBC"),
        line("c", "Ardenia sells Kestrel-7 jets to Norland"),
    ]
    file.write_text("\n".join(rows), "utf-8")
    assert stories(run(str(file))) == {"a": "a", "b": "b", "c": "a"}


def test_standard_input_is_read_and_ids_keep_their_type() -> None:
    assert stories(run("-", given=line(7, "Norland buys 48 Kestrel-7 jets"))) == {7: "7"}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ('{"title":"no id"}', "no 'id'"),
        ('{"id":true,"title":"x"}', "no 'id'"),
        ('{"id":1,"title":7}', "are texts"),
        (line("x", "a title", "yesterday"), "no time"),
        (line("x", "a title", 1e300), "no time"),
    ],
)
def test_a_bad_line_is_named_and_left_out(bad: str, said: str) -> None:
    good = line("a", "Norland buys 48 Kestrel-7 jets")
    result = run("-", given=f"{bad}\n{good}\n")
    assert stories(result) == {"a": "a"}
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert ":1: left out: " in result.stderr


@pytest.mark.parametrize("published", [None, "", "2026-11-22", "2026-11-22 12:00:00+01:00", 1795348800, 1795348800000])
def test_times_are_read_as_they_come(published: object) -> None:
    rows = [
        line("a", "Norland buys 48 Kestrel-7 jets", published),
        line("b", "Norland buys 48 jets", published),
    ]
    assert set(stories(run("-", given="\n".join(rows))).values()) == {"a"}


def test_missing_texts_and_odd_characters_are_no_error() -> None:
    rows = [
        '{"id":"a"}',
        '{"id":"b","title":null,"text":null}',
        '{"id":"c","title":"\\ud83d \\u0000"}',
        "",
        "  ",
    ]
    assert list(stories(run("-", given="\n".join(rows)))) == ["a", "b", "c"]


def test_no_article_is_no_error() -> None:
    assert stories(run("-", given="")) == {}


def test_a_file_out_of_order_is_placed_in_order_of_time(tmp_path: Path) -> None:
    late = line("late", "Ardenia sells Kestrel-7 jets to Norland", "2026-11-22T15:00:00Z")
    early = line("early", "Norland buys 48 Kestrel-7 jets", "2026-11-22T12:00:00Z")
    result = run("-", given=f"{late}\n{early}\n")
    assert stories(result) == {"late": "early", "early": "early"}
    assert list(stories(result)) == ["late", "early"]


def test_a_missing_file_is_one_sentence() -> None:
    result = run("/nowhere/archive.jsonl")
    assert isinstance(result.exception, InputError)
    assert (
        str(result.exception) == "/nowhere/archive.jsonl: No such file or directory; name a file of JSON lines, or '-'"
    )


def test_grouping_needs_neither_configuration_nor_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert stories(run("-", "--json", given=line("a", "x"))) == {"a": "a"}
    assert list(tmp_path.iterdir()) == []
