"""Entries of the audit ledger as a workflow asks for them, and the receipts it gets back."""

from __future__ import annotations

from pydantic import Field, JsonValue

from .base import Code, Instant, Model


class SealedField(Model):
    """One personal datum: a salted digest for the leaf, the opening encrypted beside it.

    The opening is `b64url(JSON [salt, name, value])`, the digest the base64url SHA-256 of that
    ASCII string (RFC 9901 disclosure format); `ciphertext` is the opening under the matter's key.
    """

    name: Code
    digest: str
    ciphertext: str
    """base64url, encrypted with the key `key_id`."""
    key_id: str


class EntryDraft(Model):
    """What a workflow wants recorded; the recorder adds sequence, hashes and its own time."""

    type: Code
    """Dotted event type: `case.accepted`, `act.refused`, `clock.breached`."""
    time: Instant
    """Time of the act (asserted)."""
    actor: Code
    """Staff number, or `system`."""
    role: Code
    on_behalf_of: str | None = None
    auth_ref: str | None = None
    """Delegation or rule that allowed the act."""
    business_key: str | None = None
    """Unique per matter where set: a decision can be recorded once only."""
    data: dict[str, JsonValue] = Field(default_factory=dict)
    """No personal data in clear, no floats; times and dates as strings."""
    notify: tuple[str, ...] = ()
    """Staff numbers (or `applicant`) who are to be told."""
    sealed: tuple[SealedField, ...] = ()
    """Openings to keep; their digests go into the leaf under `_sd`."""


class RecordRequest(Model):
    """One call of the recorder: entries that stand or fall together."""

    matter: Code
    """Case id: the chain the entries belong to."""
    now: Instant
    """The workflow's clock when it asked."""
    history_length: int = 0
    entries: tuple[EntryDraft, ...] = Field(min_length=1)


class Receipt(Model):
    """Proof of recording; it enters the workflow history and, for some, the applicant's hand."""

    id: str
    caseseq: int
    leaf_hash: str
    said: str = ""
    """Of an act: digest of what it said. A caller who sent something else under this id is not answered."""


class Receipts(Model):
    """Receipts of one recording call, in the order of its entries."""

    receipts: tuple[Receipt, ...]
