"""The supervision office's report (督查室周报、月报、季报), from the ledger to its readers (M07).

The numbers are the ledger's; the office answers for having read them. Nobody types a figure, and nobody
changes one: what comes on record before the signature is computed again; after it another report of the same
period takes this one's place.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from temporalio import workflow

from rules.moments import deadline_of, expiry_of
from rules.policy import Position, Standing, post_of, standing
from rules.procedures.report import REPORT, ReportStage
from rules.refusals import Refusal
from rules.report.periods import due_limit, number_of, period_holding, successor
from schemas.acts import Act
from schemas.clocks import Clock, ClockKind, Limit
from schemas.matters import MatterResult
from schemas.profile import Rules
from schemas.report import (
    Distribute,
    Generate,
    Period,
    ReportInput,
    ReportState,
    Review,
    Sign,
    Supersede,
)
from workflows.matter import act, day_of_receipt
from workflows.recording import SYSTEM
from workflows.report_computing import Computed

DUE = "distribution"
"""Reference of the one clock of a report."""

SOURCE = "supervision_check"
"""Where a lead comes from that is about the supervision office's own delay."""


def expiry_after(period: Period, limit: Limit | None, rules: Rules) -> datetime | None:
    """When the report of a period is late; None where the rules set no limit."""
    if limit is None:
        return None
    return expiry_of(Clock(kind=ClockKind.STEP, start=period.last, limit=limit), rules)


