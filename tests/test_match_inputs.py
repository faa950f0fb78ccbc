"""What `monitor match` takes: texts in any encoding, pages of a site, and what it says of what is no text."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.match import command
from monitor.errors import FetchFailed, InputError
from tests.loopback import Reply, Site
from tests.matchers import CACHE_HOME

RUSSIAN = "Атака дронов на город. Сегодня ночью дроны атаковали завод, сообщили власти. " * 3
PARAGRAPH = "<p>The army said on Monday that two drones had been seen over the harbour of the city at night.</p>"
PAGE = f"<html><head><title>Harbour</title></head><body><article>{PARAGRAPH * 5}</article></body></html>"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(CACHE_HOME))
    (tmp_path / "w.yaml").write_text("name: W\nwatches: [drone, дроны, drône]\n", "utf-8")
    return tmp_path


def matched(folder: Path, body: bytes) -> Result:
    (folder / "text.txt").write_bytes(body)
    return CliRunner().invoke(command, ["--watchlist", str(folder / "w.yaml"), str(folder / "text.txt")])


@pytest.mark.parametrize("encoding", ["koi8-r", "cp1251", "utf-16", "utf-8-sig", "utf-8"])
def test_texts_in_other_encodings(folder: Path, encoding: str) -> None:
    result = matched(folder, RUSSIAN.encode(encoding))
    assert result.exit_code == 0
    assert "ночью [[дроны]] атаковали" in result.stdout
    assert ("a guess" in result.stderr) is (not encoding.startswith("utf"))


def test_western_texts(folder: Path) -> None:
    result = matched(folder, "L'été dernier, un drône a été vu à Téhéran, près de l'hôtel.\n".encode("latin-1"))
    assert "L'été dernier, un [[drône]] a été vu à Téhéran" in result.stdout


@pytest.mark.parametrize("body", [b"drone\0drone", bytes(range(256)) * 20, b"\x89PNG\r\n\x1a\n\x01\x02\x03" * 50])
def test_what_is_no_text_is_refused(folder: Path, body: bytes) -> None:
    result = matched(folder, body)
    assert isinstance(result.exception, InputError)
    assert "text.txt is not a text" in str(result.exception)


def test_a_broken_character_is_said(folder: Path) -> None:
    result = matched(folder, (RUSSIAN.encode() * 10)[:-3])
    assert "1 broken in UTF-8" in result.stderr
    assert "[[дроны]]" in result.stdout


def test_the_text_is_not_altered_and_the_mark_is_none_of_its_own(folder: Path) -> None:
    text = "a [[drone]] in \x1b[31mred\x1b[0m  »drones« \n\n\n"
    shown = matched(folder, text.encode()).stdout
    assert shown.startswith("a [[[[[drone]]]]] in \x1b[31mred\x1b[0m  »[[[drones]]]« \n\n\n")


def configured(folder: Path, allowed: str) -> list[str]:
    (folder / "monitor.yaml").write_text(f"network: {{allow_private: ['{allowed}']}}\n", "utf-8")
    (folder / "feeds.yaml").write_text("feeds: []\n", "utf-8")
    return ["--config", str(folder / "monitor.yaml"), "--watchlist", str(folder / "w.yaml")]


def test_a_page_of_a_site(folder: Path) -> None:
    with Site() as site:
        site.pages["/story"] = Reply(headers={"Content-Type": "text/html"}, body=PAGE)
        result = CliRunner().invoke(command, [*configured(folder, site.address), site.url("/story")])
        assert result.exception is None
        assert "two [[drones]] had been seen" in result.stdout
        assert site.count("/robots.txt") == 0


def test_a_plain_text_of_a_site(folder: Path) -> None:
    with Site() as site:
        site.pages["/story.txt"] = Reply(headers={"Content-Type": "text/plain; charset=utf-8"}, body="A drône came.\n")
        result = CliRunner().invoke(command, [*configured(folder, site.address), site.url("/story.txt")])
        assert "A [[drône]] came.\n" in result.stdout


def test_a_site_that_is_not_allowed_or_has_no_such_page(folder: Path) -> None:
    with Site() as site:
        gone = CliRunner().invoke(command, [*configured(folder, site.address), site.url("/gone")])
        assert isinstance(gone.exception, FetchFailed)
        assert "404" in str(gone.exception)
        blocked = CliRunner().invoke(command, [*configured(folder, "10.0.0.1"), site.url("/story")])
        assert isinstance(blocked.exception, FetchFailed)
        assert blocked.exception.kind == "blocked-address"
