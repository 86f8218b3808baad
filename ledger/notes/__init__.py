"""Signed statements about the log, in the formats of C2SP: notes, checkpoints, keys."""

from ledger.notes.checkpoint import Checkpoint, parse_checkpoint
from ledger.notes.keys import (
    BadKeyError,
    KeyKind,
    SigningKey,
    Verified,
    VerifierKey,
    generate_key,
    load_key,
    parse_vkey,
    verify_note,
)
from ledger.notes.note import Note, NoteError, Signature, parse_note, parse_signatures

__all__ = [
    "BadKeyError",
    "Checkpoint",
    "KeyKind",
    "Note",
    "NoteError",
    "Signature",
    "SigningKey",
    "Verified",
    "VerifierKey",
    "generate_key",
    "load_key",
    "parse_checkpoint",
    "parse_note",
    "parse_signatures",
    "parse_vkey",
    "verify_note",
]
