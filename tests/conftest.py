"""What all tests share: worker processes start in milliseconds, because their modules are imported once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Secret
from tests import postgres as databases
from tests.stored import ready

#: Shorter ones (passwords of one letter) are parts of words.
SHORTEST_CANARY = 6


@pytest.fixture(scope="session", autouse=True)
def fork_server() -> None:
    """The fork server of this session has the program's modules loaded, whichever test needs a worker first."""
    from monitor.tasks import PRELOAD
    from monitor.workers import Workers

    Workers(preload=PRELOAD).prepare()


class Canaries:
    """Hears every record that any logger makes, and keeps those that name a secret of the running test."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.said: list[str] = []
        self._make = logging.getLogRecordFactory()
        self._line = logging.Formatter("%(name)s: %(message)s")

    def __call__(self, *args: Any, **more: Any) -> logging.LogRecord:
        record = self._make(*args, **more)
        if self.secrets and any(secret in (line := self._line.format(record)) for secret in self.secrets):
            self.said.append(line)
        return record


@pytest.fixture(scope="session")
def canaries() -> Canaries:
    """Every secret that any test makes is a canary."""
    heard = Canaries()
    make = Secret.__init__

    def keep(secret: Secret, text: str) -> None:
        make(secret, text)
        if len(text) >= SHORTEST_CANARY:
            heard.secrets.add(text)

    logging.setLogRecordFactory(heard)
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # of the tests' mail server
    Secret.__init__ = keep  # type: ignore[method-assign, assignment]
    return heard


@pytest.fixture(autouse=True)
def no_secret_is_logged(canaries: Canaries) -> Iterator[None]:
    """The whole suite at DEBUG: no record, its traceback included, holds a secret that the test configured."""
    canaries.secrets.clear()
    canaries.said.clear()
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers  # a command that logs to a test's stderr leaves its handler behind
    assert canaries.said == []


@pytest.fixture(scope="session")
def postgres() -> Iterator[databases.Server]:
    """A server for the tests that need one."""
    with databases.server() as found:
        if found is None:
            pytest.skip(databases.NONE)
        yield found


@pytest.fixture(scope="session")
def schema(postgres: databases.Server) -> Iterator[str]:
    """A database with the schema made, from which others are copied."""
    from monitor.store import open_store

    with postgres.database() as name:
        open_store(postgres.of(name), create=True).close()
        yield name


@pytest.fixture
def postgres_url(postgres: databases.Server, schema: str) -> Iterator[str]:
    """A fresh database on PostgreSQL, its schema made."""
    with postgres.database(schema) as name:
        yield postgres.of(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh store, on both databases one after the other: what holds on one has to hold on the other."""
    if request.param == "sqlite":
        return ready(f"sqlite:///{tmp_path}/monitor.db")
    return str(request.getfixturevalue("postgres_url"))
