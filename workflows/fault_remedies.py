"""Remedies (救济): each path with limits of its own; execution goes on, and no result is ever heavier.

What a remedy changes is never overwritten: the decision stays on record, and a counter-entry restores post,
pay, reputation and appraisal in the same circle. Sources: 公务员法 Art.95-96; 政务处分法 Art.55-58.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rules.confirming import liable
from rules.procedures.fault import FaultStage
from rules.refusals import Refusal
from rules.sanctions import check_measure, sanctioned_until, weight
from schemas.clocks import Clock, ClockKind
from schemas.fault_acts import AnswerRemedy, ApplyRemedy, RemedyResult
from schemas.fault_measures import Measure, Remedy
from schemas.fault_rules import RemedyPath
from workflows.fault_matter import FaultMatter
from workflows.matter import act

ORGANISATIONAL = "organisational"
RESTORED = ("post", "pay", "reputation", "appraisal")
"""What a revoked or changed decision gives back, as far as it had taken it (政务处分法 第58条)."""


class FaultRemedies(FaultMatter):
    """What a person may do against the decision on him."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """On whom the decision is served: everybody it names or who was accused."""
        decided = self.state.decision.persons if self.state.decision else ()
        people = (*(each.officer for each in decided), *liable(self.state.rows), *self.state.lead.accused)
        return tuple(dict.fromkeys(people))

    # -- windows --------------------------------------------------------------------------

    def open_remedy(self, who: str, path: str, step: int = 0) -> None:
        """Somebody's time to apply for a step starts; for the next too, where it may be asked for at once."""
        steps = self.path(path, who).steps
        self._open_window(who, path, step, steps[step].apply)
        following = steps[step + 1] if step == 0 and len(steps) > 1 else None
        if following and following.direct:
            self._open_window(who, path, step + 1, following.direct)

    def _open_window(self, who: str, path: str, step: int, limit: Any) -> None:
        post = self.post_of_officer(who)
        ref = f"remedy/{who}/{path}/{step}"
        self.start_clock(ClockKind.WINDOW, self.told_on, limit, ref=ref, owner=who, post=post)

    def path(self, code: str, who: str) -> RemedyPath:
        """The path by its code. Raises Refusal where somebody has no such remedy."""
        found = next((each for each in self.faults.remedies if each.code == code), None)
        if found is None:
            raise Refusal("no_remedy", officer=who)
        return found

    def window_closed(self, clock: Clock, at: datetime) -> None:
        """A right that was not used; with the last of them the decision takes effect."""
        super().window_closed(clock, at)
        if clock.ref.startswith("remedy/"):
            self.take_effect(at)

    # -- where the case stands ------------------------------------------------------------

    def settle(self) -> None:
        """The state that open remedies leave the case in; it does not move before all are served."""
        if any(who not in self.state.served for who in self.recipients):
            return
        steps = [each.step for each in self.state.remedies if not each.result]
        stage = FaultStage.SERVED
        if steps:
            stage = FaultStage.COMPLAINT if max(steps) else FaultStage.REVIEW
        self.set(state=stage)

    def take_effect(self, at: datetime) -> None:
        """生效: everybody is served and nobody can or does ask for a remedy any more."""
        unserved = [who for who in self.recipients if who not in self.state.served]
        open_windows = any(c.ref.startswith("remedy/") for c in self.running(ClockKind.WINDOW))
        pending = any(not each.result for each in self.state.remedies)
        if unserved or open_windows or pending:
            return
        if self.state.state not in (FaultStage.DECIDED, FaultStage.SERVED):
            return
        self.set(state=FaultStage.EFFECTIVE)
        account = self.duty.officer if self.duty else ""
        outcome = self.state.decision.outcome.value if self.state.decision else ""
        self.write_system("effective", at, account, outcome=outcome, notify=self.recipients)

    # -- acts -----------------------------------------------------------------------------

    @act
    def apply_remedy(self, message: ApplyRemedy) -> None:
        """申请救济: within his own time; the execution goes on."""
        who, path = message.officer, message.path
        if any(r.officer == who and r.path == path and not r.result for r in self.state.remedies):
            raise Refusal("remedy_open", officer=who)
        steps = self.path(path, who).steps
        ref = f"remedy/{who}/{path}/{message.step}"
        if not any(clock.ref == ref for clock in self.state.clocks):
            raise Refusal("no_remedy", officer=who)
        if not self.running_window(ref):
            raise Refusal("remedy_closed", officer=who)
        for step in range(len(steps)):
            self.stop_clocks(ClockKind.WINDOW, self.at, f"remedy/{who}/{path}/{step}")
        remedy = Remedy(officer=who, path=path, step=message.step, applied_on=self.day(self.at))
        self.set(remedies=(*self.state.remedies, remedy))
        answer, about = steps[message.step].answer, f"remedy/{who}/{path}"
        desk = {"owner": self.duty.officer, "post": self.duty.post} if self.duty else {}
        self.start_clock(ClockKind.STEP, self.day(self.at), answer, ref=about, **desk)
        self.settle()
        self.write("remedy_applied", path=path, step=steps[message.step].code, notify=self.desk)

    @act
    def answer_remedy(self, message: AnswerRemedy) -> None:
        """答复: upheld, changed or revoked by counter-entry; the next step, if there is one, opens."""
        remedy = next((r for r in self.state.remedies if r.officer == message.person and not r.result), None)
        if remedy is None:
            raise Refusal("no_open_remedy", officer=message.person)
        left = self._what_is_left(message, remedy)
        self.stop_clocks(ClockKind.STEP, self.at, f"remedy/{remedy.officer}/{remedy.path}")
        answered = remedy.model_copy(update={"result": message.result.value})
        self.set(remedies=tuple(answered if r is remedy else r for r in self.state.remedies))
        steps = self.path(remedy.path, remedy.officer).steps
        if remedy.step + 1 < len(steps) and message.result is not RemedyResult.REVOKED:
            self.open_remedy(remedy.officer, remedy.path, remedy.step + 1)
        if left is not None:
            self._replace(remedy, left)
        self.settle()
        about = {"person": remedy.officer, "path": remedy.path, "step": steps[remedy.step].code}
        facts = {**about, "organ": message.organ, "document": message.document}
        self.write("remedy_answered", result=message.result.value, **facts, notify=(remedy.officer,))
        if left is not None:
            self._counter(message.result, left, about)
        self.take_effect(self.at)

    def _what_is_left(self, message: AnswerRemedy, remedy: Remedy) -> Measure | None:
        """None where it is upheld. Raises Refusal for a result that is heavier than what was decided."""
        if message.result is RemedyResult.UPHELD:
            return None
        if message.result is RemedyResult.REVOKED:
            return Measure(officer=remedy.officer)
        if message.measure is None or message.measure.officer != remedy.officer:
            raise Refusal("measure_needed")
        check_measure(message.measure, self.faults)
        if weight(message.measure, self.faults) > weight(self._borne(remedy), self.faults):
            raise Refusal("heavier", officers=remedy.officer)
        return message.measure

    def _borne(self, remedy: Remedy) -> Measure:
        """What the person bears by this path before the answer."""
        who = remedy.officer
        if remedy.path == ORGANISATIONAL:
            decided = self.state.decision.persons if self.state.decision else ()
            handling = next((each.handling for each in decided if each.officer == who), ())
            return Measure(officer=who, handling=handling)
        sanction = next((r.sanction for r in self.state.sanctions if r.officer == who and not r.revoked), "")
        return Measure(officer=who, sanction=sanction)

    def _replace(self, remedy: Remedy, left: Measure) -> None:
        """The measures as they now stand; what was decided before stays in its entries."""
        if remedy.path == ORGANISATIONAL and self.state.decision:
            persons = tuple(
                each.model_copy(update={"handling": left.handling}) if each.officer == left.officer else each
                for each in self.state.decision.persons
            )
            self.set(decision=self.state.decision.model_copy(update={"persons": persons}))
            return
        self.set(sanctions=tuple(self._resanctioned(each, left) for each in self.state.sanctions))

    def _resanctioned(self, record: Any, left: Measure) -> Any:
        if record.officer != left.officer or record.revoked:
            return record
        if not left.sanction:
            return record.model_copy(update={"revoked": True})
        until = sanctioned_until(left.sanction, record.effective_on, (), self.faults)
        return record.model_copy(update={"sanction": left.sanction, "until": until})

    def _counter(self, result: RemedyResult, left: Measure, about: dict[str, str]) -> None:
        """The counter-entry: what is left, and what is given back in the same circle."""
        kind = "decision_revoked" if result is RemedyResult.REVOKED else "decision_changed"
        account = self.duty.officer if self.duty else ""
        facts = {**about, "left": left.model_dump(mode="json"), "restores": list(RESTORED)}
        self.write_system(kind, self.at, account, **facts, notify=(left.officer,))
