"""Investigation (调查): the team and its recusals, the limit and its extension, the report.

At least two people, none of the decision chain, none related, none a witness; who is asked to withdraw
waits for the head's word. The report confirms the liability table's proposal row by row. Sources: domain
3.3, 3.4.
"""

from __future__ import annotations

from rules.confirming import changed, check_report, heaviest
from rules.leads import check_team
from rules.limits import extension_allowed, left
from rules.procedures.fault import FaultStage
from rules.refusals import Refusal
from schemas.clocks import Clock, ClockKind
from schemas.fault import Recusal
from schemas.fault_acts import (
    Appoint,
    Countersign,
    ExtendStep,
    Report,
    RequestRecusal,
    ResumeCase,
    RuleRecusal,
    SuspendForCourt,
)
from schemas.profile import Role
from workflows.fault_matter import FaultMatter
from workflows.matter import act

PAUSED = ("investigation",)
"""Limits that stand still while a court has to say first."""


class FaultInquiry(FaultMatter):
    """What the team does, and what is decided about it."""

    @act
    def appoint(self, message: Appoint) -> None:
        """指定调查人员: the whole team; nobody too near to the matter."""
        self.check_inside()
        self._check_team(message.team)
        self.set(team=tuple(dict.fromkeys(message.team)))
        self.write("team_appointed", team=list(self.state.team), notify=self.state.team)

    def _check_team(self, team: tuple[str, ...]) -> None:
        people = tuple(each for each in self.concerned if each[0] != "investigator")
        check_team(team, people, self.staff, self.faults)

    @act
    def request_recusal(self, message: RequestRecusal) -> None:
        """申请回避: by the person concerned, or by the reporter through the office."""
        if message.investigator not in self.state.team:
            raise Refusal("not_investigator", officer=message.investigator)
        asker = "reporter" if message.for_reporter else message.officer
        if message.for_reporter is (message.officer not in self.desk):
            raise Refusal("own_words")
        asked = Recusal(officer=message.investigator, asked_by=asker, reason=message.reason, asked_at=self.at)
        self.set(recusals=(*self.state.recusals, asked))
        self.start_step("recusal", ref=f"recusal/{message.investigator}", owner=self.holder_of(Role.HEAD))
        self.write("recusal_requested", investigator=message.investigator, asked_by=asker)

    @act
    def rule_recusal(self, message: RuleRecusal) -> None:
        """回避决定: who has to withdraw leaves the team and does not come back."""
        who = message.investigator
        if who not in {each.officer for each in self.state.recusals}:
            raise Refusal("no_recusal", officer=who)
        self.stop_step(f"recusal/{who}")
        self.set(recusals=tuple(each for each in self.state.recusals if each.officer != who))
        if message.grant:
            team = tuple(each for each in self.state.team if each != who)
            self.set(team=team, related=tuple(dict.fromkeys((*self.state.related, who))))
        self.write("recusal_ruled", investigator=who, granted=message.grant, notify=(who,))

    @act
    def extend(self, message: ExtendStep) -> None:
        """批准延长: by the head, once, before the limit ends."""
        running = next((c for c in self.running(ClockKind.STEP) if c.ref == message.step), None)
        if running is None:
            raise Refusal("no_such_step", step=message.step)
        longest = self._longest(message.step)
        if not longest:
            raise Refusal("no_extension")
        if message.step in self.state.extended:
            raise Refusal("extended_before")
        if code := extension_allowed(
            running, self.rules.calendar, applied=self.day(self.at), approved=self.day(self.at)
        ):
            raise Refusal(code)
        if message.days > longest:
            raise Refusal("extension_too_long", max=longest)
        self.change_clock(running, extension=running.extension + message.days)
        self.set(extended=(*self.state.extended, message.step))
        self.write("extended", step=message.step, days=message.days)

    def _longest(self, step: str) -> int:
        """By how much a step may be extended at most, in its limit's own unit."""
        if step in self.faults.limits:
            return self.faults.limits[step].extension
        for remedy in self.state.remedies:
            if step == f"remedy/{remedy.officer}/{remedy.path}" and not remedy.result:
                path = next(each for each in self.faults.remedies if each.code == remedy.path)
                return path.steps[remedy.step].extension
        return 0

    @act
    def report(self, message: Report) -> None:
        """调查报告: a row for everybody of the proposal, each change with its reason."""
        if waiting := [each.officer for each in self.state.recusals]:
            raise Refusal("recusal_open", officer="、".join(waiting))
        self._check_team(self.state.team)
        check_report(message, self.state.lead)
        rows = {row.officer for row in message.rows}
        for who in self.state.team:
            if who in rows:
                raise Refusal("too_near", officer=who, capacity="chain")
        proposed = heaviest(message.proposals)
        confirmed = tuple(
            row.model_copy(update={"changed": changed(row, proposed.get(row.officer))})
            for row in message.rows
        )
        self.set(
            state=FaultStage.REPORTED,
            rows=confirmed,
            reported_by=message.officer,
            countersigned=(),
        )
        self.reroute()
        self.write(
            "reported",
            rows=[row.model_dump(mode="json", exclude_defaults=True) for row in confirmed],
            proposals=[{"fault": p.fault, "digest": p.digest, "rule": p.rule} for p in message.proposals],
            digest=message.digest,
        )

    @act
    def countersign(self, message: Countersign) -> None:
        """会签: one person's report is none."""
        if message.officer == self.state.reported_by:
            raise Refusal("own_report")
        if message.officer in self.state.countersigned:
            raise Refusal("countersigned_already", officer=message.officer)
        self.set(countersigned=(*self.state.countersigned, message.officer))
        self.write("countersigned")

    # -- waiting for a court --------------------------------------------------------------

    @act
    def suspend_for_court(self, message: SuspendForCourt) -> None:
        """中止: a court has to say first; the days left of the investigation are kept."""
        today, paused = self.day(self.at), tuple(self._pausable())
        days = tuple((each.ref, left(each, self.rules.calendar, today)) for each in paused)
        for each in paused:
            self.stop_step(each.ref)
        self.set(paused_in=self.state.state, paused=days, state=FaultStage.SUSPENDED)
        self.write("suspended", document=message.document, left=dict(days))

    def _pausable(self) -> list[Clock]:
        return [c for c in self.running(ClockKind.STEP) if c.ref in PAUSED and not c.breached]

    @act
    def resume(self, message: ResumeCase) -> None:
        """恢复: the investigation goes on with the days it had left, the day of the resumption excluded."""
        back, days = self.state.paused_in, dict(self.state.paused)
        owner = {"owner": self.duty.officer, "post": self.duty.post} if self.duty else {}
        for ref, n in days.items():
            limit = self.faults.limits[ref].limit.model_copy(update={"n": n})
            self.start_clock(ClockKind.STEP, self.day(self.at), limit, ref=ref, **owner)
        self.set(state=back, paused_in="", paused=())
        self.write("resumed", document=message.document, left=days)
