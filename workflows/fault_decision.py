"""Decision, service and execution (决定、送达、执行), and what other organs decided.

The bureau decides on handling alone; a sanction is proposed, and the competent organ's decision is registered
with organ, number and date, as are Party discipline and criminal measures, each by its own act.
Sources: 政务处分法 Art.7-16, 45; 行政机关公务员处分条例 Art.6-10, 39, 44.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.decision_text import check_decision
from rules.procedures.fault import FaultStage
from rules.refusals import Refusal
from rules.sanctions import (
    NO_SANCTION,
    check_criminal,
    check_party,
    check_sanction,
    handling_of,
    path_of,
    sanction_of,
    sanctioned_until,
)
from schemas.fault_acts import (
    DecideFault,
    ExecuteMeasure,
    FileCase,
    RegisterCriminal,
    RegisterParty,
    RegisterSanction,
    Serve,
)
from schemas.fault_measures import Decision, FaultOutcome, PersonDecision, SanctionRecord, TransferStatus
from workflows.fault_remedies import FaultRemedies
from workflows.matter import act

SETTLED = frozenset({TransferStatus.REFUSED, TransferStatus.CONCLUDED})


class FaultDecisions(FaultRemedies):
    """What is decided, by whom, and how it is carried out."""

    @act
    def decide(self, message: DecideFault) -> None:
        """处理决定: after the signed minutes, with all its parts, never heavier than what was discussed."""
        if not self.session.concluded:
            raise Refusal("minutes_open")
        check_decision(message, self.state.rows, self.state.proposed, self.day(self.at), self.faults)
        persons = tuple(self._coded(person) for person in message.persons)
        decision = Decision(
            document=message.document, outcome=message.outcome, on=message.decided_on, persons=persons
        )
        self.stop_step("investigation")
        self.set(state=FaultStage.DECIDED, decision=decision)
        if message.outcome is FaultOutcome.SANCTION_PROPOSED:
            self.start_step("sanction", since=self.state.accepted_day)
        said = decision.model_dump(mode="json", exclude_defaults=True)
        self.write(
            "decided",
            business_key="decision",
            **said,
            authority=message.authority,
            seal=message.seal,
        )
        self.take_effect(self.at)

    def _coded(self, person: PersonDecision) -> PersonDecision:
        """Measures by their codes, however they were named."""
        handling = tuple(handling_of(each, self.faults).code for each in person.handling)
        sanction = sanction_of(person.sanction, self.faults).code if person.sanction else ""
        return person.model_copy(update={"handling": handling, "sanction": sanction})

    @act
    def serve(self, message: Serve) -> None:
        """送达: on each person; his own time for a remedy starts with it."""
        who = message.person
        if who not in self.recipients:
            raise Refusal("not_decided", officer=who)
        if who in self.state.served:
            raise Refusal("served_already", officer=who)
        self.set(served=(*self.state.served, who))
        if self.decided_for(who).handling:
            self.open_remedy(who, "organisational")
        self.settle()
        self.write("served", person=who, method=message.method, notify=(who,))
        self.take_effect(self.at)

    def decided_for(self, who: str) -> PersonDecision:
        """What the decision says of somebody; nothing, where it does not name him."""
        decided = self.state.decision.persons if self.state.decision else ()
        return next((each for each in decided if each.officer == who), PersonDecision(officer=who))

    @act
    def execute_measure(self, message: ExecuteMeasure) -> None:
        """执行: no remedy stops it."""
        measure = handling_of(message.measure, self.faults).code
        if measure not in self.decided_for(message.person).handling:
            raise Refusal("no_measure", officer=message.person, measure=message.measure)
        if (message.person, measure) in self.state.executed:
            raise Refusal("executed_already", officer=message.person, measure=measure)
        self.set(executed=(*self.state.executed, (message.person, measure)))
        self.write("executed", person=message.person, measure=measure, document=message.document)

    # -- what others decided --------------------------------------------------------------

    @act
    def register_sanction(self, message: RegisterSanction) -> None:
        """登记处分: organ, number and date; its period and its own remedies follow."""
        if not self.decided_for(message.person).sanction:
            raise Refusal("not_proposed", officer=message.person)
        if not message.number.strip():
            raise Refusal("document_required")
        if message.decided_on > self.day(self.at):
            raise Refusal("decision_date", day=message.decided_on, today=self.day(self.at))
        record = self._record(message)
        self.set(sanctions=(*self.state.sanctions, record))
        if record.sanction != NO_SANCTION:
            self.open_remedy(record.officer, path_of(record, self.faults))
            self.settle()
        if not list(self._unsanctioned()):
            self.stop_step("sanction")
        self.write("sanction_registered", record=record.model_dump(mode="json"), notify=(record.officer,))

    def _record(self, message: RegisterSanction) -> SanctionRecord:
        rules, earlier = self.faults, message.earlier_until
        code = message.sanction and sanction_of(message.sanction, rules).code
        record = SanctionRecord(
            officer=message.person,
            sanction=code or NO_SANCTION,
            organ=message.organ,
            number=message.number,
            decided_on=message.decided_on,
            effective_on=message.effective_on,
        )
        check_sanction(record, self.state.sanctions, rules)
        if not code:
            return record
        running = (earlier,) if earlier else ()
        until = sanctioned_until(code, message.effective_on, running, rules)
        return record.model_copy(update={"until": until})

    @act
    def register_party(self, message: RegisterParty) -> None:
        """登记党纪处分: the Party's decision, not the bureau's."""
        check_party(message.record, self.faults)
        self._check_officer(message.record.officer)
        self.set(party=(*self.state.party, message.record))
        self.write("party_registered", record=message.record.model_dump(mode="json"))

    @act
    def register_criminal(self, message: RegisterCriminal) -> None:
        """登记刑事强制措施: a measure of the judicial organs, no sanction."""
        check_criminal(message.record, self.faults)
        self._check_officer(message.record.officer)
        self.set(criminal=(*self.state.criminal, message.record))
        self.write("criminal_registered", record=message.record.model_dump(mode="json"))

    def _check_officer(self, who: str) -> None:
        if who not in self.staff:
            raise Refusal("no_officer", officer=who)

    # -- the end --------------------------------------------------------------------------

    @act
    def file(self, message: FileCase) -> None:
        """归档: carried out, decided by everybody who had to, and nothing on its way elsewhere."""
        if left := [f"{who}/{code}" for who, code in self._unexecuted()]:
            raise Refusal("unexecuted", measures="、".join(left))
        if waiting := list(self._unsanctioned()):
            raise Refusal("sanction_pending", officers="、".join(waiting))
        self.check_transfers_settled()
        self.stop_all(self.at)
        self.set(state=FaultStage.FILED)
        self.write("filed", figures=self.figures())

    def _unexecuted(self) -> Iterator[tuple[str, str]]:
        decided = self.state.decision.persons if self.state.decision else ()
        measures = ((each.officer, code) for each in decided for code in each.handling)
        return (each for each in measures if each not in self.state.executed)

    def _unsanctioned(self) -> Iterator[str]:
        decided = self.state.decision.persons if self.state.decision else ()
        known = {each.officer for each in self.state.sanctions}
        return (each.officer for each in decided if each.sanction and each.officer not in known)

    def check_transfers_settled(self) -> None:
        """Refuse to end a case of which something is on its way to another organ."""
        if waiting := [each.ref for each in self.state.transfers if each.status not in SETTLED]:
            raise Refusal("transfer_open", refs="、".join(waiting))
