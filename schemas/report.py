"""The supervision office's report (督查报告): its period, its acts, and how it is pinned to the ledger.

A report is computed from the first entries of the log, up to a position that its own entry names; whoever has
these entries computes the same bytes again (M07).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from .acts import Act
from .base import Code, Instant, Model
from .matters import MatterInput, MatterState

FORMAT = "yangguang-report-1"
"""Names the content, the order and the way of counting: a change of any of them is another format."""


class PeriodKind(StrEnum):
    """How long a report reaches."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class Period(Model):
    """A stretch of local days, both ends included."""

    kind: PeriodKind
    of: Code
    """As people write it: `2026-W25`, `2026-06`, `2026-Q2`."""
    first: date
    last: date


class ReportRange(Model):
    """The entries a report is computed from: places in the log, from 0, and the tree over them."""

    origin: str
    first: int = 0
    last: int
    root: str = Field(pattern=r"^[0-9a-f]{64}$")


class ReportBasis(Model):
    """All that the bytes of a report depend on, besides the entries themselves."""

    format: Code = FORMAT
    number: Code
    period: Period
    starts_at: Instant
    ends_at: Instant
    """First instant after the period."""
    timezone: Code
    profile: Code
    profile_sha256: str
    calendar: Code
    calendar_sha256: str
    rank_from: int
    public_from: int


class ReportMade(Model):
    """A computed report as the ledger names it: where it comes from, and digests of what came of it."""

    range: ReportRange
    digest: str
    """SHA-256 of the report's canonical JSON; its file bears this name."""
    public_digest: str
    """The same of the public edition."""
    figures_digest: str
    """SHA-256 of the figures alone: two reports that found the same agree in it."""
    late: int
    """Entries that belong to the period and were recorded after its end."""


class Generate(Act):
    """重新生成: computed again, because more is on record now."""


class Review(Act):
    """复核: somebody other than the signer has read it."""


class Sign(Act):
    """签发: the head of the supervision office answers for it."""


class Distribute(Act):
    """报送: to those whom the rules name."""


class Supersede(Act):
    """更正替代: another report of the same period takes its place; this one stays as it is."""


class ReportInput(MatterInput):
    """Start of a report."""

    period: Period | None = None
    """None where another report's entry names it."""
    scheduled: bool = False
    """Begun by the calendar, on account of the head of the supervision office."""
    resumed: ReportState | None = None


class ReportState(MatterState):
    """A report (督查报告)."""

    period: Period | None = None
    supersedes: str = ""
    """Number of the report it takes the place of."""
    made: ReportMade | None = None
    reviewed_by: str = ""
    signed_by: str = ""
    recipients: tuple[Code, ...] = ()
    superseded_by: str = ""


ENTRIES: tuple[str, ...] = (
    "registered",
    "noted",
    "generated",
    "regenerated",
    "reviewed",
    "signed",
    "distributed",
    "superseded",
    "lead_opened",
)
"""Types of entries of a report, without `report.`."""
