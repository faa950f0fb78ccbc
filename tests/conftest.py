"""What all tests share: worker processes start in milliseconds, because their modules are imported once."""

from __future__ import annotations

import logging
import multiprocessing
import multiprocessing.forkserver as forkserver
from collections.abc import Iterator

import pytest

from monitor.model import Secret

#: Shorter ones (passwords of one letter) are parts of words.
SHORTEST_CANARY = 6


@pytest.fixture(scope="session", autouse=True)
def fork_server() -> None:
    """The fork server of this session has the program's modules loaded, whichever test needs a worker first."""
    from monitor.app import PRELOAD

    multiprocessing.get_context("forkserver").set_forkserver_preload(list(PRELOAD))
    forkserver.ensure_running()


class Canaries(logging.Handler):
    """Hears every record of every logger at DEBUG, and keeps those that name a secret of the running test."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))
        self.secrets: set[str] = set()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if self.secrets and any(secret in (line := self.format(record)) for secret in self.secrets):
            self.said.append(line)


@pytest.fixture(scope="session")
def canaries() -> Canaries:
    """Every secret that any test makes is a canary."""
    heard = Canaries()
    make = Secret.__init__

    def keep(secret: Secret, text: str) -> None:
        make(secret, text)
        if len(text) >= SHORTEST_CANARY:
            heard.secrets.add(text)

    Secret.__init__ = keep  # type: ignore[method-assign]
    return heard


@pytest.fixture(autouse=True)
def no_secret_is_logged(canaries: Canaries) -> Iterator[None]:
    """The whole suite at DEBUG: no record, its traceback included, holds a secret that the test configured."""
    canaries.secrets.clear()
    canaries.said.clear()
    root = logging.getLogger()
    before = root.level
    root.addHandler(canaries)
    root.setLevel(logging.DEBUG)
    yield
    root.removeHandler(canaries)
    root.setLevel(before)
    assert canaries.said == []
