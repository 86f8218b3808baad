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

_QUEUE = """
    INSERT INTO ledger_inbox (pos) SELECT pos FROM ledger_entry
    WHERE id IN (SELECT {value} FROM {items} AS item)
"""

_WAITING = """
    SELECT w.pos, e.case_id, e.seq, e.leaf, e.leaf_hash
    FROM (SELECT pos FROM ledger_inbox ORDER BY pos LIMIT :limit) AS w
    LEFT JOIN ledger_entry AS e ON e.pos = w.pos ORDER BY w.pos
"""

_INDEX = """
    INSERT INTO ledger_index (log_index, pos)
    SELECT :first + {place}, CAST({value} AS BIGINT) FROM {placed} AS item WHERE true
"""

_UNQUEUE = "DELETE FROM ledger_inbox WHERE pos IN (SELECT CAST({value} AS BIGINT) FROM {items} AS item)"

_SEALED = """
    SELECT {first} AS case_id FROM {items} AS item
    JOIN ledger_entry AS e ON e.case_id = {first} AND e.seq = CAST({second} AS BIGINT)
    JOIN ledger_index AS i ON i.pos = e.pos
"""

_LISTS = {
    "sqlite": {
        "items": "json_each(:list)",
        "placed": "json_each(:list)",
        "place": "item.key",
        "value": "item.value",
        "first": "json_extract(item.value, '$[0]')",
        "second": "json_extract(item.value, '$[1]')",
    },
    "postgresql": {
        "items": "json_array_elements(CAST(:list AS json))",
        "placed": "json_array_elements(CAST(:list AS json)) WITH ORDINALITY",
        "place": "item.ordinality - 1",
        "value": "item.value #>> '{}'",
        "first": "item.value ->> 0",
        "second": "item.value ->> 1",
    },
}

_STATEMENTS = {
    (name, template): text(template.format(**parts))
    for name, parts in _LISTS.items()
    for template in (_LOCK_HEADS, _BY_BUSINESS_KEY, _QUEUE, _WAITING, _INDEX, _UNQUEUE, _SEALED)
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


def queue_for_sealing(connection: Connection) -> TextClause:
    """Put the entries with the ids in JSON `list` into the inbox."""
    return _STATEMENTS[connection.dialect.name, _QUEUE]


def waiting(connection: Connection) -> TextClause:
    """The first `limit` rows of the inbox, in its order, with what the entry itself says."""
    return _STATEMENTS[connection.dialect.name, _WAITING]


def add_to_index(connection: Connection) -> TextClause:
    """Number the positions in JSON `list` from log index `first` on."""
    return _STATEMENTS[connection.dialect.name, _INDEX]


def take_from_inbox(connection: Connection) -> TextClause:
    """Remove the positions in JSON `list` from the inbox."""
    return _STATEMENTS[connection.dialect.name, _UNQUEUE]


def sealed_among(connection: Connection) -> TextClause:
    """Cases of those pairs (case, sequence number) in JSON `list` whose entry is in the log."""
    return _STATEMENTS[connection.dialect.name, _SEALED]


def upsert(table: Table, *, postgresql: bool) -> sqlite.Insert | postgresql_dialect.Insert:
    """An INSERT that takes ON CONFLICT clauses."""
    return postgresql_dialect.insert(table) if postgresql else sqlite.insert(table)
