"""Supervision matters (督查事项): an instruction, decision or finding that has to be carried out (M08).

Proposed, entered with a type and a limit, assigned to one owner, taken, chased, reported, verified by
somebody who had no part in it, closed on evidence. At every instant one person answers: the supervision
office until the owner has taken it, and again from his report on.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from rules.moments import deadline_of
from rules.policy import Position, post_of
from rules.procedures.supervision import SUPERVISION, SupervisionStage
from rules.refusals import Refusal
from rules.supervision import carer, limit_of, type_of
from schemas.acts import Act, TakeOver
from schemas.clocks import ClockKind
from schemas.matters import MatterResult
from schemas.profile import Post
from schemas.supervision import (
    AssignMatter,
    CloseMatter,
    Contribute,
    EnterMatter,
    ReopenMatter,
    ReportMatter,
    ReportProgress,
    SupervisionInput,
    SupervisionState,
    VerifyMatter,
)
from workflows.matter import act, day_of_receipt
from workflows.supervision_chase import FINISH, REWORK, Chased

REGISTRATION = "registration"
ASSIGNMENT = "assignment"
TAKING = "taking"
VERIFICATION = "verification"
CLOSING = "closing"


@workflow.defn(name="SupervisionWorkflow")
class SupervisionWorkflow(Chased):
    """One supervision matter, from the proposal to the archive."""

    kind = "supervision"
    procedure = SUPERVISION
    start: SupervisionInput

    @workflow.init
    def __init__(self, start: SupervisionInput) -> None:
        """A new matter is proposed; a resumed one goes on where it stood."""
        super().__init__(start)
        at = start.received_at or workflow.now()
        self.start = start
        self.state = start.resumed or SupervisionState(
            state=SupervisionStage.PROPOSED,
            rules=start.rules,
            received_day=day_of_receipt(start, at),
            last_at=at,
            type=start.type,
            days=start.days,
        )
        self.recorded = self.before = start.resumed

    @workflow.run
    async def run(self, start: SupervisionInput) -> MatterResult:
        """The matter's whole life."""
        return await self.live()

    def opening(self) -> None:
        """提出: the supervision office has a working day to enter it."""
        start = self.start
        limit_of(type_of(self.rules, start.type), start.days)
        self._to_carer("")
        self.start_step(REGISTRATION, self.limits.registration)
        said: dict[str, Any] = {"instruction": start.instruction, "document": start.document}
        said |= {"type": start.type, "days": start.days, "digest": start.digest}
        self.write("registered", business_key="registered", **said)

    def position(self) -> Position:
        """Who may act; who had a part in the work neither verifies nor closes it."""
        state = self.state
        helping = (post_of(self.rules, code) for code in state.co_owners)
        co_owners = [("co_owner", who) for post in helping if post for who in (post.a, post.b) if who]
        return Position(
            rules=self.rules,
            state=state.state,
            duty=self.duty,
            offered_post=state.owner_post if state.state == SupervisionStage.ASSIGNED else "",
            people=tuple(dict.fromkeys([*(("owner", who) for who in state.owners), *co_owners])),
        )

    def view(self) -> dict[str, Any]:
        """Columns of the read model."""
        work = self.clock(ClockKind.STEP, REWORK) or self.clock(ClockKind.STEP, FINISH)
        dates = deadline_of(work, self.rules) if work else None
        return {
            "business_key": self.start.business_key,
            "item": self.state.type,
            "channel": self.start.channel.value,
            "received_day": self.state.received_day.isoformat(),
            "lookup_digest": self.start.lookup_digest,
            "closed": self.over_in(self.state.state),
            "promise_due": dates.due.isoformat() if dates and dates.due else None,
        }

    def facts(self) -> dict[str, Any]:
        """What a verifier has to have seen."""
        return {"reports": self.state.reports, "evidence": list(self.state.evidence)}

    def figures(self) -> dict[str, Any]:
        """What it came to."""
        state = self.state
        counts = {"reports": state.reports, "reopenings": state.reopenings, "evidence": len(state.evidence)}
        return {"type": state.type, "owner": state.owner_post, **counts, **self.sheet_view()}

    # -- becoming somebody's work -------------------------------------------------------------

    @act
    def enter(self, message: EnterMatter) -> None:
        """立项: the limit runs from the instruction, not from the day somebody got round to it."""
        type_ = type_of(self.rules, message.type or self.state.type)
        days = message.days or self.state.days
        limit = limit_of(type_, days)
        self.stop_clocks(ClockKind.STEP, self.at, REGISTRATION)
        self.set(state=SupervisionStage.REGISTERED, type=type_.code, days=days)
        self.start_step(ASSIGNMENT, self.limits.assignment)
        duty = self.state.duties[-1]
        on = {"ref": FINISH, "owner": duty.officer, "post": duty.post}
        self.start_clock(ClockKind.STEP, self.state.received_day, limit, **on)
        self.write("entered", type=type_.code, limit=limit.model_dump(mode="json"))

    @act
    def assign(self, message: AssignMatter) -> None:
        """交办: one owner; those who help contribute to his report."""
        owner = self._post(message.to_post)
        helping = tuple(dict.fromkeys(self._post(code).code for code in message.co_owners))
        if owner.code in helping:
            raise Refusal("co_owner_is_owner", post=owner.code)
        self.stop_clocks(ClockKind.STEP, self.at, ASSIGNMENT)
        owners = tuple(dict.fromkeys((*self.state.owners, *(who for who in (owner.a, owner.b) if who))))
        self.set(state=SupervisionStage.ASSIGNED, owner_post=owner.code, co_owners=helping, owners=owners)
        if self.state.reopenings:
            self.start_step(REWORK, self.limits.rework)
        self.work_goes_to(owner.a, owner.code)
        on = {"ref": TAKING, "owner": owner.a, "post": owner.code}
        self.start_clock(ClockKind.HANDOVER, self.told_on, self.limits.taking, **on)
        told = [self._post(code).a for code in helping]
        self.write("assigned", to=owner.code, co_owners=list(helping), notify=(owner.a, *told))

    @act
    def take_over(self, message: TakeOver) -> None:
        """接收: from this instant the owner answers."""
        self.stop_clocks(ClockKind.HANDOVER, self.at, TAKING)
        self.take_duty(message.officer, message.post, "taken")
        self.work_goes_to(message.officer, message.post)
        self.set(state=SupervisionStage.IN_PROGRESS)
        self.write("taken")

    # -- the work ----------------------------------------------------------------------------

    @act
    def contribute(self, message: Contribute) -> None:
        """协办: what a co-owner has done; its attachments are evidence too."""
        self._keep_evidence(message)
        self.write("contributed", notify=(self.state.duties[-1].officer,))

    @act
    def report_progress(self, message: ReportProgress) -> None:
        """进展报告: no limit stops for it."""
        self.write("progress_reported")

    @act
    def report(self, message: ReportMatter) -> None:
        """办结报告: the owner says it is done; now others look."""
        self._keep_evidence(message)
        self.stop_chasing()
        self.set(state=SupervisionStage.REPORTED, reports=self.state.reports + 1)
        self._to_carer("reported")
        self.start_step(VERIFICATION, self.limits.verification)
        self.write("reported", notify=(self.state.duties[-1].officer,))

    @act
    def verify(self, message: VerifyMatter) -> None:
        """核实: by somebody who had no part in it; what does not hold goes back to the owner."""
        self._keep_evidence(message)
        self.stop_clocks(ClockKind.STEP, self.at, VERIFICATION)
        owner = self._post(self.state.owner_post)
        if message.passed:
            self.set(state=SupervisionStage.VERIFIED)
            self.start_step(CLOSING, self.limits.closing)
            self.write("verified")
            return
        self.set(state=SupervisionStage.IN_PROGRESS)
        self.take_duty(owner.a, owner.code, "sent_back")
        self.start_step(REWORK, self.limits.rework)
        self.write("sent_back", notify=(owner.a,))

    @act
    def reopen(self, message: ReopenMatter) -> None:
        """重新督办: what was verified did not last; it is assigned again."""
        most = self.limits.max_reopenings
        if self.state.reopenings >= most:
            raise Refusal("matter_reopened_before", max=most)
        self.stop_clocks(ClockKind.STEP, self.at, CLOSING)
        self.set(state=SupervisionStage.REOPENED, reopenings=self.state.reopenings + 1)
        self.start_step(ASSIGNMENT, self.limits.assignment)
        self.write("reopened")

    @act
    def close(self, message: CloseMatter) -> None:
        """办结归档: nothing is closed without evidence."""
        self._keep_evidence(message)
        if not self.state.evidence:
            raise Refusal("evidence_required")
        self.stop_all(self.at)
        self.set(state=SupervisionStage.CLOSED)
        self.write("closed", figures=self.figures(), evidence=list(self.state.evidence))

    def _keep_evidence(self, message: Act) -> None:
        new = (paper.sha256 for paper in message.attachments)
        self.set(evidence=tuple(dict.fromkeys((*self.state.evidence, *new))))

    def _to_carer(self, ended_by: str) -> None:
        post = carer(self.rules, self.state.owners)
        self.take_duty(post.a, post.code, ended_by)

    def _post(self, code: str) -> Post:
        post = post_of(self.rules, code)
        if post is None:
            raise Refusal("unknown_post", post=code)
        return post
