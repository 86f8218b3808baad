"""Joint review (联席会审): what one person may not decide alone is decided together, before it is approved.

Four types of matter must go through it: key projects, the reserve price of a sale, compensation prices, major
violation cases. Their approval waits for the resolution, which the case learns from the signed minutes.
The meeting itself is in `workflows.collective`, what is sealed in `workflows.sealing`.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from rules.policy import Position
from rules.procedures.review import REVIEW, ReviewStage
from rules.quorum import FAILED, PASSED, VOID
from rules.refusals import Refusal
from schemas.acts import Withdraw
from schemas.clocks import ClockKind
from schemas.matters import MatterResult
from schemas.review import Execute, Override, ReviewInput, ReviewState
from schemas.review_rules import LeadRule, MatterType, ReviewRules, SessionRules
from workflows.matter import act, day_of_receipt
from workflows.sealing import Sealing

SCHEDULE, EXECUTE = "schedule", "execute"
"""References of the clocks that run until the meeting is called, and until what was resolved is done."""


@workflow.defn(name="ReviewWorkflow")
class ReviewWorkflow(Sealing):
    """One question put to a joint review."""

    kind = "review"
    procedure = REVIEW

    @workflow.init
    def __init__(self, start: ReviewInput) -> None:
        """A new review is requested; a resumed one goes on where it stood."""
        super().__init__(start)
        self.start: ReviewInput = start
        at = start.received_at or workflow.now()
        self.state = start.resumed or ReviewState(
            state=ReviewStage.REQUESTED,
            rules=start.rules,
            received_day=day_of_receipt(start, at),
            last_at=at,
            case=start.case,
            matters=tuple(dict.fromkeys(start.matters)),
        )
        self.recorded = self.before = start.resumed

    @workflow.run
    async def run(self, start: ReviewInput) -> MatterResult:
        """The review's whole life."""
        return await self.live()

    # -- request --------------------------------------------------------------------------

    @property
    def reviews(self) -> ReviewRules:
        """The profile's rules of joint review."""
        return self.rules.reviews or ReviewRules()

    def types_of_matter(self) -> tuple[MatterType, ...]:
        """The types of matter that this review decides."""
        found = (self.reviews.matter(code) for code in self.state.matters)
        return tuple(each for each in found if each)

    def opening(self) -> None:
        """提请: what is to be decided, and for which case; the convener has to call the meeting."""
        if not self.state.matters or len(self.types_of_matter()) < len(self.state.matters):
            raise Refusal("matter_required", known="、".join(each.code for each in self.reviews.matters))
        self.take_duty(self.start.officer, self.start.post, "")
        self._to_be_called()
        self.write(
            "registered",
            business_key="registered",
            digest=self.start.digest,
            matters=list(self.state.matters),
            case=self.state.case,
        )

    def _to_be_called(self) -> None:
        owner = {"owner": self.duty.officer, "post": self.duty.post} if self.duty else {}
        self.start_clock(ClockKind.STEP, self.told_on, self.reviews.schedule, ref=SCHEDULE, **owner)

    # -- the meeting ----------------------------------------------------------------------

    def session_rules(self) -> SessionRules:
        """Those of the profile."""
        return self.reviews.session

    def subject(self) -> tuple[str, ...]:
        """Number, types of matter, case, and the digest of what is sealed."""
        names = "、".join(each.name for each in self.types_of_matter())
        sealed = (f"密封 / sealed: {value.name} {value.digest}" for value in self.state.sealed)
        return (f"会审 / review: {self.id}", f"事项 / matter: {names}", f"办件 / case: {self._case}", *sealed)

    @property
    def _case(self) -> str:
        return self.state.case or "-"

    def called(self) -> None:
        """召集: the convener answers for the review from now on."""
        self.stop_clocks(ClockKind.STEP, self.at, SCHEDULE)
        self.take_duty(self.acting.act.officer, self.acting.who.post, "convened")
        self.set(state=ReviewStage.SCHEDULED)

    def opened(self) -> None:
        """开会."""
        self.set(state=ReviewStage.IN_SESSION)

    def missed(self, people: tuple[str, ...]) -> None:
        """无故缺席: punishable in itself, so it is a lead."""
        self._lead(self.reviews.absence, people, f"无故缺席第 {self.session.n} 次会议")

    def may_close(self, outcome: str) -> None:
        """No resolution on a price that nobody has written down."""
        if outcome == PASSED:
            self.check_sealed()

    def resolved(self, outcome: str) -> None:
        """决议; a void meeting is called again."""
        if outcome == VOID:
            self._again()
        else:
            self.set(state=ReviewStage.RESOLVED)

    def _again(self) -> None:
        self._to_be_called()
        self.set(state=ReviewStage.REQUESTED)

    @act
    def override(self, message: Override) -> None:
        """主持人另行决定: only where an article gives him the decision; it is signed anew, and a lead."""
        session = self.session
        without = [each.code for each in self.types_of_matter() if not each.override_basis]
        if without:
            raise Refusal("no_override", matters="、".join(without))
        if message.outcome not in (PASSED, FAILED) or session.outcome not in (PASSED, FAILED):
            raise Refusal("bad_outcome")
        if message.outcome == session.outcome:
            raise Refusal("same_outcome", outcome=session.outcome)
        self.may_close(message.outcome)
        changes = {"overridden": session.outcome, "override_reason": message.reason}
        self.change(outcome=message.outcome, signed=(), **changes)
        self.draw_up()
        basis = [each.override_basis for each in self.types_of_matter()]
        self.write("overridden", articles=basis, **self.conclusion(), notify=session.present)
        self._lead(self.reviews.override, (message.officer,), "主持人改变多数意见")

    def concluded(self) -> None:
        """纪要已签: the resolution holds; what was adjourned is called again."""
        if self.session.outcome == "deferred":
            self._again()
            return
        self.set(state=ReviewStage.MINUTES_SIGNED)
        owner = {"owner": self.duty.officer, "post": self.duty.post} if self.duty else {}
        self.start_clock(ClockKind.STEP, self.day(self.at), self.reviews.execute, ref=EXECUTE, **owner)

    def resolution(self) -> dict[str, Any]:
        """What the case reads: outcome, on which types of matter, for which case."""
        about = {"matters": list(self.state.matters), "case": self.state.case}
        return {**super().resolution(), **about}

    def announce(self) -> None:
        """The case that waits is told of a resolution."""
        if self.state.case and self.session.outcome in (PASSED, FAILED):
            self.tell("case", self.state.case)

    # -- end ------------------------------------------------------------------------------

    @act
    def execute(self, message: Execute) -> None:
        """执行: done; where a value was sealed for a sale, not before the sale has ended."""
        if self.state.sealed and not self.state.sale:
            raise Refusal("sale_not_ended")
        self._end(ReviewStage.EXECUTED)
        self.write("executed", document=message.document)

    @act
    def withdraw(self, message: Withdraw) -> None:
        """撤回议题: the question is not put any more."""
        self._end(ReviewStage.WITHDRAWN)
        self.write("withdrawn")

    def _end(self, state: ReviewStage) -> None:
        self.stop_all(self.at)
        self.set(state=state)

    # -- leads ----------------------------------------------------------------------------

    def _lead(self, rule: LeadRule | None, accused: tuple[str, ...], text: str) -> None:
        """A fault lead that rests on the entry just drafted."""
        if rule is None:
            return
        seq = self.next_seq - 1
        number = f"GC-{self.id}-{seq}"
        at_entry = {"kind": self.kind, "number": self.id, "seq": seq}
        about = {"kind": "case", "number": self.state.case} if self.state.case else None
        lead = {
            "source": rule.source,
            "codes": list(rule.codes),
            "about": about or {"kind": self.kind, "number": self.id},
            "accused": list(accused),
            "text": f"{self.id}: {text}（{rule.basis}）",
            "evidence": [at_entry],
        }
        self.write_system("lead_opened", self.at, self.acting.who.officer, lead=lead, fault=number)
        self.begin("fault", number)

    # -- views ----------------------------------------------------------------------------

    def position(self) -> Position:
        """Who may act: members, chair, convener and custodians."""
        convener = (("convener", self.duty.officer),) if self.duty else ()
        custodians = tuple(("custodian", who) for who in self.state.custodians)
        people = (*self.session_people(), *convener, *custodians)
        return Position(rules=self.rules, state=self.state.state, duty=self.duty, people=people)

    def facts(self) -> dict[str, Any]:
        """What a voter and a signer must have seen; of a sealed value its digest."""
        sealed = [[value.name, value.digest] for value in self.state.sealed]
        return {"matters": list(self.state.matters), "sealed": sealed, **self.session_facts()}

    def view(self) -> dict[str, Any]:
        """Columns of the read model."""
        return {
            "business_key": self.start.business_key,
            "channel": self.start.channel.value,
            "item": ",".join(self.state.matters),
            "received_day": self.state.received_day.isoformat(),
            "outcome": self.state.session.outcome if self.state.session else "",
            "about": self.state.case or None,
            "lookup_digest": self.start.lookup_digest,
            "closed": self.over_in(self.state.state),
        }

    def figures(self) -> dict[str, Any]:
        """The question, how the meeting stands, and whether something is sealed."""
        sealed = {value.name: value.digest for value in self.state.sealed}
        about = {"matters": list(self.state.matters), "case": self.state.case, "sealed": sealed}
        return {
            **about,
            "sale": self.state.sale,
            "custodians": list(self.state.custodians),
            "opened": self.state.opened,
            **self.session_figures(),
        }
