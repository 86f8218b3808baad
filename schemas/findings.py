"""What detectors have found: how often something was seen of whom, and where it is on record.

A finding accuses nobody; what it means, people find out.
"""

from __future__ import annotations

from .base import Code, Model, Text
from .detector_rules import Pattern
from .fault import EvidenceRef


class Finding(Model):
    """What one detector has seen of one person in one week."""

    detector: Pattern
    officer: Code
    week: Code
    """ISO week, `2026-W24`."""
    times: int
    faults: tuple[Code, ...] = ()
    text: Text
    evidence: tuple[EvidenceRef, ...]
    """The entries; the first ones where there are very many."""
    imported: bool = False
    """Seen in a record of the past: it is told, and opens no lead."""

    @property
    def key(self) -> str:
        """Business key of the lead: one a person, detector and week."""
        return f"detector/{self.detector}/{self.officer}/{self.week}"


class Detections(Model):
    """What a run of the detectors has come to."""

    weeks: tuple[Code, ...]
    entries: int
    findings: tuple[Finding, ...] = ()
    opened: tuple[Code, ...] = ()
    """Numbers of the leads opened now; one that was there before is not opened again."""
