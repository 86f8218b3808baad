"""Lists on their way into a statement: to PostgreSQL one array a column, to SQLite one parameter of JSON.

A statement then has one text whatever the length of its list, and goes to the driver as it stands: building
and compiling it again would cost more than running it. SQLite also uses its index so, which it does not for
`(a, b) IN (VALUES ...)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, CursorResult, Table
from sqlalchemy.dialects import postgresql

from ledger.canonical import canonical

Row = Mapping[str, Any]


class Statement(NamedTuple):
    """A statement over a list. In its text `{items}` is the list, `{c0}` and `{c1}` are an item's columns."""

    text: str
    types: tuple[str, ...]
    """Types of the columns."""


# PostgreSQL keeps the plan of a statement: made while a table was small, it would read the whole table ever
# after. OFFSET 0 keeps each look-up one of its own, through the index.
PARTS = {
    "sqlite": {"find": "", "where": "ON", "found": ""},
    "postgresql": {
        "find": "LATERAL (SELECT * FROM",
        "where": "WHERE",
        "found": "OFFSET 0) AS e ON true",
    },
}


def run(connection: Connection, statement: Statement, items: Sequence[Sequence[Any]]) -> CursorResult[Any]:
    """Execute a statement over a list of items, each a tuple of its columns."""
    if connection.dialect.name == "postgresql":
        columns = zip(*items, strict=True) if items else ((),) * len(statement.types)
        arguments = {f"c{n}": _array(column) for n, column in enumerate(columns)}
    else:
        arguments = {"list": canonical(items).decode()}
    return connection.exec_driver_sql(_written(connection.dialect.name, statement), arguments)


@lru_cache(maxsize=64)
def _written(dialect: str, statement: Statement) -> str:
    names = [f"c{n}" for n in range(len(statement.types))]
    if dialect == "postgresql":
        arrays = [_cast(name, kind) for name, kind in zip(names, statement.types, strict=True)]
        items = f"unnest({', '.join(arrays)}) AS item({', '.join(names)})"
        columns = {name: f"item.{name}" for name in names} | {"array": arrays[0]}
    else:
        items = "json_each(:list) AS item"
        columns = {name: f"json_extract(item.value, '$[{n}]')" for n, name in enumerate(names)}
    return statement.text.format(items=items, **columns, **PARTS[dialect])


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row], around: str = "{}") -> None:
    """Insert rows that all name the same columns, in their order; `around` is what the INSERT stands in."""
    statement = around.format(_insertion(connection.dialect.name, table, tuple(rows[0])))
    if connection.dialect.name == "postgresql":
        columns = {name: _array([row[name] for row in rows]) for name in rows[0]}
        connection.exec_driver_sql(statement, columns)
    else:
        connection.exec_driver_sql(statement, [dict(row) for row in rows])


@lru_cache(maxsize=64)
def _insertion(dialect: str, table: Table, names: tuple[str, ...]) -> str:
    into = f"INSERT INTO {table.name} ({', '.join(names)})"
    if dialect == "sqlite":
        return f"{into} VALUES ({', '.join(f':{name}' for name in names)})"
    dialect_of = postgresql.dialect()  # type: ignore[no-untyped-call]
    arrays = (_cast(name, table.c[name].type.compile(dialect_of)) for name in names)
    return f"{into} SELECT * FROM unnest({', '.join(arrays)})"


def _array(column: Sequence[Any]) -> str | list[Any]:
    """Numbers are quickest written out; the rest goes in binary, in which nothing needs to be quoted."""
    if column and isinstance(column[0], int):
        return f"{{{','.join(map(str, column))}}}"
    return [*column]


def _cast(name: str, kind: str) -> str:
    return f"CAST(%({name}){'s' if kind in ('BIGINT', 'INTEGER') else 'b'} AS {kind}[])"
