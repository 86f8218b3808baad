"""The procedures as tables: which act is possible in which state, by whom, with what, and where it leads.

One file a kind of matter, one row an act. Workflows, command line, pages and tests all read these tables; the
effects of an act are in the workflow file of its procedure; a test holds every recorded step against them.
"""

from __future__ import annotations

from rules.procedures.base import TURNED_AWAY, ActRule, By, Procedure, Silence
from rules.procedures.case import CASE, DECIDED, UNDECIDED, CaseStage
from rules.procedures.inquiry import INQUIRY, InquiryStage

PROCEDURES: dict[str, Procedure] = {"case": CASE, "inquiry": INQUIRY}
"""By kind of matter."""


def has_ended(kind: str, state: str) -> bool:
    """Whether a matter of this kind is over in this state."""
    return kind in PROCEDURES and state in PROCEDURES[kind].ended


def state_name(kind: str, state: str) -> str:
    """The state's Chinese name."""
    return PROCEDURES[kind].states.get(state, state) if kind in PROCEDURES else state


__all__ = [
    "CASE",
    "DECIDED",
    "INQUIRY",
    "PROCEDURES",
    "TURNED_AWAY",
    "UNDECIDED",
    "ActRule",
    "By",
    "CaseStage",
    "InquiryStage",
    "Procedure",
    "Silence",
    "has_ended",
    "state_name",
]
