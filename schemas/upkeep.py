"""What recurring chores say of themselves: keeping histories, comparing them with the ledger."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .base import Instant, Model

SHOWN = 1000
"""Differences told one by one; the rest are counted."""


class Chore(StrEnum):
    """A recurring duty of the house, not of an officer; its activity bears the same name."""

    ARCHIVE = "archive"
    RECONCILE = "reconcile"
    DETECT = "detect"
    REPORT_WEEK = "report_week"
    REPORT_MONTH = "report_month"
    REPORT_QUARTER = "report_quarter"


class Upkeep(Model):
    """Which chore is due."""

    chore: Chore


class ArchiveState(Model):
    """How far the histories of closed runs are kept."""

    kept: int
    """All histories there are."""
    added: int = 0
    """Kept by this sweep."""
    pending: int = 0
    """Closed runs whose history is not kept yet."""
    oldest_pending: Instant | None = None
    """When the one that waits longest was closed."""
    lag_seconds: int = 0
    """For how long it has been closed."""
    last_sweep: Instant | None = None
    retention_seconds: int = 0
    """How long the engine keeps closed runs; 0 where it does not say."""
    behind: bool = False
    """Whether a history is in danger: it waits beyond the limit, or the engine is about to forget it."""


class Difference(Model):
    """One thing in which ledger and histories do not agree."""

    kind: str
    """Stable name: `entry_missing`, `run_lost`, `terminated`, ..."""
    workflow: str
    run: str
    place: str = ""
    """Where in the run: an entry's id, an activity's id, an event's number."""
    expected: str
    found: str


class Reconciliation(Model):
    """Outcome of comparing all matters both ways."""

    matters: int = 0
    entries: int = 0
    runs: int = 0
    """Runs whose history was read."""
    counts: dict[str, int] = {}
    """Differences by kind."""
    differences: tuple[Difference, ...] = Field(default=(), max_length=SHOWN)
    recorded: int = 0
    """Differences that were not on record before and are now."""

    @property
    def agrees(self) -> bool:
        """Whether there is no difference at all."""
        return not self.counts
