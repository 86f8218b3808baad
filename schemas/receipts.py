"""The applicant's receipt as a document: what was recorded of his matter, with the proof beside it.

Everything is text or a whole number exactly as written, so that a document has one digest whoever reads it,
and nothing that was changed is read as the same.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import ConfigDict

from .base import StrictModel

FORMAT = "yangguang-receipt/1"
"""A change in the document or in the words of its page is a new format: old receipts stay verifiable."""


class Standing(StrEnum):
    """How far the proof of a receipt reaches."""

    RECORDED = "recorded"
    """In the bureau's database, not yet in its log."""
    SEALED = "sealed"
    """In the log, under no signature yet."""
    SIGNED = "signed"
    """In a log that the bureau's key signed; no witness is asked for, or too few have cosigned."""
    WITNESSED = "witnessed"
    """In a log that as many witnesses cosigned as its policy asks for."""


class _Part(StrictModel):
    # Strict: a number in quotes, or true for 1, is another document.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ReceivedPart(_Part):
    """When the submission was received."""

    at: str
    """RFC 3339, as the leaf says it."""
    day: str
    """The local day that counts."""


class DayPart(_Part):
    """One day of the derivation."""

    day: str
    counted: bool
    n: int
    zh: str
    en: str


class PromisePart(_Part):
    """The promised date and how it comes about."""

    day: str
    provisional: bool
    zh: str
    en: str
    days: tuple[DayPart, ...]
    profile: str
    profile_sha256: str
    calendar: str
    calendar_sha256: str


class EntryPart(_Part):
    """The registration's entry: its canonical bytes as text, and what they say of themselves."""

    id: str
    seq: int
    type: str
    recorded: str
    leaf_hash: str
    """Hex SHA-256(0x00 || leaf), RFC 6962 section 2.1."""
    leaf: str


class ProofPart(_Part):
    """Where the entry stands in the log, and the proof (C2SP tlog-proof with the checkpoint)."""

    origin: str
    index: int
    size: int
    tlog_proof: str


class OpeningPart(_Part):
    """One of the applicant's own fields, with what opens its digest."""

    digest: str
    name: str
    value: str
    opening: str


class RedactionPart(_Part):
    """The entry by which the fields were destroyed."""

    id: str
    recorded: str


class ReceiptDocument(_Part):
    """A receipt. `sha256` is over the canonical bytes of all the rest."""

    format: str
    number: str
    kind: str
    lookup_code: str
    received: ReceivedPart
    promise: PromisePart | None
    """None where nothing is promised, or the rules of that day are not at hand."""
    standing: str
    entry: EntryPart
    proof: ProofPart | None
    """None while nothing is signed."""
    keys: tuple[str, ...]
    """Verifier keys (C2SP vkey) of the log and its witnesses, as the policy names them."""
    policy: str
    """C2SP tlog-policy; empty while nothing is signed."""
    openings: tuple[OpeningPart, ...]
    redaction: RedactionPart | None
    sha256: str
