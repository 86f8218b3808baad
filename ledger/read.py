"""Reading entries back, always from the leaf and never from the columns beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson
from sqlalchemy import Connection, Row, select
from sqlalchemy.sql import Select

from ledger.entry import Entry
from ledger.tables import ledger_entry

_COLUMNS = ledger_entry.c


def entries(connection: Connection, case_id: str, *, after: int = 0, limit: int | None = None) -> list[Entry]:
    """Entries of a case in the order of the chain, from the one after sequence number `after`."""
    query = _leaves().where(_COLUMNS.case_id == case_id, _COLUMNS.seq > after).order_by(_COLUMNS.seq)
    return [_entry(row) for row in connection.execute(query.limit(limit))]


def find(connection: Connection, entry_id: str) -> Entry | None:
    """One entry by its id."""
    row = connection.execute(_leaves().where(_COLUMNS.id == entry_id)).first()
    return _entry(row) if row else None


def stream(connection: Connection, size: int = 500) -> Iterator[Sequence[Entry]]:
    """All entries in portions; within a case in the order of its chain."""
    query = _leaves().order_by(_COLUMNS.pos).execution_options(yield_per=size)
    for rows in connection.execute(query).partitions():
        yield [_entry(row) for row in rows]


def _leaves() -> Select[tuple[bytes, str]]:
    return select(_COLUMNS.leaf, _COLUMNS.leaf_hash)


def _entry(row: Row[tuple[bytes, str]]) -> Entry:
    return Entry(orjson.loads(row.leaf), bytes(row.leaf), row.leaf_hash)
