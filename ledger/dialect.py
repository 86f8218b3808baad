"""The statements that SQLite and PostgreSQL write differently, and those on the way of every act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite

from ledger.lists import PARTS, Row, Statement, insert_rows, run
from ledger.merkle import leaf_hash
from ledger.tables import ledger_entry, ledger_tile


class Waiting(NamedTuple):
    """An entry in the inbox."""

    pos: int
    case_id: str
    seq: int
    hashed: bytes | None
    """Hash of its leaf, made anew; None where there is no such entry."""
    leaf_hash: str
    """Hash as it was recorded."""


# On PostgreSQL the update changes nothing: it takes the row's lock and returns the row in one step. Each time
# is read once its row is locked, so that the latest of them is later than all locks. On SQLite the
# transaction is the lock, and a head is made when it first moves.
_LOCK_HEADS = {
    "postgresql": Statement(
        """
        INSERT INTO ledger_case (case_id, seq, head, recorded)
        SELECT {c0}, 0, {c1}, '' FROM {items} ORDER BY 1
        ON CONFLICT (case_id) DO UPDATE SET seq = ledger_case.seq
        RETURNING case_id, seq, head, recorded, clock_timestamp() AS now
        """,
        ("TEXT", "TEXT"),
    ),
    "sqlite": Statement(
        """
        SELECT e.case_id, e.seq, e.head, e.recorded, NULL AS now FROM {items}
        JOIN ledger_case AS e ON e.case_id = {c0}
        """,
        ("TEXT", "TEXT"),
    ),
}

_MOVE_HEADS = Statement(
    """
    INSERT INTO ledger_case (case_id, seq, head, recorded)
    SELECT {c0}, {c1}, {c2}, {c3} FROM {items} WHERE true
    ON CONFLICT (case_id) DO UPDATE SET seq = excluded.seq, head = excluded.head, recorded = excluded.recorded
    """,
    ("TEXT", "BIGINT", "TEXT", "TEXT"),
)

_STORED = Statement(
    """
    SELECT e.leaf, e.leaf_hash FROM {items}
    JOIN {find} ledger_entry AS e {where} e.id = {c0} {found}
    """,
    ("TEXT",),
)

_BY_BUSINESS_KEY = Statement(
    """
    SELECT e.leaf, e.leaf_hash FROM {items}
    JOIN {find} ledger_entry AS e {where} e.case_id = {c0} AND e.business_key = {c1} {found}
    """,
    ("TEXT", "TEXT"),
)

_QUEUE = Statement(
    "INSERT INTO ledger_inbox (pos) SELECT e.pos FROM {items} JOIN ledger_entry AS e ON e.id = {c0}",
    ("TEXT",),
)

_LOG = "SELECT size, root, frontier FROM ledger_log"

_WAITING = """
    SELECT w.pos, e.case_id, e.seq, e.leaf, e.leaf_hash
    FROM (SELECT pos FROM ledger_inbox ORDER BY pos LIMIT {limit:d}) AS w
    LEFT JOIN {find} ledger_entry AS e {where} e.pos = w.pos {found} ORDER BY w.pos
