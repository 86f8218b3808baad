"""Errors of the ledger: what cannot become evidence, told before anything is written."""

from __future__ import annotations

from schemas.entries import Receipt
from schemas.errors import ConflictError, UsageError, VerificationError, YangguangError


class NotCanonicalError(UsageError):
    """A value lies outside the restricted RFC 8785 profile."""

    default_code = "not_canonical"


class LeafTooLargeError(UsageError):
    """The entry exceeds the 65,535 bytes a tlog-tiles entry bundle can hold."""

    default_code = "leaf_too_large"


class BadEntryError(UsageError):
    """The entry cannot be written as asked: reserved name, malformed digest, missing key."""

    default_code = "bad_entry"


class ClockDisagreementError(YangguangError):
    """The workflow's clock runs ahead of the ledger's by more than the tolerance."""

    default_code = "clock_disagreement"


class SealRefusedError(VerificationError):
    """What waits to be sealed is not what was recorded: somebody has to look, nothing repairs itself."""

    default_code = "seal_refused"


class SignerRefusedError(VerificationError):
    """The log does not continue what was signed before: a signature would cover up for somebody."""

    default_code = "signer_refused"


class LedgerConflictError(ConflictError):
    """Same entry id or business key, other content. Trying again never helps."""

    default_code = "ledger_conflict"

    def __init__(
        self, message: str, *, reason: str, entry_id: str, offered: str, stored: Receipt | None
    ) -> None:
        """`reason` is `content`, `business_key` or `split`; `offered` is the hash of the refused content.

        `stored` is the receipt of the entry that was there first; None when a call comes back
        with more entries than it had (`split`).
        """
        super().__init__(message)
        self.reason = reason
        self.entry_id = entry_id
        self.offered = offered
        self.stored = stored
