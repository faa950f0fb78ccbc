"""`monitor init`: what it writes is valid, complete, and never in the place of something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.init import command
from monitor.config import load
from monitor.errors import InputError


def run(*args: str) -> str:
    done = CliRunner().invoke(command, args, catch_exceptions=True)
    if isinstance(done.exception, InputError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_the_starter_is_valid_and_has_its_schemas(tmp_path: Path) -> None:
    output = run(str(tmp_path / "new"))
    assert "next: monitor check" in output
    assert not load(str(tmp_path / "new" / "monitor.yaml")).warnings
    assert (tmp_path / "new" / ".schemas" / "watchlist.json").is_file()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "monitor.yaml").write_text("mine", encoding="utf-8")
    assert "kept" in run(str(tmp_path))
    assert (tmp_path / "monitor.yaml").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "feeds.yaml").is_file()


def test_feeds_from_opml_and_packs(tmp_path: Path) -> None:
    opml = tmp_path / "x.opml"
    opml.write_text('<opml><body><outline text="no" xmlUrl="https://x.org/f"/></body></opml>', encoding="utf-8")
    run(str(tmp_path / "c"), "--opml", str(opml), "--pack", "france")
    feeds = load(str(tmp_path / "c" / "monitor.yaml")).feeds
    assert feeds[-1].name == "no"
    assert len(feeds) > 3
    with pytest.raises(InputError, match="monitor feeds import"):
        run(str(tmp_path / "c"), "--opml", str(opml))


def test_packs_are_listed() -> None:
    assert "france" in run("--pack", "list")


def test_outlines_that_cannot_be_asked_are_named(tmp_path: Path) -> None:
    opml = tmp_path / "x.opml"
    outlines = '<outline text="a" xmlUrl="https://x.org/f"/><outline text="b" xmlUrl="gopher://x.org/f"/>'
    opml.write_text(f"<opml><body>{outlines}</body></opml>", encoding="utf-8")
    done = CliRunner().invoke(command, [str(tmp_path / "c"), "--opml", str(opml)])
    assert done.exit_code == 3
    assert "gopher://x.org/f" in done.stderr
    assert "wrote" in done.stdout
