"""Supervision matters (督查事项): the table of an instruction that has to be carried out (domain M08).

One matter, one owner, one sheet; who owns it does not verify it, and without evidence nothing is closed.
"""

from __future__ import annotations

from enum import StrEnum

from rules.procedures.base import SUPERIORS, TURNED_AWAY, ActRule, By, Procedure, common
from schemas import acts, supervision
from schemas.profile import Role


class SupervisionStage(StrEnum):
    """States of a supervision matter."""

    PROPOSED = "proposed"
    REGISTERED = "registered"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    REPORTED = "reported"
    VERIFIED = "verified"
    REOPENED = "reopened"
    CLOSED = "closed"


D = SupervisionStage
ENDED = frozenset({D.CLOSED, TURNED_AWAY})
ALIVE = frozenset(set(D) - ENDED)

OFFICE = (Role.SUPERVISION, Role.DISCIPLINE_SECRETARY)
"""The supervision office, and the discipline secretary to whom it answers."""
VERIFIERS = (*OFFICE, Role.DEPUTY_HEAD, Role.HEAD)
WORKED = ("owner", "co_owner")
"""Whoever had a part in the work."""

_TABLE: dict[str, ActRule] = {
    **common(ALIVE),
    "enter": ActRule("立项", "enter", supervision.EnterMatter, frozenset({D.PROPOSED}), roles=OFFICE),
    "assign": ActRule(
        "交办", "assign", supervision.AssignMatter, frozenset({D.REGISTERED, D.REOPENED}), roles=OFFICE
    ),
    "take_over": ActRule("接收", "take over", acts.TakeOver, frozenset({D.ASSIGNED}), By.OFFERED),
    "contribute": ActRule(
        "协办",
        "contribute",
        supervision.Contribute,
        frozenset({D.IN_PROGRESS}),
        By.PARTY,
        needs=("opinion",),
        parties=("co_owner",),
    ),
    "report_progress": ActRule(
        "进展报告",
        "report progress",
        supervision.ReportProgress,
        frozenset({D.IN_PROGRESS}),
        By.DUTY,
        needs=("opinion",),
    ),
    "chase": ActRule(
        "催办", "chase", supervision.Chase, frozenset({D.ASSIGNED, D.IN_PROGRESS}), roles=OFFICE
    ),
    "report": ActRule(
        "办结报告",
        "report",
        supervision.ReportMatter,
        frozenset({D.IN_PROGRESS}),
        By.DUTY,
        needs=("opinion",),
    ),
    "verify": ActRule(
        "核实",
        "verify",
        supervision.VerifyMatter,
        frozenset({D.REPORTED}),
        roles=VERIFIERS,
        needs=("opinion",),
        barred=WORKED,
    ),
    "reopen": ActRule(
        "重新督办",
        "reopen",
        supervision.ReopenMatter,
        frozenset({D.VERIFIED}),
        roles=VERIFIERS,
        needs=("reason",),
        barred=WORKED,
    ),
    "close": ActRule(
        "办结归档",
        "close",
        supervision.CloseMatter,
        frozenset({D.VERIFIED}),
        roles=OFFICE,
        barred=WORKED,
    ),
}

_STATES: dict[str, str] = {
    D.PROPOSED: "待立项",
    D.REGISTERED: "已立项",
    D.ASSIGNED: "已交办待接收",
    D.IN_PROGRESS: "办理中",
    D.REPORTED: "已报告待核实",
    D.VERIFIED: "已核实",
    D.REOPENED: "重新督办",
    D.CLOSED: "已办结归档",
    TURNED_AWAY: "未予登记",
}

_LEADS_TO: dict[str, tuple[str, ...]] = {
    "enter": (D.REGISTERED,),
    "assign": (D.ASSIGNED,),
    "take_over": (D.IN_PROGRESS,),
    "report": (D.REPORTED,),
    "verify": (D.VERIFIED, D.IN_PROGRESS),
    "reopen": (D.REOPENED,),
    "close": (D.CLOSED,),
}

SUPERVISION = Procedure(
    "督查事项",
    "supervision matter",
    "SupervisionWorkflow",
    "DC",
    _STATES,
    ENDED,
    _TABLE,
    _LEADS_TO,
    intake=ActRule(
        "提出",
        "propose",
        acts.Note,
        frozenset({D.PROPOSED}),
        roles=(*OFFICE, Role.OFFICE, *SUPERIORS),
    ),
    sections=("cards", "supervision"),
)
