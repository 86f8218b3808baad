"""What a verification found: counts, and every failure with its place."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from schemas.base import Model

KEPT = 1000
"""Failures told one by one; the rest are counted."""


class Failure(Model):
    """One thing that does not hold, and where."""

    check: str
    """Stable name of the check: `sequence`, `previous_hash`, `leaf_hash`, `column`, ..."""
    detail: str
    case: str | None = None
    seq: int | None = None
    id: str | None = None


class Report(Model):
    """Outcome of a verification. Without a look at all of the ledger it is never `verified`."""

    verified: bool
    origin: str | None = None
    cases: int = 0
    entries: int = 0
    openings: int = 0
    failure_count: int = 0
    failures: tuple[Failure, ...] = Field(default=(), max_length=KEPT)


class Findings:
    """Failures as they are found, of which a bounded number is kept."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0
        self.kept: list[Failure] = []

    def add(self, check: str, detail: str, **place: Any) -> None:
        """Note one failure; `place` is any of `case`, `seq` and `id`."""
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append(Failure(check=check, detail=detail, **place))
