"""Complaints, petitions and the conduct hotline (投诉有门 办理有效 结果透明 督查到位; domain M09, M30).

Every complaint is taken care of by the supervision office, or by the discipline secretary where it is about
that office; handled by a section that it is not about; answered, called back, and shown. Whoever it is about
is kept out of it and is told nothing of it; who complains is sealed, and reading it is an act.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from rules.complaints import check_named, goes_up, ground_of
from rules.moments import deadline_of
from rules.procedures.complaint import COMPLAINT, ComplaintStage
from rules.refusals import Refusal
from schemas.acts import Designate
from schemas.clocks import ClockKind
from schemas.complaint import (
    AcceptComplaint,
    AssignComplaint,
    ComplaintInput,
    ComplaintState,
    DisputeOwner,
    RefuseComplaint,
)
from schemas.entries import Receipt
from schemas.matters import MatterResult, Registration
from workflows.complaint_answers import ASSIGNMENT, OBJECTION, Answers
from workflows.complaint_people import FINISH
from workflows.matter import act, day_of_receipt

ACCEPTANCE = "acceptance"
DESIGNATION = "designation"


@workflow.defn(name="ComplaintWorkflow")
class ComplaintWorkflow(Answers):
    """One complaint, from the register to the call-back."""

    kind = "complaint"
    procedure = COMPLAINT

    @workflow.init
    def __init__(self, start: ComplaintInput) -> None:
        """A new complaint is registered; a resumed one goes on where it stood."""
        super().__init__(start)
        at = start.received_at or workflow.now()
        self.start = start
        self.state = start.resumed or ComplaintState(
            state=ComplaintStage.REGISTERED,
            rules=start.rules,
            received_day=day_of_receipt(start, at),
            last_at=at,
            type=start.type,
            accused=start.accused,
            sections=start.sections,
        )
        self.recorded = self.before = start.resumed

    @workflow.run
    async def run(self, start: ComplaintInput) -> MatterResult:
        """The complaint's whole life."""
        return await self.live()

    def opening(self) -> None:
        """登记: the supervision office takes care of it from now on; a report is a lead at once."""
        start, type_ = self.start, self.complaint_type
        check_named(self.rules, start.accused, start.sections)
        if start.elsewhere:
            ground_of(self.rules, type_, start.elsewhere)
        self.to_desk("")
        self.start_step(ACCEPTANCE, type_.acceptance)
        if not type_.from_acceptance:
            self.start_step(FINISH, type_.finish)
        said: dict[str, Any] = {"type": start.type, "about": start.about, "elsewhere": start.elsewhere}
        said |= {"accused": list(start.accused), "sections": list(start.sections), "digest": start.digest}
        self.write("registered", business_key="registered", **said)
        if type_.opens_lead:
            self.open_own_lead(type_.faults, f"收到举报 / a report was received: {self.id}")

    def registration(self, at: Any, receipt: Receipt) -> Registration:
        """The receipt, with the day by which he is answered, or told whether it is accepted."""
        clock = self.clock(ClockKind.STEP, FINISH) or self.clock(ClockKind.STEP, ACCEPTANCE)
        found = deadline_of(clock, self.rules) if clock else None
        dates = {"promised_day": found.due, "provisional": found.provisional} if found else {}
        return super().registration(at, receipt).model_copy(update=dates)

    def view(self) -> dict[str, Any]:
        """Columns of the read model; of whom it is about only `people` tells."""
        finish = self.clock(ClockKind.STEP, FINISH)
        dates = deadline_of(finish, self.rules) if finish else None
        return {
            "business_key": self.start.business_key,
            "item": self.state.type,
            "channel": self.start.channel.value,
            "received_day": self.state.received_day.isoformat(),
            "lookup_digest": self.start.lookup_digest,
            "outcome": self.state.merit.value if self.state.merit else None,
            "closed": self.over_in(self.state.state),
            "promise_due": dates.due.isoformat() if dates and dates.due else None,
        }

    @act
    def accept(self, message: AcceptComplaint) -> None:
        """受理: ours, and not before a court or another authority already."""
        if goes_up(self.rules, self.state.accused):
            raise Refusal("goes_up")
        if self.start.elsewhere:
            ground = ground_of(self.rules, self.complaint_type, self.start.elsewhere)
            raise Refusal("elsewhere", ground=ground.name, route=ground.route)
        self.stop_clocks(ClockKind.STEP, self.at, ACCEPTANCE)
        self.set(state=ComplaintStage.ACCEPTED)
        self.start_step(ASSIGNMENT, self.limits.assignment)
        if self.complaint_type.from_acceptance:
            self.start_step(FINISH, self.complaint_type.finish)
        self.write("accepted", notified=message.notified, notify=("applicant",))

    @act
    def refuse(self, message: RefuseComplaint) -> None:
        """不予受理: with the reason and the way that is open instead."""
        ground = ground_of(self.rules, self.complaint_type, message.ground)
        self.stop_all(self.at)
        self.set(state=ComplaintStage.NOT_ACCEPTED)
        self.write("not_accepted", ground=ground.code, route=message.route, notify=("applicant",))

    @act
    def assign(self, message: AssignComplaint) -> None:
        """交办: to a section that it is not about; it may object within its time."""
        post = self.fit_post(message.to_post)
        self.stop_clocks(ClockKind.STEP, self.at, ASSIGNMENT)
        self.to_owner(post, "assigned", designated=False)
        theirs = {"ref": OBJECTION, "owner": post.a, "post": post.code}
        self.start_clock(ClockKind.WINDOW, self.told_on, self.complaint_type.objection, **theirs)
        self.write("assigned", to=post.code, notify=(post.a,))

    @act
    def dispute(self, message: DisputeOwner) -> None:
        """承办异议: not competent, with reasons, within its time; once designated never."""
        if self.state.designated:
            raise Refusal("designation_final")
        if self.complaint_type.objection is None:
            raise Refusal("no_objection")
        if not self.window_open(OBJECTION):
            raise Refusal("objection_late")
        proposed = self.known_post(message.proposed_post)
        self.stop_clocks(ClockKind.WINDOW, self.at, OBJECTION)
        self.to_desk("disputed")
        self.set(state=ComplaintStage.DISPUTED)
        self.start_step(DESIGNATION, self.limits.designation)
        self.write("owner_disputed", proposed=proposed.code, notify=(self.state.duties[-1].officer,))

    @act
    def designate(self, message: Designate) -> None:
        """指定承办: the supervision office's word, which cannot be returned."""
        post = self.fit_post(message.to_post)
        self.stop_clocks(ClockKind.STEP, self.at, DESIGNATION)
        self.to_owner(post, "designated", designated=True)
        self.write("owner_designated", to=post.code, notify=(post.a,))
