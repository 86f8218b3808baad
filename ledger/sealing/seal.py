"""Sealing: entries that were recorded get their place in the Merkle log, one batch a transaction.

Of several candidates one at a time holds the log's row. What waits is read from the inbox, so that a
transaction which commits late is merely sealed later: nothing is skipped. Each leaf is hashed again
before it goes in, because a wrong hash that was signed once could never be taken back.
On SQLite, where there is one writer anyway, entries are sealed in the transaction that records them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update

from ledger.canonical import canonical
from ledger.db import Ledger
from ledger.dialect import add_to_index, is_postgresql, sealed_among, take_from_inbox, upsert, waiting
from ledger.errors import SealRefusedError
from ledger.merkle import HASH_BYTES, Frontier, Tile, grow, leaf_hash
from ledger.tables import ledger_log, ledger_tile

BATCH = 1000
"""Entries sealed in one transaction."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The log after a batch."""

    size: int
    root: bytes
    count: int
    """How many entries this batch added."""


def seal(connection: Connection, limit: int = BATCH) -> Sealed | None:
    """Seal one batch in the caller's transaction; None where another candidate is at it.

    Raises SealRefusedError for an entry that is not what was recorded; the caller then rolls back.
    """
    log = connection.execute(
        select(ledger_log.c.size, ledger_log.c.frontier).with_for_update(skip_locked=True)
    ).first()
    if log is None:
        return None
    tree = _tree(log.size, bytes(log.frontier))
    rows = connection.execute(waiting(connection), {"limit": limit}).all()
    if rows:
        _integrate(connection, tree, rows)
    return Sealed(tree.size, tree.root(), len(rows))


def seal_waiting(ledger: Ledger) -> int:
    """Seal whatever waits, batch by batch; returns how many entries that were. Raises like `seal`."""
    count = 0
    while True:
        with ledger.engine.begin() as connection:
            sealed = seal(connection)
        if sealed is None or not sealed.count:
            return count
        count += sealed.count


def _integrate(connection: Connection, tree: Frontier, rows: Sequence[Row[Any]]) -> None:
    hashes = [_rehashed(row) for row in rows]
    _check_order(connection, rows)
    places = canonical([row.pos for row in rows]).decode()
    connection.execute(add_to_index(connection), {"first": tree.size, "list": places})
    _store_tiles(connection, grow(tree.size, hashes, lambda tile: stored_tile(connection, tile)))
    tree.extend(hashes)
    moved = {"size": tree.size, "root": tree.root().hex(), "frontier": b"".join(tree.hashes)}
    connection.execute(update(ledger_log).values(moved))
    connection.execute(take_from_inbox(connection), {"list": places})


def _tree(size: int, frontier: bytes) -> Frontier:
    parts = [frontier[at : at + HASH_BYTES] for at in range(0, len(frontier), HASH_BYTES)]
    try:
        return Frontier(size, parts)
    except ValueError as error:
        raise SealRefusedError(f"树的记录不成立 / the log's row does not hold: {error}") from None


def _rehashed(row: Row[Any]) -> bytes:
    if row.leaf is None:
        raise SealRefusedError(f"待封记录不存在 / position {row.pos} waits to be sealed, but is not there")
    found = leaf_hash(bytes(row.leaf))
    if found.hex() != row.leaf_hash:
        where = f"{row.case_id} seq {row.seq}"
        raise SealRefusedError(f"{where}: 哈希不符，不予封存 / the leaf's hash is not the recorded one")
    return found


def _check_order(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    """Within a case entries are sealed in the order of its chain, and none is left out."""
    last: dict[str, int] = {}
    before: dict[str, int] = {}
    for row in rows:
        if row.case_id not in last:
            before[row.case_id] = row.seq - 1
        elif row.seq != last[row.case_id] + 1:
            _out_of_order(row.case_id, row.seq)
        last[row.case_id] = row.seq
    continued = {case: seq for case, seq in before.items() if seq}
    pairs = canonical(list(continued.items())).decode()
    for case in set(continued).difference(connection.scalars(sealed_among(connection), {"list": pairs})):
        _out_of_order(case, continued[case] + 1)


def _out_of_order(case: str, seq: int) -> None:
    raise SealRefusedError(f"{case} seq {seq}: 前一条未封存 / the entry before it is not sealed")


def stored_tile(connection: Connection, tile: Tile) -> bytes:
    """The hashes of a tile as they are stored. Raises SealRefusedError where it is missing."""
    level, number = tile
    found = connection.scalar(
        select(ledger_tile.c.hashes).where(ledger_tile.c.level == level, ledger_tile.c.number == number)
    )
    if found is None:
        raise SealRefusedError(f"缺树块 / tile {level}/{number} is missing")
    return bytes(found)


def _store_tiles(connection: Connection, tiles: dict[Tile, bytes]) -> None:
    statement = upsert(ledger_tile, postgresql=is_postgresql(connection))
    statement = statement.on_conflict_do_update(
        index_elements=["level", "number"], set_={"hashes": statement.excluded.hashes}
    )
    rows = [{"level": level, "number": n, "hashes": hashes} for (level, n), hashes in tiles.items()]
    connection.execute(statement, rows)
