"""The procedures as tables: which act is possible in which state, by whom, with what, and where it leads.

One file a kind of matter, one row an act. Workflows, command line, pages and tests all read these tables; the
effects of an act are in the workflow file of its procedure; a test holds every recorded step against them.
"""

from __future__ import annotations

from rules.procedures.base import TURNED_AWAY, ActRule, By, Procedure, Silence
from rules.procedures.card import CARD, CardStage
from rules.procedures.case import CASE, DECIDED, UNDECIDED, CaseStage
from rules.procedures.complaint import COMPLAINT, ComplaintStage
from rules.procedures.fault import FAULT, FaultStage
from rules.procedures.inquiry import INQUIRY, InquiryStage
from rules.procedures.report import REPORT, ReportStage
from rules.procedures.review import REVIEW, ReviewStage
from rules.procedures.supervision import SUPERVISION, SupervisionStage

PROCEDURES: dict[str, Procedure] = {
    "case": CASE,
    "inquiry": INQUIRY,
    "card": CARD,
    "report": REPORT,
    "review": REVIEW,
    "complaint": COMPLAINT,
    "supervision": SUPERVISION,
    "fault": FAULT,
}
"""By kind of matter."""


def has_ended(kind: str, state: str) -> bool:
    """Whether a matter of this kind is over in this state."""
    return kind in PROCEDURES and state in PROCEDURES[kind].ended


def state_name(kind: str, state: str) -> str:
    """The state's Chinese name."""
    return PROCEDURES[kind].states.get(state, state) if kind in PROCEDURES else state


__all__ = [
    "CARD",
    "CASE",
    "COMPLAINT",
    "DECIDED",
    "FAULT",
    "INQUIRY",
    "PROCEDURES",
    "REPORT",
    "REVIEW",
    "SUPERVISION",
    "TURNED_AWAY",
    "UNDECIDED",
    "ActRule",
    "By",
    "CardStage",
    "CaseStage",
    "ComplaintStage",
    "FaultStage",
    "InquiryStage",
    "Procedure",
    "ReportStage",
    "ReviewStage",
    "Silence",
    "SupervisionStage",
    "has_ended",
    "state_name",
]
