"""Errors a person or a program may meet, each with a stable code and an exit code.

YangguangError            exit 1
├── UsageError            exit 2  bad input: what is wrong and where
├── VerificationError     exit 3  evidence does not hold
├── NotPermittedError     exit 4  refused, with the reason
├── ConflictError         exit 5  something else is already there
├── NotFoundError         exit 1
├── PendingError          exit 1  accepted, not yet recorded
└── UnavailableError      exit 1  engine or database out of reach
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class YangguangError(Exception):
    """Base of all errors: one clear sentence and a stable code programs can rely on."""

    exit_code = 1
    default_code = "error"

    def __init__(self, message: str, *, code: str = "", details: Mapping[str, Any] | None = None) -> None:
        """`message` says what and where; `code` is stable across releases.

        `details` is what programs get beside the sentence (`ledger_seq`, `changed`, `winner`), JSON values.
        """
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.details: dict[str, Any] = dict(details or {})


class UsageError(YangguangError):
    """The input is wrong: unknown item, wrong type, unreadable file."""

    exit_code = 2
    default_code = "usage"


class VerificationError(YangguangError):
    """Evidence is missing, altered or does not fit together."""

    exit_code = 3
    default_code = "verification_failed"


class NotPermittedError(YangguangError):
    """The rules refuse the act; the refusal itself is recorded where a matter exists."""

    exit_code = 4
    default_code = "not_permitted"


class ConflictError(YangguangError):
    """The same key is already used for something else."""

    exit_code = 5
    default_code = "conflict"


class NotFoundError(YangguangError):
    """No such matter, entry or file."""

    default_code = "not_found"


class PendingError(YangguangError):
    """The engine holds the act; its record completes when the database is back."""

    default_code = "pending"


class UnavailableError(YangguangError):
    """The engine or the database cannot be reached."""

    default_code = "unavailable"
