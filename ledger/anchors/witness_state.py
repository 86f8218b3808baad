"""What a witness does with a checkpoint (C2SP tlog-witness, `add-checkpoint`), apart from HTTP.

A checkpoint is compared with the one seen last, stored and cosigned in one transaction that has the state to
itself, and no cosignature leaves before that is on the disk. So the state is never behind a cosignature,
whoever races and whatever is killed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from ledger.anchors.request import AddCheckpoint, parse_request
from ledger.anchors.witness_folder import Seen, Witness, WitnessedLog, log_in, logs, transaction
from ledger.merkle import EMPTY_ROOT, ProofError, verify_consistency
from ledger.notes import Checkpoint, Note, NoteError, Signature, Verified, verify_note
from schemas.errors import VerificationError

CLOCK_STEP_SECONDS = 60
"""A clock set back by less is waited out by repeating the last time; by more, nothing is cosigned."""


class Refusal(StrEnum):
    """Why a witness does not cosign."""

    UNKNOWN_LOG = "unknown_log"
    UNTRUSTED = "untrusted_signature"
    OTHER_SIZE = "other_size"
    INCONSISTENT = "inconsistent"
    CLOCK = "clock_went_back"


class CheckpointRefusedError(VerificationError):
    """The witness does not cosign: why, and what size it has seen last where that is the reason."""

    def __init__(self, reason: Refusal, message: str, size: int = 0) -> None:
        """`message` is for the operator of the log."""
        super().__init__(message, code=reason.value)
        self.reason = reason
        self.size = size


def add_checkpoint(witness: Witness, raw: bytes, now: Callable[[], datetime]) -> tuple[Signature, ...]:
    """Check a request, keep its checkpoint as the newest of its log, and cosign it.

    Raises BadRequestError, CheckpointRefusedError and UnavailableError; nothing is kept or signed then.
    """
    request = parse_request(raw)
    checkpoint = request.checkpoint
    signed = _check_signed(witness, request.note, checkpoint)
    with transaction(witness.folder) as database:
        _check_continues(request, checkpoint, log_in(database, checkpoint.origin).seen)
        at = _time(database, now())
        cosignatures = tuple(key.sign(request.note.text, at) for key in witness.keys)
        note = Note(request.note.text, (*(each.signature for each in signed), *cosignatures))
        _keep(database, checkpoint, at, note)
    return cosignatures


def newest_note(witness: Witness, origin_hash: str) -> bytes | None:
    """The newest note cosigned for the log whose origin has this SHA-256 in hex; None where there is none."""
    found = (log for log in logs(witness) if sha256(log.origin.encode()).hexdigest() == origin_hash)
    return next((log.seen.note for log in found if log.seen), None)


def _check_signed(witness: Witness, note: Note, checkpoint: Checkpoint) -> tuple[Verified, ...]:
    """The signatures of the log; unknown keys are ignored, a known key must have signed as it should."""
    log = _known(witness, checkpoint.origin)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise CheckpointRefusedError(Refusal.INCONSISTENT, "空树根不符 / not the root of the empty tree")
    try:
        return verify_note(note, log.keys)
    except NoteError as error:
        raise CheckpointRefusedError(Refusal.UNTRUSTED, error.message) from None


def _known(witness: Witness, origin: str) -> WitnessedLog:
    with transaction(witness.folder) as database:
        log = log_in(database, origin)
    if not log.keys:
        raise CheckpointRefusedError(
            Refusal.UNKNOWN_LOG, f"未知的日志 / this log is not known: {origin:.200}"
        )
    return log


def _check_continues(request: AddCheckpoint, checkpoint: Checkpoint, seen: Seen | None) -> None:
    size, root = (seen.size, seen.root) if seen else (0, EMPTY_ROOT)
    if request.old != size:
        told = f"见证所见大小为 {size} / the witness has seen {size} entries, not {request.old}"
        raise CheckpointRefusedError(Refusal.OTHER_SIZE, told, size)
    try:
        verify_consistency(size, checkpoint.size, request.proof, root, checkpoint.root)
    except ProofError as error:
        raise CheckpointRefusedError(Refusal.INCONSISTENT, error.message) from None


def _time(database: sqlite3.Connection, now: datetime) -> datetime:
    """The time to claim: now, and never before a time that was claimed already, for whatever log."""
    last = database.execute("SELECT max(time) FROM latest").fetchone()[0] or 0
    seconds = int(now.timestamp())
    if last - seconds > CLOCK_STEP_SECONDS:
        told = f"时钟倒退 / the witness's clock is {last - seconds} s behind a time it has claimed"
        raise CheckpointRefusedError(Refusal.CLOCK, told)
    return datetime.fromtimestamp(max(seconds, last), UTC)


def _keep(database: sqlite3.Connection, checkpoint: Checkpoint, at: datetime, note: Note) -> None:
    row = (checkpoint.origin, checkpoint.size, checkpoint.root, int(at.timestamp()), note.encode())
    database.execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?, ?)", row)
