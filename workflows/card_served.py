"""How a card comes among people: read from its entry, served on each of them, settled in the end.

The card's own clocks: a window to object from service on; steps of the supervision office to confirm and to
rule; and, where no clock of another matter stands behind the card, its own rectify limit. Source: domain
2.9.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import JsonValue

from rules import cards as verdicts
from rules.moments import deadline_of
from rules.procedures.card import CardStage
from rules.refusals import Refusal
from schemas.card import Proposal, Service
from schemas.clocks import Clock, ClockKind, Limit
from schemas.matters import Card, CardStatus
from workflows.card_verdicts import CARD
from workflows.card_view import CardView

OBJECTION, RULING, CONFIRMATION = "objection", "ruling", "confirmation"
"""Which clock it is."""


class CardServed(CardView):
    """Service and settlement of one card."""

    # -- beginning ------------------------------------------------------------------------

    def read_origin(self) -> None:
        """Take the card from the entry that issued or proposed it."""
        testimony = self.testimony
        if testimony is None or testimony.data.get("card", {}).get("id") != self.id:  # type: ignore[union-attr]
            raise Refusal("wrong_origin", type=testimony.type if testimony else "-")
        data, entry = testimony.data, testimony.entry
        proposal = data.get("proposal")
        self.set(
            card=Card.model_validate(data["card"]),
            issuer=entry,
            about=data.get("about") or {"kind": entry.kind, "number": entry.number},
            proposal=Proposal.model_validate(proposal) if proposal else None,
            received_day=self.day(self.at),
        )
        self.take_judge_duty()

    def take_judge_duty(self) -> None:
        """Never ownerless: whoever has to answer for it has the duty."""
        self.take_duty(self.judge.a, self.judge.code, "judge")

    def issue_confirmed(self) -> None:
        """A confirmed proposal is issued today; nobody else's clock stands behind it, so its own runs."""
        today = self.day(self.at)
        card = self.card.model_copy(update={"issue_day": today, "breached_at": self.at})
        rectify = self.rectify_clock(card, self.at)
        yellow = verdicts.colour(card.code) == "yellow"
        new = verdicts.issued(card, deadline_of(rectify, self.rules).due if yellow else None)
        self.set(card=new, cards=(*self.state.cards, new))
        if yellow:
            self.set(clocks=(*self.state.clocks, rectify))

    # -- service --------------------------------------------------------------------------

    def serve(self, kind: str = "registered", notify: tuple[str, ...] = (), **facts: Any) -> None:
        """送达: on each addressee, now; the window to object opens, and a red card is a lead."""
        card = self.card
        served = [Service(person=who, at=self.at) for who in card.addressees]
        self.set(served=(*self.state.served, *served))
        self._open_window()
        red = verdicts.colour(card.code) == "red"
        own = kind == "registered" and card.lead == verdicts.lead_of(self.id)
        told = verdicts.told_of_red(self.rules, card) if red else ()
        facts |= {"lead": self._lead()} if own else {}
        self.write(
            kind,
            **self.said_of_it(),
            **facts,
            served=[service.model_dump(mode="json") for service in served],
            notify=(*card.addressees, *card.copies, *told, *notify),
        )
        if own:
            self.begin("fault", card.lead)
        elif card.lead:
            self.tell("fault", card.lead)

    def _open_window(self) -> None:
        for clock in tuple(self.running(ClockKind.WINDOW)):
            self.change_clock(clock, stopped_on=self.day(self.at), stopped_at=self.at)
        day, owner = self.day(self.at), self.card.addressees[0]
        post = verdicts.post_of_officer(self.rules, owner)
        self.start_clock(ClockKind.WINDOW, day, self.limits.objection, ref=OBJECTION, owner=owner, post=post)

    def start_step(self, ref: str, limit: Limit | None) -> None:
        """A step of whoever answers for the card."""
        post = self.judge
        self.start_clock(ClockKind.STEP, self.day(self.at), limit, ref=ref, owner=post.a, post=post.code)

    def said_of_it(self) -> dict[str, Any]:
        """What the first entry of a card says, besides the card."""
        proposal = self.state.proposal
        return {
            "card": self.row,
            "about": self.state.about,
            **({"proposal": proposal.model_dump(mode="json")} if proposal else {}),
        }

    def _lead(self) -> dict[str, JsonValue]:
        """The fault lead of a red card: where to look, at whom, because of which entries. No finding."""
        card, entry = self.card, self.issuer
        behind = self.state.proposal.behind if self.state.proposal else 0
        number = self.state.about.get("number")
        return {
            "source": "red_card",
            "codes": [card.fault] if card.fault else [],
            "about": self.state.about,
            "accused": list(card.addressees),
            "text": f"{number} 红牌 {card.code} ({card.cause}) / red card {card.code} on {number}",
            "evidence": [{"kind": entry.kind, "number": entry.number, "seq": entry.seq - behind}],
        }

    # -- what becomes of it ---------------------------------------------------------------

    def rectify_if_corrected(self) -> None:
        """整改: with nothing left to do or to say it is corrected, and its own limit runs no longer."""
        if self.card.status is CardStatus.OPEN and verdicts.corrected(self.card):
            self.put(status=CardStatus.RECTIFIED)
            self.stop_rectifying()

    def stop_rectifying(self) -> None:
        """Its own rectify limit, where it has one, runs no longer."""
        self.stop_rectify(self.card, self.at)

    def close_if_settled(self, at: datetime) -> None:
        """了结: the verdict is settled and no right runs on; of an absorbed card it runs on in the other."""
        if self.state.state != CardStage.SERVED or self.card.status is CardStatus.OPEN:
            return
        if self.card.status is CardStatus.ABSORBED or not any(self.running(ClockKind.WINDOW)):
            self.stop_all(at)
            self.set(state=CardStage.CLOSED)

    def escalate_card(self, rectify: Clock, at: datetime) -> None:
        """Where its own rectify limit has passed, it turns red here."""
        super().escalate_card(rectify, at)
        red = next((each.id for each in self.state.cards if each.follows == self.id), "")
        self.set(red=red)
        self.put(status=CardStatus.ESCALATED)
        self.close_if_settled(at)
        self.write_system("escalated", at, self.card.addressees[0], card=self.row, red=red)

    def tell_issuer(self) -> None:
        """The matter that decides on the verdict, and the fault case, learn of the entry just drafted."""
        if self.state.proposal is None:
            self.tell(self.issuer.kind, self.issuer.number)
        if self.card.lead:
            self.tell("fault", self.card.lead)

    def tell_of_revocation(self) -> None:
        """Besides them, the red card that this one has turned into."""
        self.tell_issuer()
        if self.state.red:
            self.tell(CARD, self.state.red)
