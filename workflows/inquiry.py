"""First-inquiry responsibility (首问负责制): whoever is asked first answers until somebody else does.

The first officer reached by visit, phone, letter or web is responsible until the matter is
answered, or confirmed received by the right person. At every instant exactly one person answers.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from rules.moments import deadline_of
from rules.policy import Position
from rules.procedures import INQUIRY, InquiryStage
from rules.refusals import Refusal
from schemas.acts import Answer, Close, Guide, Rate
from schemas.clocks import ClockKind
from schemas.entries import Receipt
from schemas.matters import InquiryInput, InquiryState, MatterResult, Registration
from workflows.handover import HandOvers
from workflows.matter import act, day_of_receipt

CONTACT = ("name", "phone", "address")
"""Sealed fields by which a citizen can be answered; an anonymous question has no reply limit."""


@workflow.defn(name="InquiryWorkflow")
class InquiryWorkflow(HandOvers[InquiryState]):
    """One inquiry, from the first contact to its answer or to its acceptance by the right officer."""

    kind = "inquiry"
    procedure = INQUIRY

    @workflow.init
    def __init__(self, start: InquiryInput) -> None:
        """A new inquiry is open; a resumed one goes on where it stood."""
        super().__init__(start)
        at = start.received_at or workflow.now()
        self.state = start.resumed or InquiryState(
            state=InquiryStage.OPEN,
            rules=start.rules,
            received_day=day_of_receipt(start, at),
            last_at=at,
            first_officer=start.officer,
        )
        self.recorded = self.before = start.resumed

    @workflow.run
    async def run(self, start: InquiryInput) -> MatterResult:
        """The inquiry's whole life."""
        return await self.live()

    def opening(self) -> None:
        """登记: who asked, who was asked first; the reply limit starts."""
        self.take_duty(self.start.officer, self.start.post, "")
        if any(field.name in CONTACT for field in self.start.sealed):
            self.start_clock(ClockKind.PROMISE, self.state.received_day, self.rules.thresholds.inquiry_reply)
        self.write("registered", business_key="registered", digest=self.start.digest)

    def registration(self, at: Any, receipt: Receipt) -> Registration:
        """The receipt, with the day by which an answer is due."""
        reply = self.clock(ClockKind.PROMISE)
        found = deadline_of(reply, self.rules) if reply else None
        dates = {"promised_day": found.due, "provisional": found.provisional} if found else {}
        return super().registration(at, receipt).model_copy(update=dates)

    def position(self) -> Position:
        """Who may act: whoever has the duty, and whoever it is offered to."""
        offer = self.state.offer
        return Position(
            rules=self.rules,
            state=self.state.state,
            duty=self.duty,
            offered_post=offer.to_post if offer and not offer.disputed else "",
        )

    def view(self) -> dict[str, Any]:
        """Columns of the read model."""
        promise = self.clock(ClockKind.PROMISE)
        dates = deadline_of(promise, self.rules) if promise else None
        return {
            "business_key": self.start.business_key,
            "channel": self.start.channel.value,
            "received_day": self.state.received_day.isoformat(),
            "lookup_digest": self.start.lookup_digest,
            "closed": self.over_in(self.state.state),
            "promise_due": dates.due.isoformat() if dates and dates.due else None,
        }

    def facts(self) -> dict[str, Any]:
        """What has been said so far."""
        return {"answered": self.state.answered, "duties": len(self.state.duties)}

    def figures(self) -> dict[str, Any]:
        """First officer, number of persons responsible, rating."""
        return {
            "first_inquiry_officer": self.state.first_officer,
            "persons": len(self.state.duties),
            "answered": self.state.answered,
            "case": self.state.case,
            "score": self.state.score,
        }

    @act
    def answer(self, message: Answer) -> None:
        """答复: the question is answered; the reply limit is kept or missed now."""
        self._answered()
        self.write("answered", notify=("applicant",))

    @act
    def guide(self, message: Guide) -> None:
        """指引: place, name and phone, or the competent authority outside the bureau."""
        if not (message.contact or message.authority):
            raise Refusal("authority_required")
        self._answered()
        self.write(
            "guided",
            place=message.place,
            contact=message.contact,
            authority=message.authority,
            notify=("applicant",),
        )

    def _answered(self) -> None:
        """A dispute about duty silences nobody: who is asked answers, and the dispute has no object left."""
        if self.state.offer and not self.state.offer.disputed:
            raise Refusal("offer_open")
        self.stop_clocks(ClockKind.HANDOVER, self.at)
        self.stop_clocks(ClockKind.PROMISE, self.at)
        self.set(state=InquiryStage.ANSWERED, answered=True, offer=None)

    def offered(self) -> None:
        """Offered: still the sender's duty."""
        self.set(state=InquiryStage.HANDED_OVER)

    def taken_over(self, post: str) -> None:
        """Accepted: the receiver's duty."""
        self.set(state=InquiryStage.ACCEPTED)

    def given_back(self) -> None:
        """Returned: open again, still the sender's duty."""
        self.set(state=InquiryStage.OPEN)

    @act
    def close(self, message: Close) -> None:
        """办结: answered, or turned into a case by the officer who took it."""
        if not (self.state.answered or message.case):
            raise Refusal("incomplete", missing="答复或办件编号 / an answer or a case number")
        self.stop_all(self.at)
        self.set(state=InquiryStage.CLOSED, case=message.case)
        self.write("closed", case=message.case, figures=self.figures())

    @act
    def rate(self, message: Rate) -> None:
        """评价: the citizen's rating."""
        self.set(score=message.score)
        self.write("rated", score=message.score)
