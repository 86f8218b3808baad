"""After a petition's answer: review (复查), recheck (复核), final (信访工作条例 Art.35-36).

The petitioner has thirty days to disagree, the organ above thirty days to answer; after the recheck, or when
he lets his time pass, the answer is final. The organ above is none of ours: its limit runs against nobody.
"""

from __future__ import annotations

from datetime import datetime

from rules.procedures.complaint import ComplaintStage
from rules.refusals import Refusal
from schemas.clocks import Clock, ClockKind, Limit
from schemas.complaint import AnswerReview, RequestReview
from workflows.complaint_people import Concerned
from workflows.matter import act

REVIEW = "review"
RECHECK = "recheck"
CALLBACK = "callback"
CLOSING = "closing"


class Remedies(Concerned):
    """What a petitioner may do against an answer."""

    def answered(self, remedy: str, limit: Limit | None) -> None:
        """There is an answer: he is called back, and may ask for what is still open to him."""
        self.set(called_back=False)
        self.start_step(CALLBACK, self.limits.callback)
        self.start_clock(ClockKind.WINDOW, self.told_on, limit, ref=remedy, owner="applicant")

    def window_open(self, *refs: str) -> bool:
        """Whether the time to ask for one of these runs."""
        return any(clock.ref in refs for clock in self.running(ClockKind.WINDOW))

    @act
    def request_review(self, message: RequestReview) -> None:
        """申请复查: by the petitioner, registered by whoever takes it in."""
        self._ask_for(REVIEW, self.complaint_type.review_answer)
        self.set(state=ComplaintStage.REVIEW)
        self.write("review_requested")

    @act
    def answer_review(self, message: AnswerReview) -> None:
        """复查意见: the answer of the organ above."""
        self.stop_clocks(ClockKind.STEP, self.at, REVIEW)
        self.set(state=ComplaintStage.REVIEWED)
        self.answered(RECHECK, self.complaint_type.recheck)
        self._write_answer("review_answered", message)

    @act
    def request_recheck(self, message: RequestReview) -> None:
        """申请复核: the last thing that can be asked for."""
        self._ask_for(RECHECK, self.complaint_type.recheck_answer)
        self.set(state=ComplaintStage.RECHECK)
        self.write("recheck_requested")

    @act
    def answer_recheck(self, message: AnswerReview) -> None:
        """复核意见: final; the same facts and reasons are not accepted again."""
        self.stop_clocks(ClockKind.STEP, self.at, RECHECK)
        self.set(state=ComplaintStage.FINAL)
        self.answered("", None)
        self._write_answer("recheck_answered", message)

    def _ask_for(self, ref: str, answer: Limit | None) -> None:
        if not self.window_open(ref):
            raise Refusal("no_review_open")
        self.stop_clocks(ClockKind.WINDOW, self.at, ref)
        for waiting in (CALLBACK, CLOSING):
            self.stop_clocks(ClockKind.STEP, self.at, waiting)
        self.start_clock(ClockKind.STEP, self.told_on, answer, ref=ref)
        self.set(remedies=self.state.remedies + 1)

    def _write_answer(self, entry: str, message: AnswerReview) -> None:
        said = {"outcome": message.outcome.value, "document": message.document}
        self.write(entry, **said, notify=("applicant",))

    def window_closed(self, clock: Clock, at: datetime) -> None:
        """终结: he let his time pass. A section that lets its own pass stays the owner."""
        if clock.ref not in (REVIEW, RECHECK):
            super().window_closed(clock, at)
            return
        duty = self.state.duties[-1]
        self.set(state=ComplaintStage.FINAL)
        if self.state.called_back:
            due = {"ref": CLOSING, "owner": duty.officer, "post": duty.post}
            self.start_clock(ClockKind.STEP, self.day(at), self.limits.closing, **due)
        self.write_system("final", at, duty.officer, ref=clock.ref, notify=("applicant",))
