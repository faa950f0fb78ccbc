"""What every store is: its transactions, its lock, and every way in which a database can be unusable as words.

It knows no table's meaning; what SQLite and PostgreSQL do differently stands in files of their names, and which of
them it is in `opening`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from monitor.errors import StoreError
from monitor.model import Secret

Purpose = Literal["read", "write", "claim"]


class Store(ABC):
    """A database of ours. Reads see a snapshot; writes are one at a time, whichever process they come from.

    `on_commit` is called at the end of each write, inside its transaction.
    """

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self.engine = engine
        self.on_commit: Callable[[Connection], None] | None = None
        self.upgraded = ""  # the way back from an upgrade that opening it has made

    @property
    def address(self) -> Secret:
        """What another process opens it by; `url` is what may be shown."""
        return Secret(self.url)

    @property
    def path(self) -> Path | None:
        """The database file, None on a server."""
        return None

    @property
    @abstractmethod
    def where(self) -> str:
        """The store in a sentence, without its password."""

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction; raises StoreError."""
        with self._transaction("read") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction, committed at the end and rolled back on any error; raises StoreError."""
        with self._transaction("write") as connection:
            yield connection
            if self.on_commit:
                self.on_commit(connection)

    @contextmanager
    def claim(self) -> Iterator[Connection]:
        """A write beside the others: for one UPDATE that is right by itself, whatever others write meanwhile."""
        with self._transaction("claim") as connection:
            yield connection

    @contextmanager
    def _transaction(self, purpose: Purpose) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(purpose=purpose) as connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            raise in_words(error, self) from error
        except UnicodeDecodeError as error:  # what we wrote was text
            raise damaged(self, error) from error

    @abstractmethod
    def lock(self, *, is_shared: bool = False) -> None:
        """Take the service's lock (beside other services where they can share); raises StoreError when it is held."""

    def keep_lock(self) -> None:  # noqa: B027  where nothing can be lost, nothing is to do
        """Take the lock again if it was lost; raises StoreError while another has it."""

    @abstractmethod
    def is_held(self) -> bool:
        """Whether a service or a round holds the lock now."""

    def keep_copy(self, revision: str) -> str:
        """Before an upgrade: keep the store as it is where that can be done; the way back, in words."""
        return "The way back is a dump of your own (pg_dump), made before."

    def way_back(self, known: Collection[str]) -> str:
        """How to return from a newer schema to one of `known`, in words; "" where there is no copy."""
        return ""

    def close(self) -> None:
        self.engine.dispose()

    def check(self, connection: Connection) -> None:  # noqa: B027  most can
        """Raise StoreError where this server cannot be used at all."""

    @abstractmethod
    def is_ours(self, connection: Connection) -> bool:
        """Whether a database that is not empty is this program's."""

    @abstractmethod
    def mark(self, connection: Connection, *, is_migrated: bool) -> None:
        """Make it this program's, before and after its schema is made."""

    @abstractmethod
    def said(self, cause: str, code: str | None) -> str | None:
        """A database error as one sentence with the next step; None for the general one."""


def damaged(store: Store, cause: object) -> StoreError:
    return StoreError(f"the store {store.where} is damaged ({cause}); restore a backup, or move it away to begin anew")


def in_words(error: SQLAlchemyError, store: Store) -> StoreError:
    """A database error as one sentence with the next step; never the statement, whose values may be long or secret."""
    original = getattr(error, "orig", None)
    cause = str(original or error)
    if (said := store.said(cause, getattr(original, "sqlstate", None))) is not None:
        return StoreError(said)
    if original is not None:
        return StoreError(f"the store {store.where} cannot be used: {cause.splitlines()[0]}")
    return StoreError(f"the store {store.where} failed: {type(error).__name__}: {cause.splitlines()[0]}")
