"""The signer's own look at the log: new leaves hashed again, nothing of the database taken on trust.

The tree is grown leaf by leaf from what was signed last, in a bounded number of rows at a time, and must
come out as the sealer says; the stored tiles, of which proofs are made, must give the same roots.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.exc import NoResultFound

from ledger.errors import SealRefusedError, SignerRefusedError
from ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash
from ledger.sealing.stored import tree_of
from ledger.tables import ledger_entry, ledger_index, ledger_log

_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Head:
    """The log as the sealer left it."""

    size: int
    root: bytes


def read_head(connection: Connection) -> Head:
    """What the sealer says. Raises SignerRefusedError where it says nothing usable."""
    try:
        row = connection.execute(select(ledger_log.c.size, ledger_log.c.root)).one()
        return Head(int(row.size), bytes.fromhex(row.root))
    except (NoResultFound, ValueError, TypeError) as error:
        raise SignerRefusedError(f"封存的总账不可用 / the log's row cannot be used: {error}") from None


def grow_to(connection: Connection, tree: Frontier, head: Head) -> None:
    """Add the leaves that came since. Raises SignerRefusedError where one is missing, or the root differs."""
    columns = ledger_index.c
    query = (
        select(columns.log_index, ledger_entry.c.leaf)
        .select_from(ledger_index.outerjoin(ledger_entry, ledger_entry.c.pos == columns.pos))
        .where(columns.log_index >= tree.size, columns.log_index < head.size)
        .order_by(columns.log_index)
        .execution_options(yield_per=_ROWS)
    )
    with connection.execute(query) as found:
        for rows in found.partitions():
            tree.extend(_hashes(tree.size, [(row.log_index, row.leaf) for row in rows]))
    if tree.size != head.size:
        raise SignerRefusedError(
            f"缺第 {tree.size} 条 / entry {tree.size} of {head.size} is missing in the log"
        )
    if tree.root() != head.root:
        said = (
            f"根不符 / the leaves of the first {head.size} entries do not make the root that the sealer tells"
        )
        raise SignerRefusedError(said)


def check_tiles(connection: Connection, size: int, root: bytes) -> None:
    """The stored tiles must give this root. Raises SignerRefusedError."""
    try:
        found = tree_of(connection, size).root() if size else EMPTY_ROOT
    except (SealRefusedError, ValueError) as error:
        told = error.message if isinstance(error, SealRefusedError) else str(error)
        raise SignerRefusedError(f"{size}: 树块缺失 / the log's tiles are not whole: {told}") from None
    if found != root:
        raise SignerRefusedError(f"{size}: 树块与根不符 / the stored tiles give another root for this size")


def _hashes(first: int, rows: list[tuple[int, bytes | None]]) -> Iterator[bytes]:
    for expected, (index, leaf) in enumerate(rows, first):
        if index != expected or leaf is None:
            raise SignerRefusedError(f"缺第 {expected} 条 / entry {expected} is missing in the log")
        yield leaf_hash(bytes(leaf))
