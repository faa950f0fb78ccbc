"""`monitor match` as a person and as a pipe use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.match import command
from tests.matchers import CACHE_HOME

WATCHLIST = """\
name: Arms
terms:
  uav: [drone, UAV]
watches:
  - $uav
  - Su-35
  - {name: both, match: $uav NEAR/9 Su-35}
"""


@pytest.fixture
def watchlist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_CACHE_HOME", str(CACHE_HOME))
    (tmp_path / "arms.yaml").write_text(WATCHLIST, "utf-8")
    return str(tmp_path / "arms.yaml")


def run(*arguments: str, text: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(command, arguments, input=text)
    return result.exit_code, result.stdout, result.stderr


def test_lines_in_lines_out(watchlist: str) -> None:
    rows = [{"id": 7, "title": "Drones", "text": "Two Su-35s.", "language": "en"}, {"id": "x", "title": "", "text": ""}]
    code, out, _ = run("--jsonl", "--watchlist", watchlist, text="\n".join(map(json.dumps, rows)))
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert answers[0]["id"] == 7
    assert answers[0]["language"] == "en"
    assert answers[0]["hits"][0] == {
        "watch": "$uav", "terms": [{"term": "drone", "text": "Drones", "field": "title", "start": 0, "end": 6}],
    }  # fmt: skip
    assert [hit["watch"] for hit in answers[0]["hits"]] == ["$uav", "Su-35"]
    assert answers[1] == {"id": "x", "language": None, "hits": []}


def test_a_bad_line_stops_no_other(watchlist: str) -> None:
    lines = ["{", "[]", '{"id": 1, "title": 5}', '{"id": 2, "title": "a drone", "text": null}', ""]
    result = CliRunner().invoke(command, ["--jsonl", "--watchlist", watchlist], input="\n".join(lines))
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [2]
    assert result.exit_code != 0
    assert result.stderr.count("standard input:") == 3


def test_a_line_with_broken_characters_is_matched_and_named(watchlist: str) -> None:
    lines = (
        b'{"title": "a dr\xf6ne", "text": "a drone", "language": "en"}\n\n'
        b'{"title": "a drone", "text": "", "language": "en"}\n'
    )
    result = CliRunner().invoke(command, ["--jsonl", "--watchlist", watchlist], input=lines)
    assert [len(json.loads(line)["hits"]) for line in result.stdout.splitlines()] == [1, 1]
    assert result.exit_code == 0  # it could be read
    assert "standard input:1: not in UTF-8 at byte 16" in result.stderr


def test_a_person_sees_the_words_and_the_verdicts(watchlist: str, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("The drones came. " + "Nothing else was said. " * 3 + "A Su-35 went.", "utf-8")
    code, out, _ = run("--watchlist", watchlist, str(tmp_path / "text.txt"))
    assert code == 0
    assert "The [[drones]] came." in out
    assert "✓ Su-35 (Su-35)" in out
    assert "not within 9 words" in out


def test_a_page_is_read_as_an_article(watchlist: str, tmp_path: Path) -> None:
    body = "<p>The army said on Monday that two drones had been seen over the harbour of the city at night.</p>" * 4
    (tmp_path / "page.html").write_text(
        f"<html><head><title>Harbour</title></head><body><article>{body}</article></body></html>"
    )
    code, out, _ = run("--watchlist", watchlist, "--json", str(tmp_path / "page.html"))
    shown = json.loads(out)
    assert code == 0
    assert shown["language"] == "en"
    assert next(watch for watch in shown["watches"] if watch["watch"] == "$uav")["is_met"]


def test_a_reader_that_goes_away_is_no_error(watchlist: str) -> None:
    line = json.dumps({"id": 1, "title": "drone " * 50, "text": "", "language": "en"}) + "\n"
    program = [sys.executable, "-m", "monitor", "match", "--jsonl", "--watchlist", watchlist]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        try:
            process.stdin.write((line * 200).encode())
            process.stdin.close()
        except BrokenPipeError:
            pass
        assert process.stderr.read() == b""
        assert process.wait(30) == 0
