"""Checkpoints (C2SP tlog-checkpoint v1.0.0): origin, size and root hash of a log, three lines and no more.

Extension lines are refused: no monitor can audit them, and ML-DSA cosignatures do not cover them. The origin
may be any line of text, as the specification says of it; whose it is, the key that signed it tells.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass

from ledger.merkle import EMPTY_ROOT
from ledger.notes.note import NoteError, decode_hash, decode_number

_LINES = 3
_NOT_IN_ORIGINS = re.compile(r"[\x00-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A Merkle tree head: which log, how many leaves, which root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint. Raises NoteError for anything else."""
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[_LINES]:
        raise NoteError(f"不是检查点 / a checkpoint has three lines, this has {len(lines) - 1}")
    origin, size, root = lines[:_LINES]
    if not origin or _NOT_IN_ORIGINS.search(origin):
        raise NoteError(f"来源名称不可用 / not the origin of a log: {origin!r:.80}")
    checkpoint = Checkpoint(origin, _size(size), _root(root))
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise NoteError("空树根不符 / this is not the root of the empty tree")
    return checkpoint


def _size(text: str) -> int:
    try:
        return decode_number(text)
    except ValueError:
        raise NoteError(f"大小格式不符 / not the size of a tree: {text!r:.80}") from None


def _root(text: str) -> bytes:
    try:
        return decode_hash(text)
    except ValueError:
        raise NoteError(f"根哈希格式不符 / not a root hash: {text!r:.80}") from None
