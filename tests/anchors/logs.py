"""A log in memory, which can also do what no honest log does: fork, roll back, sign with a stolen name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ledger.anchors.request import AddCheckpoint
from ledger.merkle import consistency_proof, leaf_hash, root_of
from ledger.notes import Checkpoint, KeyKind, Note, SigningKey, VerifierKey, generate_key

ORIGIN = "land.example/ledger"
MONDAY = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


@dataclass
class Log:
    """Leaves and the keys that sign for them."""

    origin: str = ORIGIN
    keys: list[SigningKey] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        """One plain key unless some are given."""
        self.keys = self.keys or [generate_key(self.origin, KeyKind.ED25519)]

    @property
    def vkey(self) -> VerifierKey:
        """What the first key is verified with."""
        return self.keys[0].verifier

    def grow(self, count: int, what: str = "honest") -> Log:
        """More leaves; `what` makes them different from those of a fork."""
        first = len(self.leaves)
        self.leaves += [leaf_hash(f"{what} {n}".encode()) for n in range(first, first + count)]
        return self

    def fork(self, at: int) -> Log:
        """Another history under the same keys."""
        return Log(self.origin, self.keys, self.leaves[:at])

    def subtree(self, start: int, end: int) -> bytes:
        """Root over a range of leaves."""
        return root_of(self.leaves[start:end])

    def note(self, size: int | None = None, root: bytes | None = None) -> Note:
        """The signed checkpoint of this size; another root where a test wants the log to lie."""
        size = len(self.leaves) if size is None else size
        text = Checkpoint(self.origin, size, root or self.subtree(0, size)).text
        return Note(text, tuple(key.sign(text, MONDAY) for key in self.keys))

    def request(self, old: int, size: int | None = None) -> AddCheckpoint:
        """The request to add the checkpoint of `size`, with the proof from `old`."""
        size = len(self.leaves) if size is None else size
        return AddCheckpoint(old, tuple(consistency_proof(old, size, self.subtree)), self.note(size))
