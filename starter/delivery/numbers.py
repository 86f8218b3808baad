"""Entries by ledger number: the one order of all chains, without gaps, in which nothing appears late.

The number is the entry's place in the Merkle log. Positions in the table would not do: of two transactions
the later position may be committed first, and who reads by position passes over the other for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from ledger.entry import Entry
from ledger.tables import ledger_entry, ledger_index, ledger_log


@dataclass(frozen=True, slots=True)
class Numbered:
    """An entry and its ledger number, from 0."""

    number: int
    entry: Entry


def reached(connection: Connection) -> int:
    """The next number that will be given; 0 while there is no entry."""
    return int(connection.scalar(select(ledger_log.c.size)) or 0)


def numbered(connection: Connection, first: int, limit: int) -> list[Numbered]:
    """Entries from number `first` on, in order."""
    query = _entries().where(ledger_index.c.log_index >= first).order_by(ledger_index.c.log_index)
    return list(_read(connection.execute(query.limit(limit)).all()))


def at_number(connection: Connection, number: int) -> Numbered | None:
    """The entry of one number."""
    rows = connection.execute(_entries().where(ledger_index.c.log_index == number)).all()
    return next(_read(rows), None)


def _entries() -> Any:
    joined = ledger_index.join(ledger_entry, ledger_entry.c.pos == ledger_index.c.pos)
    columns = (ledger_index.c.log_index, ledger_entry.c.leaf, ledger_entry.c.leaf_hash)
    return select(*columns).select_from(joined)


def _read(rows: Sequence[Row[Any]]) -> Iterator[Numbered]:
    for row in rows:
        entry = Entry(orjson.loads(row.leaf), bytes(row.leaf), row.leaf_hash)
        yield Numbered(int(row.log_index), entry)
