"""Proofs that stand alone (C2SP tlog-proof v1): index, inclusion proof and checkpoint of one entry.

What a receipt carries. The extra data is not covered by any signature.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from ledger.merkle import ProofError, verify_inclusion
from ledger.notes.checkpoint import Checkpoint, parse_checkpoint
from ledger.notes.note import MAX_BYTES, Note, decode_base64, decode_hash, decode_number, parse_note

MAX_PROOF_BYTES = MAX_BYTES + (1 << 17)
"""Longer proofs are refused unread: a note, and 128 KiB before it."""

MAX_HASHES = 63
"""No tree whose size fits a checkpoint needs more."""

_HEADER = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "
_INDEX = "index "


@dataclass(frozen=True, slots=True)
class TlogProof:
    """That an entry is in the log whose checkpoint is enclosed."""

    index: int
    proof: tuple[bytes, ...]
    """From the leaf's sibling to the root's child."""
    note: Note
    extra: bytes = b""

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note states; whether to believe it, a policy tells. Raises NoteError."""
        return parse_checkpoint(self.note.text)

    def encode(self) -> bytes:
        """The bytes of the proof."""
        extra = [_EXTRA + b64encode(self.extra).decode()] if self.extra else []
        hashes = (b64encode(each).decode() for each in self.proof)
        lines = (_HEADER, *extra, f"{_INDEX}{self.index}", *hashes, "")
        return "".join(f"{line}\n" for line in lines).encode() + self.note.encode()

    def verify(self, leaf_hash: bytes) -> None:
        """Raises ProofError unless the leaf is in the checkpoint's tree; signatures are not looked at."""
        checkpoint = self.checkpoint
        verify_inclusion(leaf_hash, self.index, checkpoint.size, self.proof, checkpoint.root)


def parse_tlog_proof(raw: bytes) -> TlogProof:
    """Read a proof. Raises ProofError for what is none, NoteError for what encloses no checkpoint."""
    if len(raw) > MAX_PROOF_BYTES:
        raise ProofError(f"证明过大 / a proof of {len(raw)} bytes, at most {MAX_PROOF_BYTES} are read")
    head, blank, note = raw.partition(b"\n\n")
    try:
        header, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        header, lines = "", []
    if not blank or header != _HEADER:
        raise ProofError(f"不是 {_HEADER} / this is no {_HEADER}")
    extra = _extra(lines.pop(0)) if lines and lines[0].startswith(_EXTRA) else b""
    index = _index(lines.pop(0) if lines else "")
    proof = TlogProof(index, _hashes(lines), parse_note(note), extra)
    if index >= proof.checkpoint.size:
        raise ProofError(f"位置不在树内 / leaf {index} is not in a tree of {proof.checkpoint.size}")
    return proof


def _extra(line: str) -> bytes:
    try:
        extra = decode_base64(line.removeprefix(_EXTRA))
    except ValueError:
        extra = b""
    if not extra:
        raise ProofError(f"附加数据格式不符 / not extra data: {line!r:.80}")
    return extra


def _index(line: str) -> int:
    try:
        if line.startswith(_INDEX):
            return decode_number(line.removeprefix(_INDEX))
    except ValueError:
        pass
    raise ProofError(f"位置格式不符 / not the index of an entry: {line!r:.80}")


def _hashes(lines: list[str]) -> tuple[bytes, ...]:
    if len(lines) > MAX_HASHES:
        raise ProofError(f"证明过长 / {len(lines)} hashes, at most {MAX_HASHES} are read")
    try:
        return tuple(decode_hash(line) for line in lines)
    except ValueError:
        raise ProofError("证明中有非哈希的行 / a line of the proof is no hash") from None
