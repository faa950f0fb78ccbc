"""An installation moved from one store to another, of either kind: every row under its id, in one transaction.

It knows tables and rows, and nothing of what they mean; what can be made again (the index of words) is made again.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, LargeBinary, Table, func, select, text

from monitor.errors import StoreError
from monitor.store import leases
from monitor.store.engine import Store
from monitor.store.schema import duties, members, metadata, turns

#: Of the cluster that ran on the source, not of the installation.
LEFT = frozenset((members.name, duties.name, turns.name))
#: Rows in memory at a time; of tables with whole pages fewer.
AT_ONCE, LARGE_AT_ONCE = 500, 20


def tables() -> list[Table]:
    """What is copied, each after what it refers to."""
    return [table for table in metadata.sorted_tables if table.name not in LEFT]


def copy(source: Store, target: Store, progress: Callable[[str, int], None]) -> dict[str, int]:
    """Copy all rows; how many by table. `progress` hears of rows as they are copied.

    Raises StoreError when a service holds either store, when the target is not empty, or when a count differs in the
    end; the target is then as before. The source is only read.
    """
    source.lock()
    target.lock()
    with source.read() as there, target.write() as here:
        for connection in (there, here):
            _take_time(connection)
        _check_empty(here, target)
        counts = {table.name: _copy(there, here, table, progress) for table in tables()}
        for table in tables():
            if (arrived := _count(here, table)) != counts[table.name] or arrived != _count(there, table):
                message = f"{table.name}: {counts[table.name]} rows were read and {arrived} arrived; nothing was kept"
                raise StoreError(message)
        leases.free(here)  # nobody is at work on either
        _go_on_numbering(here)
        _index_anew(here)
    return counts


def rows(source: Store) -> int:
    """How many rows there are to copy."""
    with source.read() as connection:
        return sum(_count(connection, table) for table in tables())


def _take_time(connection: Connection) -> None:
    """The server ends no session because one side waits for the other."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def _check_empty(connection: Connection, target: Store) -> None:
    for table in tables():
        if connection.execute(select(table).limit(1)).first() is not None:
            message = f"the store {target.where} is not empty ({table.name}); name a new database"
            raise StoreError(message)


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _copy(there: Connection, here: Connection, table: Table, progress: Callable[[str, int], None]) -> int:
    count = 0
    at_once = LARGE_AT_ONCE if any(isinstance(column.type, LargeBinary) for column in table.c) else AT_ONCE
    found = there.execute(select(table).order_by(*table.primary_key), execution_options={"yield_per": at_once})
    for batch in found.mappings().partitions(at_once):
        here.execute(table.insert(), [dict(row) for row in batch])
        count += len(batch)
        progress(table.name, len(batch))
    return count


def _go_on_numbering(connection: Connection) -> None:
    """New rows get ids after those that came; SQLite counts from the highest by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables():
        if "id" in table.c and table.c.id.type.python_type is int:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"  # noqa: S608
                    " HAVING max(id) IS NOT NULL"
                )
            )


def _index_anew(connection: Connection) -> None:
    """The index of words differs by database: what is to be found waits to be indexed."""
    connection.execute(text("DELETE FROM search_queue"))
    connection.execute(
        text("INSERT INTO search_queue SELECT id FROM articles WHERE state IN ('done', 'archived', 'edited')")
    )
