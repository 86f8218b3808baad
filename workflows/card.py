"""Supervision cards (监察牌): a verdict served on named people, who may explain, object and be heard.

Begun on the issue day by the matter whose clock was broken, or proposed because of what an entry shows.
That matter alone decides whether the card is corrected, absorbed or turns red; it reads here what people
said. A card is never deleted, computed anew or hidden: it is revoked by a counter-entry, and stays. Source:
domain 2.9.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from rules import cards as verdicts
from rules.cards import post_of_officer
from rules.procedures.card import CARD, CardStage
from rules.refusals import Refusal
from schemas.card import (
    AcceptCorrection,
    CardInput,
    CardState,
    Confirm,
    Dismiss,
    ObjectTo,
    Readdress,
    RejectCorrection,
    Reply,
    Rule,
)
from schemas.clocks import ClockKind
from schemas.matters import CardStatus, MatterResult
from workflows.card_hearing import CardHearing
from workflows.card_served import CONFIRMATION, RULING
from workflows.matter import act


@workflow.defn(name="CardWorkflow")
class CardWorkflow(CardHearing):
    """One card (牌), from its issue or proposal to its end."""

    kind = "card"
    procedure = CARD
    origins = frozenset({"card.issued", "card.proposed"})

    @workflow.init
    def __init__(self, start: CardInput) -> None:
        """Nothing is known before the entry it comes from is read; a resumed one goes on where it stood."""
        super().__init__(start)
        at = start.received_at or workflow.now()
        self.state = start.resumed or CardState(
            state=CardStage.SERVED, rules=start.rules, received_day=at.date(), last_at=at
        )
        self.recorded = self.before = start.resumed

    @workflow.run
    async def run(self, start: CardInput) -> MatterResult:
        """The card's whole life."""
        return await self.live()

    def opening(self) -> None:
        """送达, or 提请确认: on whom, since when, with which entry."""
        self.read_origin()
        if self.card.status is CardStatus.PROPOSED:
            self.set(state=CardStage.PROPOSED)
            self.start_step(CONFIRMATION, self.limits.confirmation)
            self.write("referred", **self.said_of_it(), notify=(self.judge.a,))
        else:
            self.serve()

    # -- proposed -------------------------------------------------------------------------

    @act
    def confirm(self, message: Confirm) -> None:
        """确认发牌: what was proposed is a card; it is issued today and served."""
        self.stop_clocks(ClockKind.STEP, self.at, CONFIRMATION)
        self.set(state=CardStage.SERVED)
        self.issue_confirmed()
        self.serve()

    @act
    def dismiss(self, message: Dismiss) -> None:
        """不予确认: no card comes of it; that it was proposed stays on record."""
        self.stop_all(self.at)
        self.set(state=CardStage.DISMISSED)
        self.put(status=CardStatus.DISMISSED)
        self.write("dismissed", card=self.row, notify=self.card.addressees)

    # -- explanation and correction -------------------------------------------------------

    @act
    def reply(self, message: Reply) -> None:
        """书面说明: with the late act done and all explanations given, the card is corrected."""
        self.put(explained=verdicts.known((*self.card.explained, message.officer)))
        self.rectify_if_corrected()
        self.close_if_settled(self.at)
        self.write("explained", card=self.row, notify=(self.judge.a,))
        self.tell_issuer()

    @act
    def accept_correction(self, message: AcceptCorrection) -> None:
        """认可整改: the wrong is put right and explained, as far as it needs to be."""
        self._check_open("accept_correction")
        if not self.card.explained:
            raise Refusal("not_explained")
        if self.card.clock and not self.card.corrected:
            raise Refusal("late_act_open")
        explained = verdicts.known((*self.card.explained, *self.card.addressees))
        self.put(corrected=True, explained=explained)
        self.rectify_if_corrected()
        self.close_if_settled(self.at)
        self.write("correction_accepted", card=self.row, notify=self.card.addressees)
        self.tell_issuer()

    @act
    def reject_correction(self, message: RejectCorrection) -> None:
        """退回说明: what was explained does not do; the rectify limit runs on."""
        self._check_open("reject_correction")
        if not self.card.explained:
            raise Refusal("not_explained")
        told = self.card.explained
        self.put(explained=())
        self.write("explanation_rejected", card=self.row, persons=list(told), notify=told)
        self.tell_issuer()

    def _check_open(self, name: str) -> None:
        if self.card.status is not CardStatus.OPEN:
            raise Refusal("card_settled", status=self.card.status.value, act=self.table[name].zh)

    # -- objection ------------------------------------------------------------------------

    @act
    def object_to(self, message: ObjectTo) -> None:
        """申诉撤牌: in three working days from service, with evidence; it stops no clock."""
        if not any(self.running(ClockKind.WINDOW)):
            raise Refusal("objection_late")
        if message.officer in self.state.objected:
            raise Refusal("objected_before", officer=message.officer)
        if not message.attachments:
            raise Refusal("evidence_required")
        self.set(
            state=CardStage.OBJECTED,
            objector=message.officer,
            objected=(*self.state.objected, message.officer),
        )
        self.start_step(RULING, self.limits.ruling)
        self.write("objected", card=self.row, notify=(self.judge.a,))

    @act
    def rule(self, message: Rule) -> None:
        """申诉答复: upheld, the card is revoked by counter-entry; or rejected, with reasons."""
        objector = self._answered()
        if message.upheld:
            self.stop_all(self.at)
            self.stop_rectifying()
            self.set(state=CardStage.REVOKED)
            self.put(status=CardStatus.REVOKED)
            self.write("revoked", card=self.row, objector=objector, notify=self.everybody)
            self.tell_of_revocation()
            self.revoke_reds(self.card, self.at)
            return
        self.set(state=CardStage.SERVED)
        self.close_if_settled(self.at)
        self.write("objection_rejected", card=self.row, objector=objector, notify=(objector,))

    def _answered(self) -> str:
        objector = self.state.objector
        self.stop_clocks(ClockKind.STEP, self.at, RULING)
        self.set(objector="")
        return objector

    @act
    def readdress(self, message: Readdress) -> None:
        """改送: the delay was another's; he has the card, all its limits and rights from today on."""
        self._check_open("readdress")
        if message.person in self.card.addressees:
            raise Refusal("same_person", person=message.person)
        if not post_of_officer(self.rules, message.person):
            raise Refusal("unknown_person", person=message.person)
        freed, objector = self.card.addressees, self._answered()
        self.set(state=CardStage.SERVED)
        changes = self.rectify_again(self.card, self.at)
        self.put(addressees=(message.person,), explained=(), **changes)
        self.take_judge_duty()
        facts: dict[str, Any] = {"person": message.person, "freed": list(freed), "objector": objector}
        self.serve("readdressed", notify=freed, **facts)
        self.tell_issuer()
