"""Signed statements about the log, in the formats of C2SP: notes, checkpoints, keys, policies, proofs."""

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
from ledger.notes.note import (
    Note,
    NoteError,
    Signature,
    decode_base64,
    decode_hash,
    decode_number,
    parse_note,
    parse_signatures,
)
from ledger.notes.policy import (
    Authority,
    BadPolicyError,
    Checked,
    Group,
    LogKey,
    Policy,
    PolicyWitness,
    parse_policy,
)
from ledger.notes.tlog_proof import TlogProof, parse_tlog_proof

__all__ = [
    "Authority",
    "BadKeyError",
    "BadPolicyError",
    "Checked",
    "Checkpoint",
    "Group",
    "KeyKind",
    "LogKey",
    "Note",
    "NoteError",
    "Policy",
    "PolicyWitness",
    "Signature",
    "SigningKey",
    "TlogProof",
    "Verified",
    "VerifierKey",
    "decode_base64",
    "decode_hash",
    "decode_number",
    "generate_key",
    "load_key",
    "parse_checkpoint",
    "parse_note",
    "parse_policy",
    "parse_signatures",
    "parse_tlog_proof",
    "parse_vkey",
    "verify_note",
]
