"""Many rows in one statement, by the driver's own way: a feed has a hundred, thousands of feeds millions.

It knows tables as columns and values only; what the two databases do differently about it stands here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table

Process = Callable[[Any], Any]


def insert(
    connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]], *, ignore: bool = False
) -> None:
    """Insert rows whose values stand in the order of `names`; with `ignore` those that are there already are left."""
    statement, processes = _insert(table, tuple(names), connection.dialect, ignore)
    made = [list(row) for row in rows]
    for place, process in processes:
        for row in made:
            row[place] = process(row[place])
    if made:
        connection.exec_driver_sql(statement, list(map(tuple, made)))


@lru_cache(maxsize=64)
def _insert(
    table: Table, names: tuple[str, ...], dialect: Dialect, ignore: bool
) -> tuple[str, tuple[tuple[int, Process], ...]]:
    defaults = {column.name for column in table.c if column.default is not None} - set(names)
    assert not defaults, f"columns with a default have to be given: {defaults}"
    marks = ", ".join([_mark(dialect)] * len(names))
    end = " ON CONFLICT DO NOTHING" if ignore else ""
    columns = ", ".join(_quoted(names, dialect))
    return f"INSERT INTO {table.name} ({columns}) VALUES ({marks}){end}", _processes(table, names, dialect)  # noqa: S608


def update(connection: Connection, table: Table, number: int, values: Mapping[str, Any], *, once: str = "") -> None:
    """Set these columns of the row with this id; `once` names one that keeps the value that it has."""
    statement, processes = _update(table, tuple(values), connection.dialect, once)
    row = list(values.values())
    for place, process in processes:
        row[place] = process(row[place])
    connection.exec_driver_sql(statement, (*row, number))


@lru_cache(maxsize=64)
def _update(
    table: Table, names: tuple[str, ...], dialect: Dialect, once: str
) -> tuple[str, tuple[tuple[int, Process], ...]]:
    mark = _mark(dialect)
    kept = [f"{name} = {f'coalesce({name}, {mark})' if name == once else mark}" for name in _quoted(names, dialect)]
    statement = f"UPDATE {table.name} SET {', '.join(kept)} WHERE id = {mark}"  # noqa: S608
    return statement, _processes(table, names, dialect)


def _processes(table: Table, names: Sequence[str], dialect: Dialect) -> tuple[tuple[int, Process], ...]:
    """What some values become on their way into the database, by their place."""
    found = ((place, table.c[name].type.dialect_impl(dialect)) for place, name in enumerate(names))
    made = ((place, kind.bind_processor(dialect)) for place, kind in found)
    return tuple((place, process) for place, process in made if process is not None)


def _quoted(names: Sequence[str], dialect: Dialect) -> list[str]:
    return [dialect.identifier_preparer.quote(name) for name in names]


def new_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Ids for this many new rows of a table, ascending; inside the write transaction, so that nobody else has them."""
    if connection.dialect.name == "sqlite":  # what SQLite itself would give them
        last = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table.name}").scalar_one()  # noqa: S608
        return list(range(last + 1, last + 1 + count))
    numbers = f"SELECT nextval(pg_get_serial_sequence('{table.name}', 'id')) FROM generate_series(1, {count:d})"  # noqa: S608
    return sorted(int(number) for number in connection.exec_driver_sql(numbers).scalars())


def among(connection: Connection, query: str, column: str, wanted: Collection[Any], *more: Any) -> Sequence[Any]:
    """Rows of `query` (a SELECT … WHERE …, `?` for each of `more`) whose column is one of `wanted`, however many."""
    if not wanted:
        return ()
    mark, is_sqlite = _mark(connection.dialect), connection.dialect.name == "sqlite"
    one_of = f"{column} IN (SELECT value FROM json_each({mark}))" if is_sqlite else f"{column} = ANY({mark})"  # noqa: S608
    values: Any = json.dumps(list(wanted)) if is_sqlite else list(wanted)
    return connection.exec_driver_sql(f"{query.replace('?', mark)} AND {one_of}", (*more, values)).fetchall()


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"
