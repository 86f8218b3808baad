"""Error accountability (行政过错责任追究): one fault case, from the lead to its file.

线索 → 初核 → 立案调查 → 报告 → 告知 → 陈述申辩 → 复核 → 集体讨论 → 决定 → 送达 → 救济 → 生效 → 归档.
Each step is a file of its own beside this one; the software proposes, counts days and refuses what the
rules forbid. It never decides.
Sources: domain 3.2-3.10; 政务处分法; 公务员法; 行政机关公务员处分条例.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from rules.facts import digest_of
from rules.procedures.fault import FAULT, FaultStage
from schemas.fault import FaultInput, FaultState
from schemas.matters import MatterResult
from workflows.fault_decision import FaultDecisions
from workflows.fault_defence import FaultDefence
from workflows.fault_inquiry import FaultInquiry
from workflows.fault_lead import FaultLeads
from workflows.fault_transfers import FaultTransfers
from workflows.matter import day_of_receipt


@workflow.defn(name="FaultWorkflow")
class FaultWorkflow(FaultLeads, FaultInquiry, FaultDefence, FaultDecisions, FaultTransfers):
    """One fault case (过错追究案件)."""

    kind = "fault"
    procedure = FAULT

    @workflow.init
    def __init__(self, start: FaultInput) -> None:
        """A new case is a lead; a resumed one goes on where it stood."""
        super().__init__(start)
        at = start.received_at or workflow.now()
        self.state = start.resumed or FaultState(
            state=FaultStage.LEAD,
            rules=start.rules,
            received_day=day_of_receipt(start, at),
            last_at=at,
        )
        self.recorded = self.before = start.resumed

    @workflow.run
    async def run(self, start: FaultInput) -> MatterResult:
        """The case's whole life."""
        return await self.live()

    def view(self) -> dict[str, Any]:
        """Columns of the read model."""
        state = self.state
        return {
            "business_key": self.start.business_key,
            "channel": self.start.channel.value,
            "received_day": state.received_day.isoformat(),
            "accepted_day": state.accepted_day.isoformat() if state.accepted_day else None,
            "lookup_digest": self.start.lookup_digest,
            "closed": self.over_in(state.state),
            "outcome": state.decision.outcome.value if state.decision else None,
            "about": state.lead.about.number if state.lead.about else None,
        }

    def facts(self) -> dict[str, Any]:
        """What a signer must have seen: the rows, the defences, what is proposed, how the meeting stands."""
        state = self.state
        return {
            "rows": digest_of([row.model_dump(mode="json") for row in state.rows]),
            "defences": [(each.officer, dict(each.points)) for each in state.defences],
            "proposed": [each.model_dump(mode="json") for each in state.proposed],
            "session": self.session_facts(),
        }

    def figures(self) -> dict[str, Any]:
        """What the case comes to."""
        state = self.state
        decided = state.decision.model_dump(mode="json") if state.decision else {}
        shown = {
            "source": state.lead.source,
            "codes": list(state.lead.codes),
            "about": state.lead.about.number if state.lead.about else "",
            "accused": list(self.accused),
            "route": state.route,
            "team": list(state.team),
            "joined": list(state.joined),
            "outcome": decided.get("outcome", ""),
            "document": decided.get("document", ""),
            "sanctions": [each.model_dump(mode="json") for each in state.sanctions],
            "transfers": {each.ref: each.status.value for each in state.transfers},
            "remedies": [each.model_dump(mode="json") for each in state.remedies],
        }
        return {**shown, "rows": {row.officer: row.degree.value for row in state.rows}, **self._meeting()}

    def _meeting(self) -> dict[str, Any]:
        found = self.session_figures()
        return {"session": found} if found else {}
