"""Supervision matters (督查事项): what people do with them, and what they are while they run."""

from __future__ import annotations

from pydantic import Field

from .acts import Act
from .base import Code, Text
from .intake import IntakeRequest
from .matters import MatterInput, MatterState
from .supervision_rules import Level

ENTRIES = (
    "assigned",
    "chase_issued",
    "chase_missed",
    "closed",
    "contributed",
    "entered",
    "lead_opened",
    "noted",
    "progress_reported",
    "registered",
    "reopened",
    "reported",
    "sent_back",
    "taken",
    "verified",
)
"""Types of its entries."""


class EnterMatter(Act):
    """立项: it is a matter from now on, of this type and with this limit."""

    type: str = ""
    """Another type than proposed."""
    days: int | None = Field(default=None, ge=1, le=3660)
    """Another limit than the type's, as the instruction states it."""


class AssignMatter(Act):
    """交办: one owner, and those who help."""

    to_post: Code
    co_owners: tuple[Code, ...] = Field(default=(), max_length=20)
    """Posts that contribute."""


class Contribute(Act):
    """协办: what a co-owner has done."""


class ReportProgress(Act):
    """进展报告: how far it is; no limit stops for it."""


class ReportMatter(Act):
    """办结报告: what was done; its attachments are the evidence."""


class Chase(Act):
    """催办: a chase sheet before the engine would issue one."""

    level: Level = Level.BLUE


class VerifyMatter(Act):
    """核实: by somebody who had no part in it; or it is sent back."""

    passed: bool = True


class ReopenMatter(Act):
    """重新督办: what was verified did not last."""


class CloseMatter(Act):
    """办结归档: never without evidence."""


class SupervisionState(MatterState):
    """A supervision matter."""

    type: Code
    days: int | None = None
    owner_post: str = ""
    co_owners: tuple[Code, ...] = ()
    """Posts."""
    owners: tuple[Code, ...] = ()
    """Staff numbers of everybody who has answered for the work, and of the other officers of those posts."""
    evidence: tuple[str, ...] = ()
    """SHA-256 of what was handed in as evidence."""
    reports: int = 0
    sheet: Level | None = None
    """The open chase sheet."""
    sheets: int = 0
    reopenings: int = 0
    leads: int = 0


class SupervisionRequest(IntakeRequest):
    """An instruction, decision, task or finding that is to become a matter."""

    type: Code
    instruction: Text = Field(min_length=1)
    """What is to be done; official text, not sealed."""
    document: str = ""
    """Number of the paper, minutes or instruction it comes from."""
    days: int | None = Field(default=None, ge=1, le=3660)
    """The limit as stated there, in the unit of the type's own."""


class SupervisionInput(MatterInput):
    """Start of a supervision matter."""

    type: Code = "-"
    instruction: Text = ""
    document: str = ""
    days: int | None = None
    resumed: SupervisionState | None = None
