"""`monitor feeds`: edits of the user's YAML, OPML both ways, the list."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.feeds import command
from monitor.config import load
from monitor.errors import InputError

FEEDS = "# mine\nfeeds:\n  - https://a.org/f   # first\n  - {url: 'https://b.org/f', name: B}\n"


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "monitor.yaml").write_text("watchlists: []\n", encoding="utf-8")
    (tmp_path / "feeds.yaml").write_text(FEEDS, encoding="utf-8")
    return str(tmp_path / "monitor.yaml")


def run(*args: str) -> str:
    done = CliRunner().invoke(command, args)
    if isinstance(done.exception, InputError):
        raise done.exception
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def test_the_list_needs_no_store(config: str) -> None:
    assert "https://a.org/f" in run("--config", config)
    rows = [json.loads(line) for line in run("list", "--config", config, "--json").splitlines()]
    assert [row["url"] for row in rows] == ["https://a.org/f", "https://b.org/f"]
    assert rows[1]["name"] == "B"


def test_adding_keeps_the_file_and_its_mode(config: str, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    os.chmod(file, 0o640)
    run("add", "https://c.org/f", "--name", "C: c", "--tag", "x", "--every", "10m", "--config", config)
    text = file.read_text(encoding="utf-8")
    assert text.startswith(FEEDS)
    assert file.stat().st_mode & 0o777 == 0o640
    assert load(config).feeds[2].name == "C: c"


def test_what_is_there_or_wrong_is_not_added(config: str, tmp_path: Path) -> None:
    for args, told in (
        (["https://a.org/f"], "is there already"),
        (["ftp://a.org/f"], "begins with http"),
    ):
        with pytest.raises(InputError, match=told):
            run("add", *args, "--config", config)
    assert (tmp_path / "feeds.yaml").read_text(encoding="utf-8") == FEEDS


def test_import_and_export(config: str, tmp_path: Path) -> None:
    opml = tmp_path / "x.opml"
    outlines = "".join(f'<outline text="B" xmlUrl="https://{host}.org/f"/>' for host in "abcd")
    opml.write_text(f"<opml><body><outline text='N'>{outlines}</outline></body></opml>", encoding="utf-8")
    assert "2 added" in run("import", str(opml), "--tag", "new", "--config", config)
    feeds = load(config).feeds
    assert len(feeds) == 4
    assert feeds[3].tags == {"N", "new"}
    assert len({feed.name for feed in feeds}) == 4  # names are unique in a file
    exported = run("export", "--config", config)
    assert exported.count("xmlUrl") == 4


def test_an_exported_address_shows_no_secret(config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN_X", "canary")
    (tmp_path / "feeds.yaml").write_text('feeds: ["https://a.org/f?t=${TOKEN_X}"]\n', encoding="utf-8")
    assert load(config).feeds[0].url.endswith("canary")
    assert "canary" not in run("export", "--config", config)
