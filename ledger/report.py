"""What a verification found: how far the proof reaches, and every failure with its place."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from schemas.base import Model

KEPT = 1000
"""Failures told one by one; the rest are counted."""


class Label(StrEnum):
    """What is proven of the whole ledger: the weakest of its ranges, or that something does not hold."""

    ANCHORED = "anchored"
    """Somebody outside vouches for every entry."""
    SIGNED_ONLY = "signed_only"
    """The log's own key vouches for the newest entries, nobody else does."""
    UNSIGNED = "unsigned"
    """Entries are sealed that no checkpoint covers yet."""
    UNSEALED = "unsealed"
    """Entries wait to be sealed."""
    FAILED = "failed"
    """Something does not hold, or could not be looked at."""


class Failure(Model):
    """One thing that does not hold, and where."""

    check: str
    """Stable name of the check: `sequence`, `previous_hash`, `leaf_hash`, `column`, `checkpoint`, ..."""
    detail: str
    case: str | None = None
    seq: int | None = None
    id: str | None = None
    index: int | None = None
    """Place in the log, from 0."""
    size: int | None = None
    """Size of the checkpoint, note or token."""


class Span(Model):
    """Entries that are equally well proven: places in the log, how many, and when they were recorded."""

    first: int | None = None
    """None for entries that have no place in the log yet."""
    last: int | None = None
    count: int = 0
    first_recorded: str | None = None
    last_recorded: str | None = None


class Report(Model):
    """Outcome of a verification. Without a look at all of the ledger it is never `verified`."""

    verified: bool
    label: Label = Label.FAILED
    origin: str | None = None
    cases: int = 0
    entries: int = 0
    openings: int = 0
    redacted: int = 0
    """Sealed fields whose opening was destroyed on record."""
    anchored: Span = Span()
    signed_only: Span = Span()
    unsigned: Span = Span()
    unsealed: Span = Span()
    root: str | None = None
    """Root hash (hex) over all sealed entries, as computed from their bytes."""
    checkpoints: int = 0
    notes: int = 0
    """Notes from outside that agree with the log."""
    tokens: int = 0
    """Time-stamp tokens that hold."""
    tokens_unchecked: int = 0
    """Tokens for which no trusted root was given."""
    time_rules: bool = True
    """Whether recorded times were held against checkpoints; a simulation's times are not the world's."""
    missing: tuple[str, ...] = ()
    """What a verification still lacks where nothing contradicts: sentences."""
    failure_count: int = 0
    failures: tuple[Failure, ...] = Field(default=(), max_length=KEPT)

    @property
    def consistent(self) -> bool:
        """Whether nothing contradicts, however far the proof reaches."""
        return self.failure_count == 0


class Findings:
    """Failures as they are found, of which a bounded number is kept."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0
        self.kept: list[Failure] = []

    def add(self, check: str, detail: str, **place: Any) -> None:
        """Note one failure; `place` is any of `case`, `seq`, `id`, `index` and `size`."""
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append(Failure(check=check, detail=detail, **place))

    def take(self, other: Findings) -> None:
        """Add what another found."""
        self.count += other.count
        self.kept += other.kept[: KEPT - len(self.kept)]
