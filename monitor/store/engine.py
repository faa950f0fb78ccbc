"""Opening the store: transactions, the schema, and every way in which a database can be unusable as words.

It knows no table's meaning; what SQLite and PostgreSQL do differently stands in files of their names.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from monitor.errors import StoreError
from monitor.model import Secret

log = logging.getLogger(__name__)

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


def open_store(url: str, *, create: bool, meanwhile: Callable[[], None] | None = None) -> Store:
    """Open the store, bring its schema up to date when `create` is set. `meanwhile` is begun first, once this process
    is the user's who owns the store.

    Raises StoreError when it is missing (and may not be made), foreign, newer than this program, or unusable.
    """
    store = _store(url, create=create)
    try:
        if meanwhile is not None:
            meanwhile()
        _check_schema(store, create=create)
    except SQLAlchemyError as error:
        store.close()
        raise in_words(error, store) from error
    except UnicodeDecodeError as error:
        store.close()
        raise damaged(store, error) from error
    except BaseException:
        store.close()
        raise
    return store


def _store(url: str, *, create: bool) -> Store:
    if not url.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
        raise StoreError("a store is sqlite:///FILE or postgresql://…; write it so")
    if not url.startswith("sqlite"):
        from monitor.store.postgres import PostgresStore

        return PostgresStore(url)
    from monitor.store.sqlite import SqliteStore, check_file

    if path := make_url(url).database:
        check_file(Path(path), create=create)
    return SqliteStore(url)


def _check_schema(store: Store, *, create: bool) -> None:
    from monitor.store.migrations import HEAD, revisions

    revision = _revision(store)
    if revision == HEAD:
        return
    if revision is not None and revision not in revisions():
        newer = f"the store is of a newer version of this program (schema {revision})"
        older = store.way_back(revisions())
        message = f"{newer}; install that version, or {older or 'restore a backup'}"
        raise StoreError(message)
    if not create:
        if revision is None:
            raise StoreError(
                f"there is no store at {store.where}; start the service ('monitor run') or 'monitor once' first"
            )
        raise StoreError("the store's schema is older than this program; run 'monitor db upgrade'")
    if revision is not None:
        store.upgraded = store.keep_copy(revision)
        log.warning("the store goes from schema %s to %s. %s", revision, HEAD, store.upgraded)
    upgrade(store)


def _revision(store: Store) -> str | None:
    """The schema's revision, None in an empty database; refuses a database of another program."""
    with store.engine.connect().execution_options(purpose="read") as connection:
        store.check(connection)
        names = set(store.engine.dialect.get_table_names(connection))
        if names and not store.is_ours(connection):
            raise StoreError(f"{store.where} is a database of another program; change 'store' in monitor.yaml")
        if "alembic_version" not in names:
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def upgrade(store: Store) -> None:
    """Bring the schema to this program's, in one transaction."""
    from alembic import command
    from alembic.config import Config

    with store.write() as connection:
        store.mark(connection, is_migrated=False)
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        store.mark(connection, is_migrated=True)


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
