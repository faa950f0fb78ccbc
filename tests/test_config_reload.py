"""SIGHUP with an edit that cannot be taken: the configuration of before stays in force, and the log says why."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from monitor.config import Config
from monitor.daemon import Service
from monitor.errors import InputError
from monitor.metrics import Metrics


class _App:
    """As much of the program as a reload asks for."""

    replaced = 0
    told = ""

    def __init__(self, folder: Path | None = None) -> None:
        self.config = SimpleNamespace(files=(), folders=(folder,) if folder else ())
        self.metrics = Metrics()
        self.editing = self

    def state(self) -> str:
        return "12 feeds"

    async def refused(self, problems: object, why: str) -> None:
        self.told = why

    async def replace(self, config: Config) -> None:
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

    monkeypatch.setattr("monitor.saved.changes", changes)


async def test_a_file_saved_while_others_are_read_is_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "arms.yaml"
    file.write_text("watches: [drones]")
    read: list[str] = []

    def load() -> Any:
        read.append(file.read_text())
        if len(read) == 1:
            file.write_text("watches: [drones, HIMARS]")

    app: Any = _App(tmp_path)
    service = Service(app, load)
    monkeypatch.setattr(service.site, "follow", _nothing)
    file.write_text("watches: [tanks]")
    watching(monkeypatch, 3)
    await service._watch_files()
    assert read == ["watches: [tanks]", "watches: [drones, HIMARS]"]


async def test_a_file_saved_while_the_service_starts_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app: Any = _App(tmp_path)
    service = Service(app, lambda: app.config)
    monkeypatch.setattr(service.site, "follow", _nothing)
    (tmp_path / "arms.yaml").write_text("watches: [drones]")
    watching(monkeypatch, 0)
    await service._watch_files()
    assert app.replaced == 1


async def _nothing() -> None:
    pass
