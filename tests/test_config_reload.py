"""SIGHUP with an edit that cannot be taken: the configuration of before stays in force, and the log says why."""

from __future__ import annotations

import logging
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

    def __init__(self) -> None:
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
