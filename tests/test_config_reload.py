"""SIGHUP with an edit that cannot be taken: the configuration of before stays in force, and the log says why."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from monitor.config import Config, load
from monitor.daemon import Service
from monitor.errors import InputError
from monitor.metrics import Metrics


class _App:
    """As much of the program as a reload asks for."""

    replaced = 0
    refusals = 0
    told = ""

    def __init__(self, config: Any = None) -> None:
        self.config = config or SimpleNamespace(files=(), folders=(), is_edited=False)
        self.metrics = Metrics()
        self.editing = self

    def state(self) -> str:
        return "12 feeds"

    async def refused(self, problems: object, why: str) -> None:
        self.told = why
        self.refusals += 1

    async def replace(self, config: Config) -> None:
        self.config = config
        self.replaced += 1


@pytest.mark.parametrize("error", [InputError("arms.yaml:1:1: wrong"), RecursionError(), ValueError("odd"), KeyError()])
async def test_whatever_an_edit_provokes_leaves_the_old_in_force(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def load() -> NoReturn:
        raise error

    app: Any = _App()
    with caplog.at_level(logging.ERROR):
        await Service(app, load)._reload()
    (line,) = caplog.messages
    assert line.startswith("not reloaded, the configuration of before is still in force: ")
    assert str(error) in line
    assert not line.rstrip().endswith(":")
    assert app.replaced == 0


def watching(monkeypatch: pytest.MonkeyPatch, events: int) -> None:
    """Files are said to have been saved so many times."""

    async def changes(config: Callable[[], Config]) -> AsyncIterator[None]:
        for _ in range(events):
            yield None

    monkeypatch.setattr("monitor.watched_files.changes", changes)


@pytest.fixture
def main(tmp_path: Path) -> Path:
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "arms.yaml").write_text("watches: [drones]")
    (tmp_path / "monitor.yaml").write_text("feeds: []\nchannels: {here: {type: console}}")
    return tmp_path / "monitor.yaml"


def watches_of(config: Config) -> list[str]:
    return [watch.name for one in config.watchlists for watch in one.watches]


async def test_a_file_saved_while_others_are_read_is_read_too(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = main.parent / "watchlists" / "arms.yaml"
    read: list[list[str]] = []

    def load_and_edit() -> Config:
        config = load(str(main))
        read.append(watches_of(config))
        if len(read) == 1:
            file.write_text("watches: [drones, HIMARS]")
        return config

    app: Any = _App(load(str(main)))
    service = Service(app, load_and_edit)
    monkeypatch.setattr(service.site, "follow", _nothing)
    file.write_text("watches: [submarines]")
    watching(monkeypatch, 3)
    await service._watch_files()
    assert read == [["submarines"], ["drones", "HIMARS"]]


@pytest.mark.parametrize("name", ["watchlists/arms.yaml", "watchlists/new.yaml", "monitor.yaml"])
async def test_a_file_saved_while_the_service_starts_is_read(
    main: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the start takes: its store may be upgraded between the reading and the watching."""
    app: Any = _App(load(str(main)))
    file = main.parent / name
    file.write_text(file.read_text() + "\n" if file.exists() else "watches: [HIMARS]")
    service = Service(app, lambda: load(str(main)))
    monkeypatch.setattr(service.site, "follow", _nothing)
    watching(monkeypatch, 3)
    await service._watch_files()
    assert app.replaced == 1


async def test_an_edit_that_is_not_taken_is_read_once(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app: Any = _App(load(str(main)))
    service = Service(app, lambda: load(str(main)))
    (main.parent / "watchlists" / "arms.yaml").write_text("watches: [drones, drones]")
    watching(monkeypatch, 3)
    await service._watch_files()
    assert app.refusals == 1
    assert app.replaced == 0


async def _nothing() -> None:
    pass
