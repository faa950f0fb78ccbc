"""`monitor parse`: listing, JSON, standard input, and one sentence for what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.parse import command
from monitor.errors import InputError

FEEDS = Path(__file__).parent / "data" / "feeds"


def run(*arguments: str, stdin: bytes = b"") -> str:
    result = CliRunner().invoke(command, arguments, input=stdin)
    if result.exception is not None:
        raise result.exception
    return result.output


def test_a_listing_for_people() -> None:
    shown = run(str(FEEDS / "google-news.xml"))
    assert "Iran receives Su-35 jets" in shown
    assert "2026-11-21 09:00 UTC · Example Times · summary" in shown


def test_one_object_for_each_input() -> None:
    lines = run("--json", str(FEEDS / "hints.xml"), "-", stdin=(FEEDS / "jsonfeed.json").read_bytes()).splitlines()
    hints, feed = map(json.loads, lines)
    assert (hints["input"], hints["hints"]["ttl"], hints["hints"]["skip_hours"]) == (
        str(FEEDS / "hints.xml"),
        2700,
        [0, 7],
    )
    assert feed["entries"][0]["published"] == "2026-11-20T10:00:00+00:00"


@pytest.mark.parametrize(
    ("name", "sentence"), [("-", "standard input is plain text"), (__file__, "is not a feed|is plain text|is no XML")]
)
def test_what_is_no_feed(name: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        run(name, stdin=b"hello")
