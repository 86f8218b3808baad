"""The body of `add-checkpoint` (C2SP tlog-witness): old size, consistency proof, checkpoint.

Both sides use it: whoever publishes writes it, the witness reads what strangers wrote.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace

from ledger.notes import (
    Checkpoint,
    Note,
    NoteError,
    decode_hash,
    decode_number,
    parse_checkpoint,
    parse_note,
)
from schemas.errors import UsageError

MAX_BYTES = 1 << 17
"""Longer bodies are refused unread: 63 hashes and two dozen post-quantum signatures fit."""

MAX_PROOF = 63
"""Hashes of a consistency proof; the specification allows no more."""

_OLD = "old "


class BadRequestError(UsageError):
    """Bytes that are no request to add a checkpoint."""

    default_code = "bad_request"


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A checkpoint for a witness, with the proof that it continues the one of `old` entries."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def encode(self) -> bytes:
        """The bytes of the body."""
        lines = [f"{_OLD}{self.old}", *(b64encode(each).decode() for each in self.proof)]
        return ("\n".join(lines) + "\n\n").encode() + self.note.encode()

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says. Raises NoteError.

        An empty tree with another root is read all the same: the specification wants it refused as a
        contradiction and not as malformed.
        """
        origin, size, *rest = self.note.text.split("\n")
        if size != "0":
            return parse_checkpoint(self.note.text)
        return replace(parse_checkpoint("\n".join((origin, "1", *rest))), size=0)


def parse_request(raw: bytes) -> AddCheckpoint:
    """Read a body. Raises BadRequestError for anything else, naming what is wrong."""
    if len(raw) > MAX_BYTES:
        raise BadRequestError(f"请求过大 / a request of {len(raw)} bytes, at most {MAX_BYTES} are read")
    head, blank, note = raw.partition(b"\n\n")
    if not blank:
        raise BadRequestError("缺空行 / the empty line before the checkpoint is missing")
    first, *proof = head.decode("ascii", "replace").split("\n")
    if len(proof) > MAX_PROOF:
        raise BadRequestError(f"证明过长 / {len(proof)} hashes of proof, at most {MAX_PROOF}")
    try:
        request = AddCheckpoint(_old(first), tuple(_hash(line) for line in proof), parse_note(note))
        if request.old > request.checkpoint.size:
            raise BadRequestError(f"旧树大于新树 / old {request.old} is more than {request.checkpoint.size}")
    except NoteError as error:
        raise BadRequestError(error.message) from None
    return request


def _old(line: str) -> int:
    try:
        if line.startswith(_OLD):
            return decode_number(line.removeprefix(_OLD))
    except ValueError:
        pass
    raise BadRequestError(f"首行格式不符 / not a line `old <size>`: {line!r:.80}")


def _hash(line: str) -> bytes:
    try:
        return decode_hash(line)
    except ValueError:
        raise BadRequestError(f"证明行格式不符 / not a hash in base64: {line!r:.80}") from None
