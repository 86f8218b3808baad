"""The supervision office's reports: when they are due, to whom they go, what is too small to be told."""

from __future__ import annotations

from pydantic import Field

from .base import Code, StrictModel
from .clocks import Limit


class Recipient(StrictModel):
    """Somebody a signed report is sent to."""

    code: Code
    name: Code
    name_en: Code
    post: Code
    """Post whose A officer receives it."""


class ReportRules(StrictModel):
    """One section of a profile. All limits run from the last day of the period."""

    week: Limit | None = None
    month: Limit | None = None
    quarter: Limit | None = None
    begun_late: Limit | None = None
    """From the day it is begun: for a report in place of another, or begun when it was already due."""
    recipients: tuple[Recipient, ...] = ()
    late_codes: tuple[Code, ...] = ()
    """Fault types that a report sent late is a lead for."""
    rank_from: int = Field(default=10, ge=1)
    """A rate over fewer cases than this is not ranked."""
    public_from: int = Field(default=5, ge=1)
    """In the public edition a group of fewer than this is not told."""
