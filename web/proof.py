"""What proves an entry: its bytes and their hash, its place in the log, the checkpoint over it.

Shown as it is stored and computed once more on the way: a page that only repeated a column would prove
nothing.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.canonical import leaf_hash
from ledger.entry import Entry
from ledger.merkle import verify_inclusion
from ledger.notes import Note, parse_checkpoint
from ledger.sealing.stored import inclusion, log_index, newest_note
from schemas.errors import YangguangError


@dataclass(frozen=True)
class ShownProof:
    """The standing of one entry."""

    leaf: str
    leaf_hash: str
    hash_holds: bool
    """The hash on record is that of the bytes."""
    index: int | None
    """Place in the log, from 0; None while it is not sealed."""
    size: int
    """Entries under the newest signed checkpoint; 0 where none is signed."""
    root: str
    path: tuple[str, ...]
    included: bool
    """The path leads from the leaf to the root that is signed."""
    signers: tuple[str, ...]
    """Names of the keys that signed or cosigned it."""


def proof_of(connection: Connection, entry: Entry) -> ShownProof:
    """How an entry is proven now, under the newest checkpoint."""
    index, note = log_index(connection, entry.id), newest_note(connection)
    size, root, signers = _head(note)
    path = inclusion(connection, index, size).proof if index is not None and index < size else ()
    return ShownProof(
        leaf=entry.leaf.decode(),
        leaf_hash=entry.leaf_hash,
        hash_holds=leaf_hash(entry.leaf) == entry.leaf_hash,
        index=index,
        size=size,
        root=b64encode(root).decode(),
        path=tuple(each.hex() for each in path),
        included=index is not None and index < size and _leads(entry, index, size, path, root),
        signers=signers,
    )


def standing_of(connection: Connection, timeline: tuple[Entry, ...]) -> tuple[int | None, int]:
    """(place of the latest entry in the log, entries under the newest signed checkpoint)."""
    if not timeline:
        return None, 0
    return log_index(connection, timeline[-1].id), _head(newest_note(connection))[0]


def _head(note: Note | None) -> tuple[int, bytes, tuple[str, ...]]:
    if note is None:
        return 0, b"", ()
    checkpoint = parse_checkpoint(note.text)
    return checkpoint.size, checkpoint.root, tuple(dict.fromkeys(each.name for each in note.signatures))


def _leads(entry: Entry, index: int, size: int, path: tuple[bytes, ...], root: bytes) -> bool:
    try:
        verify_inclusion(bytes.fromhex(leaf_hash(entry.leaf)), index, size, path, root)
    except (YangguangError, ValueError):
        return False
    return True
