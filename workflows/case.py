"""Time-limited completion (限时办结制): one application from the window to the archive.

The item's stages, limits, materials and fee are data; this file says what each act does to a case.
Sources: 行政许可法 Art.29-45, 72-75; bureau rules on stages, hand-over, suspension and extension.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from temporalio import workflow

from rules.procedures import CASE, ActRule, By, CaseStage
from rules.refusals import Refusal
from schemas.acts import (
    Accept,
    Charge,
    ClearFlag,
    Decide,
    Deliver,
    NotifyCorrection,
    Outcome,
    RaiseFlag,
    RefusalGround,
    Refuse,
    Resubmit,
    ResultReady,
    ReturnStage,
    SignStage,
    UpperResult,
    Withdraw,
)
from schemas.clocks import ClockKind
from schemas.matters import CaseInput, CaseState, MatterResult, StageState
from schemas.profile import ItemType
from workflows.case_papers import CasePapers
from workflows.case_past import CasePast
from workflows.case_pauses import CasePauses
from workflows.case_review import CaseReview
from workflows.case_time import CaseTime
from workflows.case_view import CaseView
from workflows.matter import act, day_of_receipt


@workflow.defn(name="CaseWorkflow")
class CaseWorkflow(CasePauses, CasePast, CasePapers, CaseReview, CaseTime, CaseView):
    """One case (办件)."""

    kind = "case"
    procedure = CASE

    @workflow.init
    def __init__(self, start: CaseInput) -> None:
        """A new case is received; a resumed one goes on where it stood."""
        super().__init__(start)
        self.start: CaseInput = start
        at = start.received_at or workflow.now()
        self.state = start.resumed or CaseState(
            state=CaseStage.RECEIVED,
            rules=start.rules,
            received_day=day_of_receipt(start, at),
            last_at=at,
            materials=start.materials,
            flags=start.flags,
            stages=tuple(StageState(code=s.code, post=s.post) for s in self.item_of(start).stages),
        )
        self.recorded = self.before = start.resumed

    @workflow.run
    async def run(self, start: CaseInput) -> MatterResult:
        """The case's whole life."""
        return await self.live()

    # -- receipt and acceptance -----------------------------------------------------------

    def intake(self) -> ActRule:
        """At the window; work the bureau begins by itself, at its first stage."""
        rule = super().intake()
        return replace(rule, by=By.STAGE) if self.item.type is ItemType.INTERNAL else rule

    def opening(self) -> None:
        """收件: a receipt with number, date and list; the acceptance limit starts."""
        self.take_duty(self.start.officer, self.start.post, "")
        if self.item.type is ItemType.INTERNAL:
            self.begin_work(self.state.received_day)
        else:
            owner = {"owner": self.start.officer, "post": self.start.post}
            self.start_clock(ClockKind.ACCEPTANCE, self.state.received_day, self.item.acceptance, **owner)
        self.write(
            "registered",
            business_key="registered",
            digest=self.start.digest,
            materials=[piece.model_dump() for piece in self.state.materials],
            notify=("applicant",),
        )

    @act
    def accept(self, message: Accept) -> None:
        """受理: complete, ours and unblocked; the decision limits start, the day of acceptance excluded."""
        self.refuse_if_blocked()
        self.add_materials(message.materials)
        self.check_complete(message)
        day = self.acceptance_day()
        self.stop_clocks(ClockKind.ACCEPTANCE, self.at)
        self.set(open_points=())
        self.begin_work(day)
        self.write("accepted", deferred=list(message.deferred), **self.promised(), notify=("applicant",))

    @act
    def refuse(self, message: Refuse) -> None:
        """不予受理: in writing, with the reason, the remedy and, if not ours, the competent authority."""
        not_ours = message.ground is RefusalGround.NOT_OURS
        if not_ours and not message.authority:
            raise Refusal("authority_required")
        self.stop_all(self.at)
        self.set(state=CaseStage.NOT_OURS if not_ours else CaseStage.NOT_REQUIRED)
        self.write("not_accepted", remedy=message.remedy, authority=message.authority, notify=("applicant",))

    @act
    def notify_correction(self, message: NotifyCorrection) -> None:
        """一次性告知: all missing points once; a second notice only repeats, or names new pieces' defects."""
        self.check_notice(message)
        self.stop_clocks(ClockKind.ACCEPTANCE, self.at)
        first = self.state.notices == 0
        self.set(
            state=CaseStage.CORRECTION_PENDING,
            points=tuple({**dict(self.state.points), **message.points}.items()),
            open_points=tuple(message.points),
            notices=self.state.notices + 1,
            notice_day=self.day(self.at),
            reminded=False,
        )
        facts: dict[str, Any] = {"points": message.points, "second": "" if first else message.second_reason}
        self.write("correction_notified", **facts, notify=("applicant",))

    @act
    def resubmit(self, message: Resubmit) -> None:
        """补正: once every point is met the case is accepted, on the day the last piece arrived."""
        self.add_materials(message.materials)
        open_points = self.meet_points(message.satisfied)
        self.drop_deferred(message.materials)
        accepted = self.state.state == CaseStage.CORRECTION_PENDING and not open_points
        if accepted:
            self.refuse_if_blocked()
            day = self.day(self.at) if message.materials else self.acceptance_day()
            self.stop_clocks(ClockKind.ACCEPTANCE, self.at)
            self.begin_work(day)
        elif open_points and message.materials:
            self.check_new_pieces()
        facts: dict[str, Any] = {"satisfied": list(message.satisfied), "open": list(open_points)}
        self.write(
            "accepted" if accepted else "resubmitted", **facts, **(self.promised() if accepted else {})
        )

    # -- stages ---------------------------------------------------------------------------

    @act
    def sign_stage(self, message: SignStage) -> None:
        """环节签署: opinion and signature; the next stage is offered the case."""
        index = self.stage_to_sign(message.stage)
        if index == self.deciding:
            raise Refusal("use_decide")
        self.check_resolution(self.item.stages[index].code, message.resolution, agrees=message.agrees)
        self.sign(index, agrees=message.agrees)
        self._go_on()
        self.write(
            "stage_signed", stage=self.item.stages[index].code, agrees=message.agrees, **_numbered(message)
        )

    @act
    def return_stage(self, message: ReturnStage) -> None:
        """退回上一环节: no clock is reset; the time is charged to the stage whose work was sent back."""
        earlier = self.earlier_stage(message.to)
        self.set_aside_stage()
        self.reopen_stage(earlier)
        self.write("stage_returned", to=message.to, notify=(self.stage_owner,))

    @act
    def decide(self, message: Decide) -> None:
        """决定: granted, refused with reason and remedy, or reported up; internal procedures end with it."""
        index = self.stage_to_sign(message.stage)
        if index != self.deciding:
            raise Refusal("not_deciding", stage=self.item.stages[index].code)
        self.check_decision(message)
        if message.outcome is not Outcome.REFUSED:
            self.check_resolutions()
        self.sign(index, agrees=message.outcome is not Outcome.REFUSED)
        self.set_outcome(message.outcome)
        self._go_on()
        key = None if self.imported else "decision"
        facts = {"outcome": message.outcome.value, "document": message.document, "remedy": message.remedy}
        self.write(
            "decided", business_key=key, stage=self.item.stages[index].code, **facts, notify=("applicant",)
        )
        refused = message.outcome is Outcome.REFUSED
        nothing_left = refused or self.next_stage() is None
        if self.item.type is ItemType.INTERNAL and nothing_left and not self.imported:
            self._close()

    @act
    def upper_result(self, message: UpperResult) -> None:
        """上级批复: the upper level's answer to a case reported up."""
        if message.outcome is Outcome.REPORTED_UP:
            raise Refusal("not_forwarded_item")
        self.set_outcome(message.outcome)
        facts = {"outcome": message.outcome.value, "document": message.document, "remedy": message.remedy}
        self.write("upper_result", **facts, notify=("applicant",))

    def _go_on(self) -> None:
        """On to the next stage, before the entry is written that tells of it."""
        following = self.next_stage()
        if following is not None and self.state.outcome is not Outcome.REFUSED:
            self.enter_stage(following, self.day(self.at), self.told_on)

    # -- result and end -------------------------------------------------------------------

    @act
    def result_ready(self, message: ResultReady) -> None:
        """办结: the result lies at the window and the applicant is told; the promise stops."""
        self.check_ready(message)
        self.stop_clocks(ClockKind.PROMISE, self.at)
        if not self.imported:
            self.set(state=CaseStage.RESULT_READY)
        self.set(ready_day=self.day(self.at))
        facts = {"document": message.document, "notified": message.notified}
        self.write("result_ready", **facts, figures=self.figures(), notify=("applicant",))

    @act
    def deliver(self, message: Deliver) -> None:
        """送达: signed for, or told and not collected; the file is checked and closed."""
        self.stop_clocks(ClockKind.DELIVERY, self.at)
        self.write("delivered", method=message.method, no_show=message.no_show)
        self._close()

    def _close(self) -> None:
        missing = self.missing_papers()
        if missing:
            raise Refusal("incomplete", missing="、".join(missing))
        self.stop_all(self.at)
        self.set(state=CaseStage.CLOSED)
        self.write("closed", figures=self.figures())

    @act
    def withdraw(self, message: Withdraw) -> None:
        """撤回: the applicant takes his application back, until the decision."""
        self._end(CaseStage.WITHDRAWN)
        self.write("withdrawn")

    def _end(self, state: CaseStage) -> None:
        self.stop_all(self.at)
        self.set(state=state, pause=None, offer=None)

    # -- flags and fees -------------------------------------------------------------------

    @act
    def raise_flag(self, message: RaiseFlag) -> None:
        """设置限制: nothing is accepted or granted while it stands."""
        if message.flag not in self.item.blocking_flags:
            raise Refusal("unknown_flag", flag=message.flag)
        if message.flag in self.state.flags:
            raise Refusal("flag_exists", flag=message.flag)
        self.set(flags=(*self.state.flags, message.flag))
        self.write("flag_raised", flag=message.flag)

    @act
    def clear_flag(self, message: ClearFlag) -> None:
        """解除限制."""
        if message.flag not in self.state.flags:
            raise Refusal("no_such_flag", flag=message.flag)
        self.set(flags=tuple(flag for flag in self.state.flags if flag != message.flag))
        self.write("flag_cleared", flag=message.flag)

    @act
    def charge(self, message: Charge) -> None:
        """收费: nothing on a zero-fee item, never above the standard, never without a receipt."""
        limit = self.item.fee.max_fen or 0
        if limit == 0 and message.amount_fen:
            raise Refusal("zero_fee")
        if self.state.charged_fen + message.amount_fen > limit:
            raise Refusal("over_fee", max=limit)
        if message.amount_fen and not message.receipt_no:
            raise Refusal("receipt_no_required")
        self.set(charged_fen=self.state.charged_fen + message.amount_fen)
        self.write("charged", amount_fen=message.amount_fen, receipt_no=message.receipt_no)


def _numbered(message: SignStage) -> dict[str, Any]:
    return {"resolution": message.resolution} if message.resolution else {}
