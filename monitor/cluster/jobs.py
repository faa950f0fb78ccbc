"""Jobs on procrastinate: each names a row and wakes a worker, over LISTEN/NOTIFY.

A job is worth nothing by itself: the row's due time and lease decide, so that a job which is lost, late or there twice
does no harm. Jobs stand in a schema of their own, which may be thrown away.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, text

from monitor.errors import StoreError
from monitor.store.postgres import JOBS_SCHEMA, PostgresStore

try:
    import procrastinate
    from procrastinate import jobs, schema
    from psycopg import Error as DriverError
except ImportError as missing:
    raise StoreError(
        "several machines need procrastinate; install it with: pip install 'news-monitor[cluster]'"
    ) from missing

log = logging.getLogger(__name__)
for library in ("procrastinate", "psycopg.pool"):  # what they would say is said here, in a sentence
    logging.getLogger(library).setLevel(logging.CRITICAL)

#: What is done with the row that a job names, by the kind of job.
Tasks = dict[str, Callable[[Any], Awaitable[None]]]

POLL, READ, DELIVER = "poll", "read", "deliver"
#: How often a worker looks for jobs without having been woken.
LOOK_S = 5.0
#: Connections for taking and ending jobs; one more listens.
CONNECTIONS = 3


def install(connection: Connection) -> None:
    """Make the schema of the jobs, or make it anew where it is another version's: nothing in it is missed."""
    wanted = version("procrastinate")
    found = connection.execute(
        text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :name"),
        {"name": JOBS_SCHEMA},
    ).scalar()
    if found == wanted:
        return
    before = connection.execute(text("SHOW search_path")).scalar_one()
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute(f"DROP SCHEMA IF EXISTS {JOBS_SCHEMA} CASCADE")
    raw.execute(f"CREATE SCHEMA {JOBS_SCHEMA}")
    raw.execute(f"SET LOCAL search_path TO {JOBS_SCHEMA}")
    raw.execute(schema.SchemaManager.get_schema())
    raw.execute(f"COMMENT ON SCHEMA {JOBS_SCHEMA} IS '{wanted}'")
    raw.execute(f"SET LOCAL search_path TO {before}")


class Jobs:
    """Defers jobs inside transactions of the store: the rows and the wake-up are one commit."""

    def __init__(self) -> None:
        self._app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())

    def defer(self, connection: Connection, kind: str, rows: Iterable[int | str]) -> int:
        """A job for each of the rows that none waits for yet; how many. To be called in a write transaction, of which
        there is one at a time, so that nobody else defers the same. Raises StoreError."""
        locks = {f"{kind} {row}": row for row in rows}
        query = "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(:all)"
        known = set(connection.execute(text(query), {"all": list(locks)}).scalars())
        new = [_job(kind, row, lock) for lock, row in locks.items() if lock not in known]
        if new:
            raw = connection.connection.driver_connection
            try:
                self._app.job_manager.batch_defer_jobs(new, connection=raw)
            except procrastinate.exceptions.ProcrastinateException as error:
                raise StoreError(f"nobody can be woken now, it is tried again: {_first(error)}") from error
        return len(new)

    def sweep(self, connection: Connection) -> None:
        """Jobs of workers that died: what they named is still due, and has got another."""
        connection.execute(text("DELETE FROM procrastinate_workers WHERE last_heartbeat < now() - interval '1 minute'"))
        connection.execute(text("DELETE FROM procrastinate_jobs WHERE status <> 'todo' AND worker_id IS NULL"))


def _job(kind: str, row: int | str, lock: str) -> jobs.Job:
    return jobs.Job(
        id=None,
        queue=kind,
        lock=None,
        queueing_lock=lock,
        task_name=kind,
        task_kwargs={"row": row},
    )


async def work(store: PostgresStore, tasks: Tasks, concurrency: int, grace_s: float) -> None:
    """Take jobs of these kinds until cancelled; what runs then has `grace_s` to end. Raises StoreError when the server
    goes away; the caller begins again."""
    app = procrastinate.App(connector=_connector(store))
    for kind, task in tasks.items():
        app.task(name=kind, queue=kind)(_accepting(task))
    try:
        async with app.open_async():
            await app.run_worker_async(
                queues=list(tasks),
                concurrency=concurrency,
                install_signal_handlers=False,
                delete_jobs="always",
                fetch_job_polling_interval=LOOK_S,
                shutdown_graceful_timeout=grace_s,
            )
    except (procrastinate.exceptions.ConnectorException, DriverError, OSError) as error:
        raise StoreError(f"the store {store.where} wakes nobody now, it is tried again: {_first(error)}") from error
    raise StoreError(f"the store {store.where} wakes nobody now, it is tried again")


def _first(error: BaseException) -> str:
    """The cause's first line; it holds no password."""
    return (str(error.__cause__ or error).splitlines() or [type(error).__name__])[0]


def _accepting(task: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    async def run(row: Any) -> None:
        await task(row)

    return run


class _Connector(procrastinate.PsycopgConnector):
    """One that lets go what cannot be recorded of a job: its row says all, and dead jobs are swept."""

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        try:
            await super().execute_query_async(query, **arguments)
        except procrastinate.exceptions.ConnectorException as error:
            log.debug("a job's end was not recorded: %s", _first(error))


def _connector(store: PostgresStore) -> procrastinate.PsycopgConnector:
    async def configure(connection: Any) -> None:
        await connection.execute(f"SELECT set_config('search_path', '{JOBS_SCHEMA}', false)")
        with suppress(DriverError):
            await connection.commit()

    return _Connector(
        conninfo="",
        kwargs=store.conninfo() | {"application_name": f"{store.name} jobs"[:63], "connect_timeout": "5"},
        configure=configure,
        min_size=1,
        max_size=CONNECTIONS,
        timeout=10.0,
        reconnect_timeout=5.0,
    )


def collect(connection: Connection) -> Collection[str]:
    """The channels for which this transaction wrote something to send."""
    found: set[str] = connection.info.pop("to_wake", set())
    return found
