"""The few statements that SQLite and PostgreSQL write differently.

Lists travel as one JSON parameter: a statement then has one text whatever their length, and SQLite
uses its index, which it does not for `(a, b) IN (VALUES ...)`.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, TextClause, text
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite

_LOCK_HEADS = """
    INSERT INTO ledger_case (case_id, seq, head, recorded)
    SELECT {value}, 0, :none, '' FROM {items} AS item WHERE true ORDER BY 1
    ON CONFLICT (case_id) DO UPDATE SET seq = ledger_case.seq
    RETURNING case_id, seq, head, recorded
"""

_BY_BUSINESS_KEY = """
    SELECT leaf, leaf_hash FROM {items} AS item CROSS JOIN ledger_entry
    WHERE case_id = {first} AND business_key = {second}
"""

_LISTS = {
    "sqlite": {
        "items": "json_each(:list)",
        "value": "item.value",
        "first": "json_extract(item.value, '$[0]')",
        "second": "json_extract(item.value, '$[1]')",
    },
    "postgresql": {
        "items": "json_array_elements(CAST(:list AS json))",
        "value": "item.value #>> '{}'",
        "first": "item.value ->> 0",
        "second": "item.value ->> 1",
    },
}

_STATEMENTS = {
    (name, template): text(template.format(**parts))
    for name, parts in _LISTS.items()
    for template in (_LOCK_HEADS, _BY_BUSINESS_KEY)
}


def is_postgresql(connection: Connection) -> bool:
    """Whether several processes write at once and the database has a clock."""
    return connection.dialect.name == "postgresql"


def lock_heads(connection: Connection) -> TextClause:
    """Heads of the cases in JSON `list`, made with hash `none` where missing, locked in sorted order.

    The update changes nothing: it takes the row's lock and returns the row in one step.
    """
    return _STATEMENTS[connection.dialect.name, _LOCK_HEADS]


def by_business_key(connection: Connection) -> TextClause:
    """Leaves and hashes of the entries named by the pairs (case, business key) in JSON `list`."""
    return _STATEMENTS[connection.dialect.name, _BY_BUSINESS_KEY]


def upsert(table: Table, *, postgresql: bool) -> sqlite.Insert | postgresql_dialect.Insert:
    """An INSERT that takes ON CONFLICT clauses."""
    return postgresql_dialect.insert(table) if postgresql else sqlite.insert(table)