"""

_UNSEALED = Statement(
    """
    SELECT {c0} AS case_id, {c1} AS seq FROM {items} WHERE (
        SELECT i.log_index FROM ledger_entry AS e JOIN ledger_index AS i ON i.pos = e.pos
        WHERE e.case_id = {c0} AND e.seq = {c1}
    ) IS NULL
    """,
    ("TEXT", "BIGINT"),
)

_TILES = Statement(
    """
    SELECT e.level, e.number, e.hashes FROM {items}
    JOIN {find} ledger_tile AS e {where} e.level = {c0} AND e.number = {c1} {found}
    """,
    ("INTEGER", "BIGINT"),
)

_INDEX = Statement(
    "INSERT INTO ledger_index (log_index, pos) SELECT {c0}, {c1} FROM {items}", ("BIGINT", "BIGINT")
)

_UNQUEUE = {
    "postgresql": Statement("DELETE FROM ledger_inbox WHERE pos = ANY({array})", ("BIGINT",)),
    "sqlite": Statement("DELETE FROM ledger_inbox WHERE pos IN (SELECT {c0} FROM {items})", ("BIGINT",)),
}

_OVER_TILES = "ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes"


def is_postgresql(connection: Connection) -> bool:
    """Whether several processes write at once and the database has a clock."""
    return connection.dialect.name == "postgresql"


def lock_heads(connection: Connection, cases: Iterable[str], none: str) -> Sequence[Any]:
    """Heads of the cases, locked in sorted order until the transaction ends.

    Rows of case_id, seq, head, recorded and the database's time (None where it has no clock). A case without
    head has none here on SQLite, and one with seq 0 and hash `none` on PostgreSQL.
    """
    statement = _LOCK_HEADS[connection.dialect.name]
    return run(connection, statement, [(case, none) for case in sorted(cases)]).all()


def move_heads(connection: Connection, heads: Sequence[tuple[str, int, str, str]]) -> None:
    """Set the heads of cases that are locked: case id, sequence number, hash, time of recording."""
    run(connection, _MOVE_HEADS, heads)


def stored_entries(connection: Connection, ids: Iterable[str]) -> Sequence[Any]:
    """Leaves and hashes of the entries with these ids, where there are such."""
    return run(connection, _STORED, [(each,) for each in ids]).all()


def by_business_key(connection: Connection, keys: Sequence[tuple[str, str]]) -> Sequence[Any]:
    """Leaves and hashes of the entries with these pairs of case and business key."""
    return run(connection, _BY_BUSINESS_KEY, keys).all()


def add_entries(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert entries in their order, and queue them for sealing."""
    if is_postgresql(connection):
        insert_rows(
            connection,
            ledger_entry,
            rows,
            "WITH e AS ({} RETURNING pos) INSERT INTO ledger_inbox SELECT pos FROM e",
        )
    else:
        insert_rows(connection, ledger_entry, rows)
        run(connection, _QUEUE, [(row["id"],) for row in rows])


def lock_log(connection: Connection, *, wait: bool) -> Any | None:
    """Size, root and frontier of the log, held until the transaction ends; None where another holds it.

    `wait` waits until the other is done.
    """
    lock = f"FOR UPDATE {'' if wait else 'SKIP LOCKED'}" if is_postgresql(connection) else ""
    return connection.exec_driver_sql(f"{_LOG} {lock}").first()


def waiting(connection: Connection, limit: int) -> list[Waiting]:
    """The first entries of the inbox, in its order, with what the entries themselves say."""
    statement = _WAITING.format(limit=limit, **PARTS[connection.dialect.name])
    if is_postgresql(connection):
        # Leaves in binary: written out as text they would take most of the time that sealing has.
        raw: Any = connection.connection
        with raw.cursor(binary=True) as cursor:
            rows = cursor.execute(statement).fetchall()
    else:
        rows = connection.exec_driver_sql(statement).all()
    return [
        Waiting(pos, case, seq, None if leaf is None else leaf_hash(leaf), told)
        for pos, case, seq, leaf, told in rows
    ]


def unsealed_among(connection: Connection, places: Sequence[tuple[str, int]]) -> Sequence[Any]:
    """Those of these places in chains (case, sequence number) whose entry is not in the log."""
    return run(connection, _UNSEALED, places).all() if places else []


def add_to_index(connection: Connection, first: int, positions: Sequence[int]) -> None:
    """Number the positions from log index `first` on."""
    run(connection, _INDEX, [*enumerate(positions, first)])


def take_from_inbox(connection: Connection, positions: Sequence[int]) -> None:
    """These no longer wait to be sealed."""
    run(connection, _UNQUEUE[connection.dialect.name], [(position,) for position in positions])


def tiles_at(connection: Connection, tiles: Sequence[tuple[int, int]]) -> Sequence[Any]:
    """Those tiles (level, number) that are stored, with their hashes."""
    return run(connection, _TILES, tiles).all()


def put_tiles(connection: Connection, rows: Sequence[Row]) -> None:
    """Store tiles, over what is there of them."""
    insert_rows(connection, ledger_tile, rows, f"{{}} {_OVER_TILES}")


def upsert(table: Table, *, postgresql: bool) -> sqlite.Insert | postgresql_dialect.Insert:
    """An INSERT that takes ON CONFLICT clauses."""
    return postgresql_dialect.insert(table) if postgresql else sqlite.insert(table)
