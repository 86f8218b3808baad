"""The supervision office's reports (督查室周报、月报、季报): the table (M07).

Led by the discipline committee and independent of the business sections, the office reviews and signs what
was computed from the ledger; a period has one signed report, which another may only supersede.
"""

from __future__ import annotations

from enum import StrEnum

from rules.procedures.base import TURNED_AWAY, ActRule, Procedure, Silence, common
from rules.report.periods import PREFIX
from schemas import acts
from schemas import report as told
from schemas.profile import Role


class ReportStage(StrEnum):
    """States of a report."""

    SCHEDULED = "scheduled"
    GENERATED = "generated"
    REVIEWED = "reviewed"
    SIGNED = "signed"
    DISTRIBUTED = "distributed"
    SUPERSEDED = "superseded"


P = ReportStage
ALIVE = frozenset(P) - {P.SUPERSEDED}
UNSIGNED = frozenset({P.SCHEDULED, P.GENERATED, P.REVIEWED})
VALID = frozenset({P.SIGNED, P.DISTRIBUTED})
OFFICE = (Role.SUPERVISION,)

_TABLE: dict[str, ActRule] = {
    **common(ALIVE),
    "generate": ActRule(
        "重新生成", "compute again", told.Generate, UNSIGNED, roles=OFFICE, needs=("reason",)
    ),
    "review": ActRule(
        "复核", "review", told.Review, frozenset({P.GENERATED}), roles=OFFICE, needs=("opinion",)
    ),
    "sign": ActRule("签发", "sign", told.Sign, frozenset({P.REVIEWED}), roles=OFFICE, needs=("opinion",)),
    "distribute": ActRule(
        "报送", "distribute", told.Distribute, frozenset({P.SIGNED}), roles=(Role.SUPERVISION, Role.OFFICE)
    ),
    "supersede": ActRule("更正替代", "supersede", told.Supersede, VALID, roles=OFFICE, needs=("reason",)),
}

_STATES: dict[str, str] = {
    P.SCHEDULED: "待生成",
    P.GENERATED: "已生成",
    P.REVIEWED: "已复核",
    P.SIGNED: "已签发",
    P.DISTRIBUTED: "已报送",
    P.SUPERSEDED: "已被替代",
    TURNED_AWAY: "未予登记",
}

_LEADS_TO: dict[str, tuple[str, ...]] = {
    "generate": (P.GENERATED,),
    "review": (P.REVIEWED,),
    "sign": (P.SIGNED,),
    "distribute": (P.DISTRIBUTED,),
    "supersede": (P.SUPERSEDED,),
}

REPORT = Procedure(
    "督查报告",
    "report",
    "ReportWorkflow",
    PREFIX,
    _STATES,
    frozenset({P.SUPERSEDED, TURNED_AWAY}),
    _TABLE,
    _LEADS_TO,
    intake=ActRule("立项", "schedule", acts.Note, frozenset({P.SCHEDULED}), roles=OFFICE),
    sections=("reports",),
    silences={
        "report.generated": Silence("生成", "generated", frozenset({P.SCHEDULED}), (P.GENERATED,)),
    },
)
