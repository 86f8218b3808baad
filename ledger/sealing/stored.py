"""The log as it is stored: its tree, its checkpoints with their cosignatures, and where an entry stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.merkle import TileTree, inclusion_proof
from ledger.notes import Note, parse_note, parse_signatures
from ledger.sealing.seal import stored_tile
from ledger.tables import ledger_checkpoint, ledger_cosignature, ledger_entry, ledger_index
from schemas.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Where an entry stands in the log of `size` entries, and the proof of it."""

    index: int
    size: int
    proof: tuple[bytes, ...]


def tree_of(connection: Connection, size: int) -> TileTree:
    """The tree of the first `size` entries; SealRefusedError or ValueError where a tile is wrong."""
    return TileTree(size, lambda tile: stored_tile(connection, tile))


def checkpoint_sizes(connection: Connection) -> Sequence[int]:
    """Sizes of all signed checkpoints, smallest first."""
    return connection.scalars(select(ledger_checkpoint.c.size).order_by(ledger_checkpoint.c.size)).all()


def newest_note(connection: Connection) -> Note | None:
    """The newest checkpoint with its cosignatures; None where nothing is signed yet. Raises NoteError."""
    newest = select(ledger_checkpoint.c.size).order_by(ledger_checkpoint.c.size.desc()).limit(1)
    size = connection.scalar(newest)
    return None if size is None else note_at(connection, size)


def note_at(connection: Connection, size: int) -> Note:
    """The checkpoint of this size with its cosignatures. Raises NotFoundError, NoteError."""
    stored = connection.scalar(select(ledger_checkpoint.c.note).where(ledger_checkpoint.c.size == size))
    if stored is None:
        raise NotFoundError(f"没有大小为 {size} 的检查点 / no checkpoint of size {size} is signed")
    columns = ledger_cosignature.c
    lines = connection.scalars(select(columns.line).where(columns.size == size).order_by(columns.key))
    added = [each for line in lines for each in parse_signatures(line)]
    return parse_note(stored.encode()).signed_also(added)


def log_index(connection: Connection, entry_id: str) -> int | None:
    """Place of an entry in the log, from 0; None while it is not sealed. Raises NotFoundError."""
    query = (
        select(ledger_index.c.log_index)
        .select_from(ledger_entry.outerjoin(ledger_index, ledger_index.c.pos == ledger_entry.c.pos))
        .where(ledger_entry.c.id == entry_id)
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(f"总账中没有记录 {entry_id} / the ledger holds no entry {entry_id}")
    return None if row.log_index is None else int(row.log_index)


def inclusion(connection: Connection, index: int, size: int) -> Inclusion:
    """The proof that the entry at `index` is in the log of `size` entries."""
    proof = inclusion_proof(index, size, tree_of(connection, size).subtree)
    return Inclusion(index, size, tuple(proof))
