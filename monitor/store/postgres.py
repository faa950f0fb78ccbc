"""PostgreSQL's side of the store: how connections are made, how writes queue, how services meet, what errors mean.

It knows no table but Alembic's; SQLite's side stands in sqlite.py.
"""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from monitor.errors import StoreError
from monitor.model import Secret
from monitor.store.engine import Store, in_words

#: "NMON": the namespace of this program's advisory locks, and below it the writer's and the services'.
LOCKS, WRITER, SERVICE = 0x4E4D4F4E, 0, 1
OLDEST = 13  # what procrastinate supports
MARK = "news-monitor"
#: Where the jobs of a cluster stand, so that they can be thrown away.
JOBS_SCHEMA = "monitor_jobs"
#: What a session may take. A process that is stopped inside a transaction must not hold up the writers of all
#: machines: its session is ended, and the transaction rolled back, by the server.
LIMITS = {
    "statement_timeout": "60s",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "20s",
    "client_min_messages": "warning",
}
CONNECT_S = 5
#: What the server's states mean (SQLSTATE), with the next step.
_STATES = {
    "53100": "the disk of the store {where} is full; make room, nothing accepted so far is lost",
    "53300": "the store {where} has no connection left; raise max_connections, or run fewer workers",
    "57014": "the store {where} did not answer within 60 s; is it overloaded?",
    "40P01": "the store {where} is busy: two writers waited for each other; it is tried again",
    "55P03": "the store {where} is busy: another writer held it for 30 s; it is tried again",
    "25006": "the store {where} is read-only; is it a standby? write to the primary",
    "42501": "the user of the store {where} may not do this; make it the owner of the database",
}


class PostgresStore(Store):
    """A database of ours on a server. Writes are one at a time over all machines (an advisory lock)."""

    def __init__(self, url: str) -> None:
        self._address = _driven(url)
        super().__init__(self._address.render_as_string(hide_password=True), _engine(self._address))
        self._meeting: Connection | None = None
        self._is_met = False
        self._is_shared = False

    @property
    def name(self) -> str:
        """What the server's administrator sees this process as."""
        return _name()

    @property
    def address(self) -> Secret:
        return Secret(self._address.render_as_string(hide_password=False))

    @property
    def where(self) -> str:
        host = f"{self._address.host or 'localhost'}:{self._address.port or 5432}"
        return f"{host}/{self._address.database or ''}"

    def conninfo(self) -> dict[str, str]:
        """What another client of this driver needs to connect; holds the password."""
        known = {"host": self._address.host, "port": self._address.port and str(self._address.port)}
        known |= {"user": self._address.username, "password": self._address.password, "dbname": self._address.database}
        query = {name: value if isinstance(value, str) else value[-1] for name, value in self._address.query.items()}
        return {name: str(value) for name, value in known.items() if value} | query

    # ---------------------------------------------------------------------------------------------- who holds it

    def lock(self, *, is_shared: bool = False) -> None:
        """Services share the store; a round (`once`) has it alone."""
        self._is_shared = is_shared
        for _ in range(20):
            if self._meet():
                return
            time.sleep(0.05)
        who = self._holder()
        self._part()
        held = f"the store {self.where} is held by a running service ({who})"
        message = f"{held}; stop it first, or ask it with 'monitor status'"
        raise StoreError(message)

    def keep_lock(self) -> None:
        """The lock ends with its session, and the session with the server's restart: see to it that there is one.

        Raises StoreError where another took it in between and has it alone, which then works without our claims.
        """
        if self._meeting is not None and self._is_met:
            try:
                self._meeting.execute(text("SELECT 1"))
                return
            except SQLAlchemyError:
                self._part()
        if not self._meet():
            raise StoreError(f"the store {self.where} is held by another ({self._holder()}); waiting until that ends")

    def _meet(self) -> bool:
        take = "pg_try_advisory_lock_shared" if self._is_shared else "pg_try_advisory_lock"
        try:
            if self._meeting is None:
                self._meeting = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT", purpose="meeting")
            self._is_met = bool(self._meeting.execute(text(f"SELECT {take}({LOCKS}, {SERVICE})")).scalar_one())
            return self._is_met
        except SQLAlchemyError as error:
            self._part()
            raise in_words(error, self) from error

    def _part(self) -> None:
        meeting, self._meeting, self._is_met = self._meeting, None, False
        if meeting is not None:
            with contextlib.suppress(SQLAlchemyError):
                meeting.invalidate()  # its session ends, and the lock with it
                meeting.close()

    def _holder(self) -> str:
        with self.read() as connection:
            names = connection.execute(text(_HOLDERS)).scalars().all()
        return ", ".join(sorted(str(name) for name in names if name)) or "another machine"

    def is_held(self) -> bool:
        with self.read() as connection:
            return bool(connection.execute(text(_HOLDERS)).first())

    def close(self) -> None:
        self._part()
        super().close()

    # ------------------------------------------------------------------------------------------------ whose it is

    def check(self, connection: Connection) -> None:
        version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
        if version < OLDEST * 10_000:
            raise StoreError(
                f"the store {self.where} is PostgreSQL {version // 10_000}; {OLDEST} or later is needed, upgrade it"
            )
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise StoreError(
                f"the store {self.where} keeps texts as {encoding}; make a database with: createdb -E UTF8 -T template0"
            )

    def is_ours(self, connection: Connection) -> bool:
        query = text("SELECT obj_description(to_regclass('alembic_version')::oid, 'pg_class')")
        return connection.execute(query).scalar() == MARK

    def mark(self, connection: Connection, *, is_migrated: bool) -> None:
        if is_migrated:
            connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{MARK}'"))
        else:  # a migration may take its time
            connection.execute(text("SET LOCAL statement_timeout = 0"))

    def said(self, cause: str, code: str | None) -> str | None:
        if code in _STATES:
            return _STATES[code].format(where=self.where)
        first = self._masked(cause.splitlines()[0] if cause else "")
        if "password" in first or "no pg_hba.conf entry" in first or "role" in first:
            return f"the store {self.where} refuses this user: {first}"
        if "does not exist" in first and "database" in first:
            return f"there is no database at {self.where}; make it there with: createdb {self._address.database}"
        if code is None or code.startswith(("08", "57")):
            return f"the store {self.where} cannot be reached, it is tried again: {first}"
        return f"the store {self.where} cannot be used: {first}"

    def _masked(self, said: str) -> str:
        password = self._address.password
        return said.replace(str(password), "***") if password else said


