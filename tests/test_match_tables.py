"""Tables of word forms are there before the first article that needs them: for every language that a feed speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.cli import main
from monitor.daemon import Service
from monitor.errors import WorkerFailed
from monitor.language.tables import table
from monitor.reading import Reader


class Workers:
    """Does at once what a worker would do; refuses `broken` languages."""

    def __init__(self, broken: str = "") -> None:
        self.built: list[str] = []
        self._broken = broken

    async def run(self, function: Callable[..., Any], *args: Any, deadline_s: float) -> Any:
        language = args[0]
        if language == self._broken:
            raise WorkerFailed("out of memory")
        self.built.append(language)
        return function(*args)


def reader(cache: Path, workers: Workers) -> Reader:
    """A reader that is asked for tables only."""
    rules: Any = SimpleNamespace(watches=SimpleNamespace(cache=cache))
    nothing: Any = None
    given: Any = workers
    return Reader(nothing, nothing, given, rules, nothing)


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    table.cache_clear()


def test_what_is_missing_is_built_once(tmp_path: Path) -> None:
    workers = Workers()
    reads = reader(tmp_path, workers)
    asyncio.run(reads.prepare(["gv-IM", None, "gv", "xx", ""]))
    asyncio.run(reads.prepare(["gv"]))
    assert workers.built == ["gv"]
    assert [file.name.split("-")[1] for file in tmp_path.iterdir()] == ["gv"]


def test_a_command_that_waits_for_a_table_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "list.yaml").write_text("watches: [thie]")
    (tmp_path / "lines").write_text('{"id": "1", "title": "Ta thie ayn", "text": "", "language": "gv"}\n')
    for said in ("monitor: reading word tables for gv, once; about 10 s\n", ""):
        table.cache_clear()
        with pytest.raises(SystemExit) as ended:
            main(["match", "--watchlist", str(tmp_path / "list.yaml"), "--jsonl", str(tmp_path / "lines")])
        assert (ended.value.code, capsys.readouterr().err) == (0, said)


def test_a_table_that_cannot_be_built_keeps_no_other_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    workers = Workers(broken="en")
    asyncio.run(reader(tmp_path, workers).prepare(["gv", "en"]))
    assert workers.built == ["gv"]
    assert "the table of word forms for en is not there yet: out of memory" in caplog.text


def test_the_service_asks_for_the_languages_of_tags_and_of_what_feeds_say() -> None:
    asked: list[str | None] = []

    async def prepare(hints: list[str | None]) -> None:
        asked.extend(hints)

    async def look(_: object) -> list[SimpleNamespace]:
        return [SimpleNamespace(language="uk"), SimpleNamespace(language=None)]

    tagged = [SimpleNamespace(tags=frozenset({"fr", "press"}))]
    app: Any = SimpleNamespace(
        config=SimpleNamespace(feeds=tagged),
        store=SimpleNamespace(look=look),
        reader=SimpleNamespace(prepare=prepare),
    )
    service = Service.__new__(Service)
    service.app = app
    asyncio.run(service._prepare())
    assert set(asked) == {"fr", "uk", None}
