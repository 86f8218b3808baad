"""From the lead to its acceptance (线索、初核、立案), and what becomes of leads that meet.

A lead that must be screened is never dropped; one about those who handle leads goes to whoever is free of
it, and up where nobody is. A lead that came of a card alone falls with the card. Sources: domain 3.2, 3.3.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from temporalio import workflow

from rules.leads import chain_of, check_lead, check_not_accepted, code_of, route, time_barred
from rules.procedures.fault import FaultStage
from rules.refusals import Refusal
from schemas.acts import Act
from schemas.clocks import Clock, ClockKind
from schemas.fault import Lead
from schemas.fault_acts import AcceptLead, NotAcceptLead, Screen, SendUp
from schemas.fault_measures import Transfer, TransferStatus
from workflows.fault_matter import SENT_UP
from workflows.fault_mergers import CARD_LEAD, FaultMergers, told
from workflows.matter import act
from workflows.recording import RECORD_TIMEOUT, RETRY, Acting


class FaultLeads(FaultMergers):
    """What happens to a lead."""

    origins = frozenset(
        {
            CARD_LEAD,
            "card.lead_opened",
            "complaint.lead_opened",
            "supervision.lead_opened",
            "inquiry.lead_opened",
            "case.lead_opened",
            "review.lead_opened",
            "fault.lead_opened",
            "report.lead_opened",
        }
    )

    # -- taking in ------------------------------------------------------------------------

    async def _taking_in(self, message: Act) -> Acting:
        """Whoever acted in the matter it is about is read in the ledger: nobody has to be believed."""
        acting = await super()._taking_in(message)
        lead = self._lead_taken_in()
        acted: list[tuple[str, str]] = []
        if lead.about:
            acted = await workflow.execute_activity(
                "acted_in",
                lead.about.number,
                result_type=list[tuple[str, str]],
                start_to_close_timeout=RECORD_TIMEOUT,
                retry_policy=RETRY,
                summary=lead.about.number,
            )
        self.set(lead=lead, chain=chain_of(acted))
        return acting

    def _lead_taken_in(self) -> Lead:
        """The lead, from the entry that opened it or as it was registered by hand."""
        if self.testimony is None:
            lead: Lead | None = getattr(self.start, "lead", None)
        else:
            try:
                lead = Lead.model_validate(self.testimony.data.get("lead"))
            except ValidationError as problem:
                raise Refusal("no_lead") from problem
        if lead is None:
            raise Refusal("no_lead")
        return lead

    def opening(self) -> None:
        """登记线索: routed to whoever it is not about; the limit of the screening starts."""
        lead = self.state.lead
        check_lead(lead, self.faults)
        found = route(lead.accused, self.rules.posts, self.faults)
        self.set(route=found.route, outside=found.outside, card=self._card())
        self.take_duty(found.officer, found.post.code, "")
        self.start_step("screening")
        self.write(
            "registered",
            business_key="registered",
            digest=self.start.digest,
            route=found.route,
            outside=found.outside,
            chain=list(self.state.chain),
            **told(lead),
            notify=(found.officer,),
        )

    def _card(self) -> str:
        opened = self.testimony
        return opened.entry.number if opened and opened.type == CARD_LEAD else ""

    # -- screening ------------------------------------------------------------------------

    @act
    def screen(self, message: Screen) -> None:
        """初核: by whoever the lead is routed to, never by somebody it is about."""
        self.check_inside()
        self.set(state=FaultStage.SCREENING)
        self.write("screened")

    @act
    def accept(self, message: AcceptLead) -> None:
        """立案: for these faults, unless all of it lies too far back; the investigation's limit starts."""
        self.check_inside()
        lead = self._lead_as_accepted(message)
        for code in lead.codes:
            code_of(code, self.faults)
        if time_barred(lead, self.state.received_day, self.faults):
            raise Refusal("time_barred")
        more = message.other_grounds or set(lead.codes) - set(self.state.lead.codes)
        self.stop_step("screening")
        self.set(
            state=FaultStage.INVESTIGATING,
            lead=lead,
            accepted_day=self.day(self.at),
            related=message.related,
            witnesses=message.witnesses,
            card="" if more else self.state.card,
        )
        self.start_step("investigation")
        self.write("accepted", **told(lead), other_grounds=message.other_grounds)

    def _lead_as_accepted(self, message: AcceptLead) -> Lead:
        lead = self.state.lead
        return lead.model_copy(
            update={
                "codes": message.codes or lead.codes,
                "occurred_on": message.occurred_on or lead.occurred_on,
                "ongoing": message.ongoing or lead.ongoing,
            }
        )

    @act
    def not_accept(self, message: NotAcceptLead) -> None:
        """不予立案: with the reason; a reporter who gave his name is told."""
        check_not_accepted(self.state.lead, message, self.state.received_day, self.faults)
        self.stop_all(self.at)
        self.set(state=FaultStage.NOT_ACCEPTED)
        self.write("not_accepted", ground=message.ground.value, notified=message.notified)

    @act
    def send_up(self, message: SendUp) -> None:
        """上报: what nobody here may screen goes to a body outside, whose receipt ends the case here."""
        if not self.state.outside:
            raise Refusal("not_sent_up")
        if any(each.kind == SENT_UP for each in self.state.transfers):
            raise Refusal("sent_up_already")
        kind = next((each for each in self.faults.transfers if each.code == SENT_UP), None)
        if kind is None or message.organ not in kind.organs:
            organs = "、".join(kind.organs) if kind else "-"
            raise Refusal("wrong_receiver", kind=SENT_UP, organs=organs, organ=message.organ)
        sent = Transfer(
            ref=f"T{len(self.state.transfers) + 1}",
            kind=SENT_UP,
            organ=message.organ,
            status=TransferStatus.SENT,
            proposed_by=(message.officer,),
            whole=True,
            package=message.package,
        )
        self.set(transfers=(*self.state.transfers, sent))
        self.write("sent_up", organ=message.organ, ref=sent.ref, package=list(message.package))

    # -- the office's own delay -----------------------------------------------------------

    def expired(self, clock: Clock, at: Any) -> None:
        """Whoever sits on a case is reported himself, once: to those who handle leads about him.

        Where nobody here may look into it, there is nobody left to report him to.
        """
        rules = self.faults
        late = clock.kind is ClockKind.STEP and clock.ref in rules.delays_reported
        if not late or self.state.delay_reported or self.state.outside:
            return
        self.set(delay_reported=True)
        about = {"kind": self.kind, "number": self.id}
        lead = {"source": rules.delay_source, "codes": list(rules.delay_codes), "about": about}
        lead |= {"accused": [clock.owner], "text": f"{clock.ref} 逾期 / overdue", "evidence": []}
        self.write_system("lead_opened", at, clock.owner, lead=lead)
        self.begin("fault", f"GC-{self.id}")
