"""What an audit of histories says: checks with verdicts, each with the events and entries they rest on."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from schemas.base import Model

SHOWN = 20
"""Findings kept of one check; the rest is counted."""


class Verdict(StrEnum):
    """How a check ended. What could not be judged is never called a pass."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


class Kind(StrEnum):
    """The checks, in the order in which they are made."""

    INTEGRITY = "integrity"
    """The bytes are the ones whose hash the ledger holds."""
    STRUCTURE = "structure"
    """It is a whole history: numbered, linked, begun and ended, of a bearable size."""
    COMPLETENESS = "completeness"
    """Every step on record has its entries, every entry its step, and every message its answer."""
    REPLAY = "replay"
    """Today's procedures take the same kinds of steps in the same order."""
    STRICT = "strict"
    """They take the very same steps, and would have had the very same entries recorded."""


class Source(StrEnum):
    """Where a history was taken from."""

    ARCHIVE = "archive"
    ENGINE = "engine"
    FILE = "file"
    MISSING = "missing"
    """The ledger knows the run; its history is nowhere."""


class Finding(Model):
    """One thing that does not hold, and where."""

    said: str
    event: int | None = None
    """Id of the history event."""
    entry: str | None = None
    """Id of the ledger entry."""
    seq: int | None = None
    """Its place in the chain of its case."""


class Check(Model):
    """One check of one history."""

    check: Kind
    verdict: Verdict
    said: str = ""
    """Why a check was not applicable, or what limits its verdict."""
    findings: tuple[Finding, ...] = ()
    count: int = 0
    """Findings in all; the first ones are listed."""


class RunAudit(Model):
    """The audit of one run's history."""

    workflow_id: str
    run_id: str
    workflow_type: str
    case: str
    source: Source
    open: bool
    """Labelled as a run that has not ended."""
    events: int
    checks: tuple[Check, ...]

    @property
    def failed(self) -> bool:
        """Whether any check failed."""
        return any(each.verdict is Verdict.FAIL for each in self.checks)


class AuditReport(Model):
    """Everything one audit looked at. `passed` is False as well where nothing was there to look at."""

    origin: str
    """Name of the ledger's origin; empty without a ledger."""
    passed: bool
    runs: tuple[RunAudit, ...]


def judged(kind: Kind, findings: Iterable[Finding], said: str = "") -> Check:
    """A pass without findings, a failure with any."""
    found = tuple(findings)
    verdict = Verdict.FAIL if found else Verdict.PASS
    return Check(check=kind, verdict=verdict, said=said, findings=found[:SHOWN], count=len(found))


def skipped(kind: Kind, said: str) -> Check:
    """A check that could not be made, and why."""
    return Check(check=kind, verdict=Verdict.NOT_APPLICABLE, said=said)


def failed(kind: Kind, said: str) -> Check:
    """A failure of the whole check, at no particular place."""
    return judged(kind, [Finding(said=said)])
