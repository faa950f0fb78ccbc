"""Opening the store: connections with their pragmas asserted, transactions, the service's lock, migrations.

It knows no table's meaning; every way in which a database can be unusable ends here as a StoreError in words.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from monitor.errors import StoreError

#: "NMON": tells this program's databases from others (SQLite's application_id).
APPLICATION_ID = 0x4E4D4F4E
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: what was told to the world survives a power cut
    "foreign_keys": 1,
    "busy_timeout": 10_000,  # ms
    "journal_size_limit": 67_108_864,  # bytes: the WAL shrinks back to 64 MB
}


class Store:
    """A database of ours. Reads see a snapshot; writes are one at a time (BEGIN IMMEDIATE)."""

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self.engine = engine
        self._lock: IO[str] | None = None

    @property
    def path(self) -> Path | None:
        """The database file, None on a server."""
        database = make_url(self.url).database
        return Path(database) if self.url.startswith("sqlite") and database else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction; raises StoreError."""
        with self._transaction(is_write=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction, committed at the end and rolled back on any error; raises StoreError."""
        with self._transaction(is_write=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, *, is_write: bool) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(is_write=is_write) as connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            raise in_words(error, self.url) from error

    def lock(self) -> None:
        """Take the service's lock; raises StoreError when another process holds it."""
        if self.path is None:
            return
        handle = Path(f"{self.path}.lock").open("a+")  # noqa: SIM115  held as long as the process lives
        if not _take(handle):
            handle.seek(0)
            holder = handle.read().strip() or "another process"
            handle.close()
            held = f"the store {self.path} is held by a running service (pid {holder})"
            message = f"{held}; stop it first, or ask it with 'monitor status'"
            raise StoreError(message)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        self._lock = handle

    def is_held(self) -> bool:
        """Whether a service or a round holds the lock now."""
        if self.path is None or not Path(f"{self.path}.lock").exists():
            return False
        with Path(f"{self.path}.lock").open() as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return True
            return False

    def close(self) -> None:
        self.engine.dispose()
        if self._lock:
            self._lock.close()
            self._lock = None


def open_store(url: str, *, create: bool) -> Store:
    """Open the store, bring its schema up to date when `create` is set.

    Raises StoreError when it is missing (and may not be made), foreign, newer than this program, or unusable.
    """
    if not url.startswith("sqlite"):
        raise StoreError("this version keeps its store in SQLite only; write store: sqlite:///monitor.db")
    path = make_url(url).database if url.startswith("sqlite") else None
    if path:
        _check_file(Path(path), create=create)
    store = Store(url, _engine(url))
    try:
        _check_schema(store, create=create)
    except SQLAlchemyError as error:
        store.close()
        raise in_words(error, url) from error
    except BaseException:
        store.close()
        raise
    return store


def _take(handle: IO[str]) -> bool:
    """The lock, within a second: whoever only asks whether it is held (`is_held`) has it for a moment."""
    for _ in range(20):
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.05)
    return False


def become_owner(path: Path) -> None:
    """As root, turn into the user who owns the store (or its folder): no file of another owner is to appear in it."""
    if os.geteuid() != 0:
        return
    owned = path if path.exists() else path.parent
    if owned.exists() and (status := owned.stat()).st_uid != 0:
        os.setgroups([])
        os.setgid(status.st_gid)
        os.setuid(status.st_uid)


def _check_file(path: Path, *, create: bool) -> None:
    become_owner(path)
    if not path.exists():
        if not create:
            raise StoreError(f"there is no store at {path}; start the service ('monitor run') or 'monitor once' first")
        if not path.parent.is_dir():
            raise StoreError(f"the folder {path.parent} of the store does not exist; make it, or change 'store'")
        # Opened by us first, so that nobody else may read what people watch.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(raw: sqlite3.Connection, record: Any) -> None:
    """Set and assert the pragmas; sqlite3's own transaction handling is switched off in favour of ours."""
    raw.isolation_level = None
    for name, value in PRAGMAS.items():
        raw.execute(f"PRAGMA {name}={value}")
        got = raw.execute(f"PRAGMA {name}").fetchone()[0]
        if got != value:
            raise StoreError(f"SQLite refuses {name}={value} (it says {got}); is the store on a network file system?")


def _begin(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("is_write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def _check_schema(store: Store, *, create: bool) -> None:
    from monitor.store.migrations import HEAD, revisions

    revision = _revision(store)
    if revision == HEAD:
        return
    if revision is not None and revision not in revisions():
        newer = f"the store is of a newer version of this program (schema {revision})"
        message = f"{newer}; install that version, or restore a backup"
        raise StoreError(message)
    if not create:
        raise StoreError("the store's schema is older than this program; run 'monitor db upgrade'")
    upgrade(store)


def _revision(store: Store) -> str | None:
    """The schema's revision, None in an empty database; refuses a database of another program."""
    with store.engine.connect().execution_options(is_write=False) as connection:
        names = set(store.engine.dialect.get_table_names(connection))
        if store.path is not None and names:
            found = connection.execute(text("PRAGMA application_id")).scalar_one()
            if found != APPLICATION_ID:
                raise StoreError(f"{store.path} is a database of another program; change 'store' in monitor.yaml")
        if "alembic_version" not in names:
            return None
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def upgrade(store: Store) -> None:
    """Bring the schema to this program's, in one transaction."""
    from alembic import command
    from alembic.config import Config

    with store.write() as connection:
        if store.path is not None:
            connection.execute(text(f"PRAGMA application_id={APPLICATION_ID}"))
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def in_words(error: SQLAlchemyError, url: str) -> StoreError:
    """A database error as one sentence with the next step; never the statement, whose values may be long or secret."""
    cause = str(getattr(error, "orig", None) or error)
    where = make_url(url).render_as_string(hide_password=True).removeprefix("sqlite:///")
    if "locked" in cause:
        return StoreError(f"the store {where} is locked by another program; close it and try again")
    if "full" in cause or "No space left" in cause:
        return StoreError(f"the disk of the store {where} is full; make room, nothing accepted so far is lost")
    if "readonly" in cause or "read-only" in cause:
        return StoreError(f"the store {where} is read-only for this user; run as its owner")
    if "malformed" in cause or "not a database" in cause:
        return StoreError(f"the store {where} is damaged ({cause}); restore a backup, or move it away to begin anew")
    if isinstance(error, OperationalError | DatabaseError):
        return StoreError(f"the store {where} cannot be used: {cause.splitlines()[0]}")
    return StoreError(f"the store {where} failed: {type(error).__name__}: {cause.splitlines()[0]}")