_HOLDERS = f"""
SELECT activity.application_name FROM pg_locks AS held
JOIN pg_database AS one ON one.oid = held.database
LEFT JOIN pg_stat_activity AS activity ON activity.pid = held.pid
WHERE held.locktype = 'advisory' AND held.classid = {LOCKS} AND held.objid = {SERVICE} AND held.granted
AND one.datname = current_database()
"""  # noqa: S608


def _driven(url: str) -> URL:
    """The address with the driver that we have."""
    return make_url(url).set(drivername="postgresql+psycopg")


def _engine(address: URL) -> Engine:
    try:
        import psycopg
    except ImportError as error:
        message = "a store on PostgreSQL needs its driver; install it with: pip install 'news-monitor[cluster]'"
        raise StoreError(message) from error
    arguments = {"connect_timeout": CONNECT_S, "application_name": _name()} | _kept_alive(address)
    engine = create_engine(address, connect_args=arguments, pool_pre_ping=True, pool_size=5, max_overflow=5)
    event.listen(engine, "connect", _preparing(psycopg))
    event.listen(engine, "begin", _begin)
    return engine


def _name() -> str:
    return f"news-monitor {platform.node()} pid {os.getpid()}"[:63]


def _kept_alive(address: URL) -> dict[str, Any]:
    """A server that is gone without a word is noticed within half a minute; the user's own settings come first."""
    ours = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
    return {name: value for name, value in ours.items() if name not in address.query}


def _preparing(psycopg: Any) -> Callable[[Any, Any], None]:
    class Texts(psycopg.types.string.StrDumper):  # type: ignore[misc]
        """PostgreSQL keeps no character 0; pages have it, and it means nothing there."""

        def dump(self, value: str) -> Any:
            return super().dump(value.replace("\x00", ""))

    settings = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in LIMITS.items())
    settings += f", set_config('search_path', current_setting('search_path') || ', {JOBS_SCHEMA}', false)"

    def prepare(raw: Any, record: Any) -> None:
        raw.adapters.register_dumper(str, Texts)
        before, raw.autocommit = raw.autocommit, True
        raw.execute(f"SELECT {settings}")
        raw.autocommit = before

    return prepare


def _begin(connection: Connection) -> None:
    """A write waits for the others; a read sees one moment; a claim is one row's business and waits for nobody."""
    purpose = connection.get_execution_options().get("purpose", "write")
    if purpose == "write":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCKS}, {WRITER})")
    elif purpose == "read":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
