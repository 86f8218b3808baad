"""Stages of a case: the item's list of steps, their owners, limits and signatures.

Every stage belongs to a post; its limit runs from the day the owner confirmed receipt. Sending a
case back resets no clock: the time is charged to the stage whose work was sent back.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from rules.moments import AWAY, deadline_of
from rules.policy import post_of
from rules.procedures import CaseStage
from rules.refusals import Refusal
from schemas.acts import Outcome, TakeOver
from schemas.clocks import ClockKind, Suspension
from schemas.matters import CaseInput, CaseState, StageState
from schemas.profile import SEPARATED, Item, Post
from workflows.handover import HandOvers


class CaseStages(HandOvers[CaseState]):
    """Where a case is, whose it is, and what it may still take."""

    start: CaseInput

    @staticmethod
    def item_of(start: CaseInput) -> Item:
        """The service item a start names; a start without one is no case."""
        if start.rules.item is None:
            raise ValueError("a case needs an item")
        return start.rules.item

    @property
    def item(self) -> Item:
        """The service item under the rules in force."""
        return self.rules.item or self.item_of(self.start)

    # -- limits of the whole case ---------------------------------------------------------

    def begin_work(self, accepted_day: date) -> None:
        """Accepted: the decision limits start, the first stage is entered."""
        self.start_decision_clocks(accepted_day)
        self.enter_stage(0, max(self.day(self.at), accepted_day), self.told_on)

    def start_decision_clocks(self, accepted_day: date) -> None:
        """Statutory and promised limit run from the day of acceptance, which is not counted."""
        self.set(accepted_day=accepted_day)
        fixed = {"fixed_at": self.start.statutory_at} if self.start.statutory_at else {}
        self.start_clock(ClockKind.STATUTORY, accepted_day, self.item.statutory, **fixed)
        self.start_clock(ClockKind.PROMISE, accepted_day, self.item.promise)

    def set_outcome(self, outcome: Outcome) -> None:
        """State and clocks after a decision; a case reported up stops its own clocks at sending."""
        states = {
            Outcome.GRANTED: CaseStage.GRANTED,
            Outcome.REFUSED: CaseStage.REFUSED,
            Outcome.REPORTED_UP: CaseStage.REPORTED_UP,
        }
        if not self.imported:
            self.stop_clocks(ClockKind.STATUTORY, self.at)
        self.set(state=states[outcome], outcome=outcome, decided_day=self.day(self.at))
        if self.imported:
            return
        if outcome is Outcome.REPORTED_UP:
            self.stop_clocks(ClockKind.PROMISE, self.at)
        else:
            owner = {"owner": self.acting.act.officer, "post": self.acting.who.post}
            self.start_clock(ClockKind.DELIVERY, self.day(self.at), self.item.delivery, **owner)

    def due_of(self, kind: ClockKind) -> str | None:
        """Due day of the latest clock of a kind, as text."""
        clock = self.clock(kind)
        due = deadline_of(clock, self.rules).due if clock else None
        return due.isoformat() if due else None

    def promised(self) -> dict[str, Any]:
        """The promised and the statutory day, with what they rest on."""
        return {
            "accepted_day": self.state.accepted_day.isoformat() if self.state.accepted_day else None,
            "promise_due": self.due_of(ClockKind.PROMISE),
            "statutory_due": self.due_of(ClockKind.STATUTORY),
        }

    # -- stages ---------------------------------------------------------------------------

    def enter_stage(self, index: int, day: date, told_on: date) -> None:
        """The stage's owner has a working day to take over; until then the sender answers.

        A stage that stays in the same hands runs from `day`, a hand-over from when its receiver could know.
        """
        self.set(stage=index, taken=False)
        if self.state.state not in (CaseStage.GRANTED, CaseStage.REFUSED):
            self.set(state=CaseStage.IN_STAGE)
        post = self.stage_state.post
        if self.imported or (self.duty and self.duty.post == post):
            self.start_stage(day)
        else:
            self.start_handover(self.stage_owner, post, f"stage:{self.stage_state.code}", max(day, told_on))

    def rules_adopted(self) -> None:
        """A promise that became shorter holds for open cases too (M21)."""
        new = self.item.promise
        for clock in tuple(self.running(ClockKind.PROMISE)):
            if new and new.unit is clock.limit.unit and new.n < clock.limit.n:
                self.change_clock(clock, limit=new, marks=())
        self.review_breaches(self.at)

    @property
    def deciding(self) -> int:
        """Index of the stage whose signature is the decision."""
        codes = [stage.code for stage in self.item.stages]
        return codes.index(self.item.decision_stage) if self.item.decision_stage else len(codes) - 1

    @property
    def stage_state(self) -> StageState:
        """The current stage as it stands."""
        return self.state.stages[self.state.stage]

    @property
    def stage_owner(self) -> str:
        """A officer of the current stage's post."""
        post = post_of(self.rules, self.stage_state.post)
        return post.a if post else self.stage_state.post

    def start_stage(self, day: date) -> None:
        """The stage's limit runs from the day its owner confirmed receipt."""
        stage = self.item.stages[self.state.stage]
        officer = (
            self.duty.officer if self.duty and self.duty.post == self.stage_state.post else self.stage_owner
        )
        reopened = self.clock(ClockKind.STAGE, stage.code)
        if reopened is None and not self.imported:
            facts = {"ref": stage.code, "owner": officer, "post": self.stage_state.post}
            self.start_clock(ClockKind.STAGE, day, stage.limit, suspensions=self._standstill(day), **facts)
        elif reopened is not None and reopened.stopped_on is not None:
            away = Suspension(start=reopened.stopped_on, end=day, ground=AWAY)
            spans = (*reopened.suspensions, away, *self._standstill(day))
            self.change_clock(reopened, stopped_on=None, stopped_at=None, breached=False, suspensions=spans)
        self.set(taken=True)

    def _standstill(self, day: date) -> tuple[Suspension, ...]:
        """A stage entered while the case is suspended stands still with it."""
        pause = self.state.pause
        return (Suspension(start=day, ground=pause.ground),) if pause and pause.running else ()

    def take_unoffered(self, message: TakeOver) -> None:
        """接收环节: the stage's owner confirms receipt."""
        if self.state.taken or message.post != self.stage_state.post:
            raise Refusal("no_offer")
        self.take_stage(message.officer, message.post)
        self.write("stage_taken", stage=self.stage_state.code)

    def take_stage(self, officer: str, post: str) -> None:
        """Duty and stage clock pass to the stage's owner."""
        self.stop_clocks(ClockKind.HANDOVER, self.at, f"stage:{self.stage_state.code}")
        self.take_duty(officer, post, "taken_over")
        self.start_stage(self.day(self.at))

    def taken_over(self, post: str) -> None:
        """A hand-over inside the bureau makes the receiver's post the stage's owner."""
        self._set_stage(self.state.stage, post=post)
        self.stop_clocks(ClockKind.HANDOVER, self.at)
        clock = self.clock(ClockKind.STAGE, self.stage_state.code)
        if clock and clock.stopped_on is None:
            self.change_clock(clock, owner=self.state.duties[-1].officer, post=post)
        elif self.state.accepted_day and not self.stage_state.signed_by:
            self.start_stage(self.day(self.at))

    def may_receive(self, post: Post) -> None:
        """The receiver's post must hold the role of the stage."""
        if self.item.stages[self.state.stage].role not in post.roles:
            raise Refusal("wrong_section_role", post=post.code)

    def stage_to_sign(self, named: str) -> int:
        """Index of the stage an act signs; another than the current one is out of order."""
        codes = [stage.code for stage in self.item.stages]
        current = self.state.stage
        if not named or named == codes[current]:
            if self.stage_state.signed_by:
                self.object("repeated", stage=codes[current])
            return current
        if named not in codes:
            raise Refusal("out_of_order", current=codes[current], stage=named)
        index = codes.index(named)
        code = "repeated" if self.state.stages[index].signed_by else "out_of_order"
        self.object(code, current=codes[current], stage=named)
        return index

    def sign(self, index: int, *, agrees: bool) -> None:
        """Put the signature on a stage; signing without taking over first is both at once."""
        acting, stage = self.acting, self.item.stages[index]
        if self.state.offer:  # the sender still answers, and has now done the work himself
            self.set(offer=None)
            self.stop_clocks(ClockKind.HANDOVER, self.at)
        if not self.state.taken and not self.imported:
            self.take_stage(acting.act.officer, acting.who.post)
        if not self.imported:
            self.take_duty(acting.act.officer, acting.who.post, "signed")
        rounds = self.state.stages[index].rounds + 1
        self._set_stage(index, signed_by=acting.act.officer, agrees=agrees, rounds=rounds)
        self.set(pause=None)  # an application to suspend the stage that nobody approved
        if stage.role in SEPARATED:
            self.set(roles_played=(*self.state.roles_played, (stage.role, acting.act.officer)))
        self.stop_clocks(ClockKind.STAGE, self.at, stage.code)

    def _set_stage(self, index: int, **changes: Any) -> None:
        stages = list(self.state.stages)
        stages[index] = stages[index].model_copy(update=changes)
        self.set(stages=tuple(stages))

    def next_stage(self) -> int | None:
        """The first stage nobody has signed."""
        return next((n for n, stage in enumerate(self.state.stages) if not stage.signed_by), None)

    def earlier_stage(self, code: str) -> int:
        """Index of an earlier, signed stage."""
        codes = [stage.code for stage in self.item.stages]
        if code not in codes or codes.index(code) >= self.state.stage:
            raise Refusal("not_earlier", stage=code)
        return codes.index(code)

    def set_aside_stage(self) -> None:
        """The current stage waits while an earlier one is done again."""
        self.stop_clocks(ClockKind.STAGE, self.at, self.stage_state.code)
        self.stop_clocks(ClockKind.HANDOVER, self.at)
        self.set(offer=None, pause=None)

    def reopen_stage(self, index: int) -> None:
        """Every stage from `index` on has to be signed again; its owner takes over again."""
        for later in range(index, len(self.state.stages)):
            self._set_stage(later, signed_by="", agrees=None)
        self.set(stage=index, taken=False)
        ref = f"stage:{self.stage_state.code}"
        self.start_handover(self.stage_owner, self.stage_state.post, ref, self.told_on)
