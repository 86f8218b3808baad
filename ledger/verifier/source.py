"""What the verifier reads, portion by portion over the driver itself: rows of the mapper would cost as much
as all checks together.

Every statement is bounded by places in the log or by a list, so that memory is bounded whatever the driver
buffers, and so that several processes can share the work by places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from ledger.dialect import is_postgresql

Row = tuple[Any, ...]
"""Log index, position, id, case, seq, type, acted, recorded, actor, business key, leaf, hash of an entry."""

PORTION = 1024
"""Entries read at once; with leaves of the largest size these are 64 MiB."""

_COLUMNS = "e.id, e.case_id, e.seq, e.type, e.acted, e.recorded, e.actor, e.business_key, e.leaf, e.leaf_hash"
_SEALED = f"""
    SELECT i.log_index, i.pos, {_COLUMNS}
    FROM ledger_index AS i LEFT JOIN ledger_entry AS e ON e.pos = i.pos
    WHERE i.log_index >= ? AND i.log_index < ? ORDER BY i.log_index
"""
_WAITING = f"""
    SELECT NULL, w.pos, {_COLUMNS}
    FROM (SELECT pos FROM ledger_inbox WHERE pos > ? ORDER BY pos LIMIT {PORTION}) AS w
    LEFT JOIN ledger_entry AS e ON e.pos = w.pos ORDER BY w.pos
"""


class Source:
    """One state of the database, read with the driver's own cursors."""

    def __init__(self, connection: Connection) -> None:
        """`connection` sees one state of the database for as long as this lives."""
        # The first statement begins the transaction, which the mapper would otherwise not know of.
        connection.exec_driver_sql("SELECT 1").close()
        self.postgresql = is_postgresql(connection)
        self._raw: Any = connection.connection

    @property
    def driver(self) -> Any:
        """The driver's own connection."""
        return self._raw.driver_connection

    def rows(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """Rows of a statement with `?` for its values."""
        if self.postgresql:
            cursor = self._raw.cursor(binary=True)
            statement = statement.replace("?", "%s")
        else:
            cursor = self._raw.cursor()
        try:
            cursor.execute(statement, values)
            yield from cursor
        finally:
            cursor.close()

    def one(self, statement: str, values: Sequence[Any] = ()) -> Row:
        """The one row of a statement that always has one."""
        (row,) = self.rows(statement, values)
        return row

    def among(self, statement: str, values: Iterable[Any]) -> Iterator[Row]:
        """Rows of a statement with `{}` for a list, asked in slices: databases limit their parameters."""
        wanted = list(values)
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            yield from self.rows(statement.format(", ".join("?" * len(part))), part)

    def sealed(self, start: int, stop: int) -> Iterator[list[Row]]:
        """Portions of the entries at these places of the log, in order."""
        for first in range(start, stop, PORTION):
            yield list(self.rows(_SEALED, (first, min(first + PORTION, stop))))

    def waiting(self) -> Iterator[list[Row]]:
        """Portions of the entries that wait to be sealed, in the order they will be."""
        last = -1
        while portion := list(self.rows(_WAITING, (last,))):
            yield portion
            last = portion[-1][1]
