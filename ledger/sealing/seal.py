"""Sealing: entries that were recorded get their place in the Merkle log, one batch a transaction.

Of several candidates one at a time holds the log's row. What waits is read from the inbox, so that a
transaction which commits late is merely sealed later: nothing is skipped. Each leaf is hashed again
before it goes in, because a wrong hash that was signed once could never be taken back; the log's row and the
tiles at its right edge are held against each other, for the same reason. All is checked before anything is
written. On SQLite, where there is one writer anyway, entries are sealed in the transaction that records them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError

from ledger.db import Ledger
from ledger.dialect import (
    Waiting,
    add_to_index,
    lock_log,
    put_tiles,
    take_from_inbox,
    tiles_at,
    unsealed_among,
    waiting,
)
from ledger.errors import SealRefusedError
from ledger.merkle import HASH_BYTES, WIDTH, Frontier, Tile, grow, hashes_in
from ledger.tables import ledger_log

BATCH = 1000
"""Entries sealed in one transaction."""

_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sealed:
    """The log after a batch."""

    size: int
    root: bytes
    count: int
    """How many entries this batch added."""
    ends: Mapping[str, int]
    """Last sequence number this batch sealed of each case it met."""


def seal(
    connection: Connection, limit: int = BATCH, *, wait: bool = False, known: Mapping[str, int] = _NOTHING
) -> Sealed | None:
    """Seal one batch in the caller's transaction; None where another candidate is at it.

    `wait` waits for the other instead. `known` are sequence numbers of cases that the caller sealed himself,
    in a transaction that is committed: they are not looked up again. Raises SealRefusedError for an entry, or
    a log, that is not what was recorded; the caller then rolls back.
    """
    log = lock_log(connection, wait=wait)
    if log is None:
        _check_presence(connection)
        return None
    edge = _edge(connection, log)
    tree = _frontier(log.size, edge)
    _check_log(log, tree)
    rows = waiting(connection, limit)
    if not rows:
        return Sealed(tree.size, tree.root(), 0, _NOTHING)
    hashes, ends = [_rehashed(row) for row in rows], _in_order(connection, rows, known)
    try:
        tree = _integrate(connection, log.size, edge, rows, hashes)
    except IntegrityError as error:
        raise SealRefusedError(f"数据库拒绝封存 / the database refuses: {_said(error)}") from None
    return Sealed(tree.size, tree.root(), len(rows), ends)


def seal_waiting(ledger: Ledger) -> int:
    """Seal whatever waits, batch by batch; returns how many entries that were. Raises like `seal`."""
    count, known = 0, dict[str, int]()
    while True:
        with ledger.engine.begin() as connection:
            sealed = seal(connection, wait=True, known=known)
        if sealed is None:
            return count
        count += sealed.count
        known.update(sealed.ends)
        if sealed.count < BATCH:
            return count


def stored_tile(connection: Connection, tile: Tile) -> bytes:
    """The hashes of a tile as they are stored. Raises SealRefusedError where it is missing."""
    for found in tiles_at(connection, [tile]):
        return bytes(found.hashes)
    raise SealRefusedError(f"缺树块 / tile {tile[0]}/{tile[1]} is missing")


def _integrate(
    connection: Connection, old: int, edge: Mapping[Tile, bytes], rows: list[Waiting], hashes: list[bytes]
) -> Frontier:
    """Write it all down; gives the tree as it is then."""
    tiles = grow(old, hashes, edge.__getitem__)
    size = old + len(hashes)
    tree = _frontier(size, {tile: tiles.get(tile) or edge[tile] for tile, _ in _partial(size)})
    positions = [row.pos for row in rows]
    add_to_index(connection, old, positions)
    put_tiles(
        connection, [{"level": level, "number": n, "hashes": each} for (level, n), each in tiles.items()]
    )
    moved = {"to": size, "new_root": tree.root().hex(), "new_frontier": b"".join(tree.hashes)}
    connection.execute(_MOVE_LOG, moved)
    take_from_inbox(connection, positions)
    return tree


_MOVE_LOG = update(ledger_log).values(
    size=bindparam("to"), root=bindparam("new_root"), frontier=bindparam("new_frontier")
)


def _frontier(size: int, edge: Mapping[Tile, bytes]) -> Frontier:
    """The tree that the partial tiles at the right edge of a log of this size tell of."""
    parts: list[bytes] = []
    for tile in sorted(edge, reverse=True):
        subtrees = Frontier()
        subtrees.extend(hashes_in(edge[tile]))
        parts += subtrees.hashes
    return Frontier(size, parts)


def _check_log(log: Any, tree: Frontier) -> None:
    """The log's row and the tiles at its right edge have to tell the same."""
    if (tree.root().hex(), b"".join(tree.hashes)) != (log.root, bytes(log.frontier)):
        raise SealRefusedError(f"树块与日志不符 / the tiles are not those of the log of {log.size} entries")


def _edge(connection: Connection, log: Any) -> dict[Tile, bytes]:
    """The partial tiles at the log's right edge: what is added to."""
    if not isinstance(log.size, int) or log.size < 0:
        raise SealRefusedError(f"日志大小不成立 / a log of {log.size!r:.20} entries cannot be")
    widths = dict(_partial(log.size))
    edge = {(found.level, found.number): bytes(found.hashes) for found in tiles_at(connection, [*widths])}
    for tile, width in widths.items():
        if len(edge.get(tile, b"")) != width * HASH_BYTES:
            told = f"树块缺失或长度不符 / tile {tile[0]}/{tile[1]} is missing or has not {width} hashes"
            raise SealRefusedError(told)
    return edge


def _partial(size: int) -> Iterable[tuple[Tile, int]]:
    """The partial tiles of a log of this size, and how many hashes they hold."""
    level = 0
    while size:
        size, width = divmod(size, WIDTH)
        if width:
            yield (level, size), width
        level += 1


def _rehashed(row: Waiting) -> bytes:
    """Hash of the leaf, which is the recorded one."""
    if row.hashed is None:
        raise SealRefusedError(f"待封记录不存在 / position {row.pos} waits to be sealed, but is not there")
    if row.hashed.hex() != row.leaf_hash:
        _refuse(row, "哈希不符，不予封存 / the leaf's hash is not the recorded one")
    return row.hashed


def _in_order(connection: Connection, rows: list[Waiting], known: Mapping[str, int]) -> dict[str, int]:
    """Where each case has come to: its entries in the order of the chain, none left out before them."""
    first = {row.case_id: row for row in reversed(rows) if row.case_id not in known}
    before = [(row.case_id, row.seq - 1) for row in first.values() if row.seq != 1]
    for case, _ in unsealed_among(connection, before):
        _refuse(first[case], _NOT_SEALED)
    ends = {case: row.seq - 1 for case, row in first.items()}
    for row in rows:
        if row.seq != ends.get(row.case_id, known.get(row.case_id, 0)) + 1:
            _refuse(row, _NOT_SEALED)
        ends[row.case_id] = row.seq
    return ends


_NOT_SEALED = "前一条未封存 / the entry before it is not sealed"


def _refuse(row: Waiting, told: str) -> None:
    raise SealRefusedError(f"{row.case_id} seq {row.seq}: {told}")


def _check_presence(connection: Connection) -> None:
    if not connection.scalar(select(func.count()).select_from(ledger_log)):
        raise SealRefusedError("缺日志 / the log's row is missing")


def _said(error: IntegrityError) -> str:
    return str(error.orig).split("\n")[0]