@workflow.defn(name="ReportWorkflow")
class ReportWorkflow(Computed):
    """One report, from its period's end to the signature, and on until another takes its place."""

    kind = "report"
    procedure = REPORT
    origins = frozenset({"report.superseded"})

    @workflow.init
    def __init__(self, start: ReportInput) -> None:
        """A new report waits to be computed; a resumed one goes on where it stood."""
        super().__init__(start)
        at = start.received_at or workflow.now()
        self.state = start.resumed or ReportState(
            state=ReportStage.SCHEDULED,
            rules=start.rules,
            received_day=day_of_receipt(start, at),
            last_at=at,
            period=start.period,
        )
        self.recorded = self.before = start.resumed

    @workflow.run
    async def run(self, start: ReportInput) -> MatterResult:
        """The report's whole life."""
        return await self.live()

    # -- scheduling -----------------------------------------------------------------------

    def opening(self) -> None:
        """立项: whose period, by when it is due; one number a period, so that there is no second."""
        testimony = self.testimony
        if testimony is not None:
            told = testimony.data.get("period")
            self.set(period=Period.model_validate(told), supersedes=testimony.entry.number)
        period = self._checked_period()
        self.take_duty(self.start.officer, self.start.post, "")
        self._begin_clock(period)
        self.write(
            "registered",
            business_key="registered",
            digest=self.start.digest,
            period=period.model_dump(mode="json"),
            supersedes=self.state.supersedes,
        )

    def _begin_clock(self, period: Period) -> None:
        """The one limit; nobody is late with what could not be begun in time."""
        rules, owner = self.own_rules, {"owner": self.start.officer, "post": self.start.post}
        due = expiry_after(period, due_limit(rules, period.kind), self.rules)
        if self.state.supersedes or (due is not None and due <= self.at):
            self.start_clock(ClockKind.STEP, self.day(self.at), rules.begun_late, ref=DUE, **owner)
        else:
            self.start_clock(ClockKind.STEP, period.last, due_limit(rules, period.kind), ref=DUE, **owner)

    def _checked_period(self) -> Period:
        """The period, if it is one, has ended, and this is its number."""
        given = self.state.period
        if given is None:
            raise Refusal("no_period")
        if given != period_holding(given.kind, given.first):
            raise Refusal("no_period")
        expected = successor(self.state.supersedes) if self.state.supersedes else number_of(given)
        if self.id != expected:
            raise Refusal("wrong_number", number=self.id, of=given.of, expected=expected)
        if self.at < self.end_of(given):
            raise Refusal("period_open", of=given.of)
        return given

    def _receiver(self, message: Act) -> Standing:
        """Begun by a person of the office, or by the calendar on the account of its head."""
        if not (isinstance(self.start, ReportInput) and self.start.scheduled):
            return super()._receiver(message)
        who = standing(self.intake(), message, self.position())
        return replace(who, officer=SYSTEM, role=SYSTEM, on_behalf_of=who.officer, auth_ref=None)

    # -- computing again ------------------------------------------------------------------

    @act
    def generate(self, message: Generate) -> None:
        """重新生成: more is on record now; whoever reviewed the earlier version reviews this one too."""
        made = self.computed.pop(message.id, None)
        if made is None:
            raise Refusal("not_generated")
        self.adopt_made(made)
        self.write("regenerated", **self.told_of(made))

    # -- review, signature, distribution --------------------------------------------------

    @act
    def review(self, message: Review) -> None:
        """复核: somebody other than the signer has read it."""
        self.set(state=ReportStage.REVIEWED, reviewed_by=message.officer)
        self.write("reviewed", **self._named())

    @act
    def sign(self, message: Sign) -> None:
        """签发: the office's head, who is not the reviewer; from now on it can only be superseded."""
        if message.officer == self.state.reviewed_by:
            raise Refusal("own_review", officer=message.officer)
        section = self.acting.who.section
        heads = [each.chief_post for each in self.rules.sections if each.code == section]
        if message.post not in heads:
            raise Refusal("not_office_head", post=message.post)
        self.set(state=ReportStage.SIGNED, signed_by=message.officer)
        self.write("signed", business_key="signed", **self._named())

    @act
    def distribute(self, message: Distribute) -> None:
        """报送: to the discipline secretary and the party committee, as the rules name them."""
        recipients = self.own_rules.recipients
        if not recipients:
            raise Refusal("no_recipients")
        posts = (post_of(self.rules, each.post) for each in recipients)
        people = tuple(post.a for post in posts if post)
        self.stop_clocks(ClockKind.STEP, self.at, DUE)
        self.set(state=ReportStage.DISTRIBUTED, recipients=tuple(each.code for each in recipients))
        self.write("distributed", **self._named(), recipients=list(self.state.recipients), notify=people)

    @act
    def supersede(self, message: Supersede) -> None:
        """更正替代: this one stays as it is and is valid no longer; another of the same period is begun."""
        number = successor(self.id)
        self.stop_all(self.at)
        self.set(state=ReportStage.SUPERSEDED, superseded_by=number)
        self.write(
            "superseded", **self._named(), period=self.period.model_dump(mode="json"), successor=number
        )
        self.begin("report", number)

    def _named(self) -> dict[str, Any]:
        """The bytes that are reviewed, signed, sent or superseded."""
        if self.state.made is None:
            raise Refusal("not_generated")
        return {"document": self.state.made.digest}

    # -- time -----------------------------------------------------------------------------

    def expired(self, clock: Clock, at: datetime) -> None:
        """督查室自身逾期: a lead about the supervision office, which it does not screen itself."""
        officer, _ = self.owner_of(clock)
        lead = {
            "source": SOURCE,
            "codes": list(self.own_rules.late_codes),
            "about": {"kind": self.kind, "number": self.id},
            "accused": [officer],
            "text": f"督查报告 {self.id} 逾期未报送 / report {self.id} was not sent in time",
            "evidence": [{"kind": self.kind, "number": self.id, "seq": 1}],
        }
        self.write_system("lead_opened", at, officer, lead=lead)
        self.begin("fault", f"GC-{self.id}")

    # -- views ----------------------------------------------------------------------------

    def position(self) -> Position:
        """Who is named in it: those to whom it was sent."""
        posts = [post_of(self.rules, each.post) for each in self.own_rules.recipients]
        sent = [post for post in posts if post and self.state.recipients]
        people = tuple(("recipient", who) for post in sent for who in (post.a, post.b) if who)
        return Position(rules=self.rules, state=self.state.state, duty=self.duty, people=people)

    def view(self) -> dict[str, Any]:
        """Columns of the read model."""
        clock = self.clock(ClockKind.STEP, DUE)
        due = deadline_of(clock, self.rules).due if clock else None
        period = self.state.period
        return {
            "business_key": f"{period.kind}/{period.of}" if period else self.start.business_key,
            "channel": self.start.channel.value,
            "received_day": self.state.received_day.isoformat(),
            "promise_due": due.isoformat() if due else None,
            "closed": self.over_in(self.state.state),
        }

    def facts(self) -> dict[str, Any]:
        """The bytes a signer has to have seen."""
        return {"document": self.state.made.digest if self.state.made else ""}

    def figures(self) -> dict[str, Any]:
        """Which document is valid, and who answers for it."""
        state = self.state
        made = state.made.model_dump(mode="json") if state.made else None
        return {
            "period": state.period.model_dump(mode="json") if state.period else None,
            "made": made,
            "reviewed_by": state.reviewed_by,
            "signed_by": state.signed_by,
            "recipients": list(state.recipients),
            "supersedes": state.supersedes,
            "superseded_by": state.superseded_by,
        }
