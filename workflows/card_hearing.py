"""What a card is told by the matter that decides on its verdict, and what time alone brings to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import JsonValue

from rules import cards as verdicts
from rules.procedures.card import CardStage
from schemas.clocks import Clock
from schemas.kin import Testimony
from schemas.matters import CardStatus
from workflows.card_served import CardServed

SETTLED = {"card.absorbed": CardStatus.ABSORBED, "card.corrected": CardStatus.RECTIFIED}
"""What an entry of the matter makes of the card."""


class CardHearing(CardServed):
    """The card as a listener."""

    hears = frozenset(
        {
            "card.absorbed",
            "card.corrected",
            "card.explanation_noted",
            "card.late_act_done",
            "card.not_rectified",
            "card.noted",
            "card.reinstated",
            "card.revoked",
        }
    )

    def hear(self, testimony: Testimony) -> None:
        """Only what is said of this card, by those that may: its matter, and the card it grew from."""
        if not self._concerns(testimony):
            return
        match testimony.type:
            case "card.revoked":
                self._withdrawn()
            case "card.not_rectified":
                self._escalated(str(testimony.data.get("red", "")))
            case "card.reinstated":
                self._reinstated()
            case "card.noted":
                self._breach_noted(testimony)
            case _:
                self._told(testimony)

    def _concerns(self, testimony: Testimony) -> bool:
        data, sender = testimony.data, testimony.entry
        if (sender.kind, sender.number) == (self.issuer.kind, self.issuer.number):
            named = data.get("card")
            return self.id in (data.get("card_id"), named.get("id") if isinstance(named, dict) else None)
        return (testimony.type, sender.number) == ("card.revoked", self.card.follows)

    def _withdrawn(self) -> None:
        """撤牌: the finding, or the yellow card it grew from, is withdrawn."""
        if self.card.status is CardStatus.REVOKED:
            return
        self.stop_all(self.at)
        self.set(state=CardStage.REVOKED, objector="")
        self.put(status=CardStatus.REVOKED)
        self.write("withdrawn", card=self.row, notify=self.everybody)
        if self.card.lead:
            self.tell("fault", self.card.lead)

    def _escalated(self, red: str) -> None:
        """转红牌: not corrected in time; the right to object to this one runs on."""
        self.set(red=red)
        self.put(status=CardStatus.ESCALATED)
        self.close_if_settled(self.at)
        self.write("escalated", card=self.row, red=red, notify=self.card.addressees)

    def _reinstated(self) -> None:
        """It was not yet to be corrected: the red card is withdrawn, this one stands."""
        self.set(red="")
        self.put(status=CardStatus.OPEN)
        self.rectify_if_corrected()
        self.write("escalation_withdrawn", card=self.row, notify=self.card.addressees)

    def _breach_noted(self, testimony: Testimony) -> None:
        """A further limit of the same delay has passed: an entry in this card, not a card of its own."""
        about = {key: testimony.data.get(key) for key in ("clock", "ref")}
        self.write("breach_noted", breach=about, notify=self.everybody)
        if self.card.lead:
            self.tell("fault", self.card.lead)

    def _told(self, testimony: Testimony) -> None:
        """What the matter says of correction and absorption; nothing, where it is known here already."""
        told = testimony.data["card"]
        assert isinstance(told, dict)
        before = self.card
        self.put(
            corrected=before.corrected or bool(told.get("corrected")),
            explained=verdicts.known((*before.explained, *_names(told.get("explained")))),
        )
        if status := SETTLED.get(testimony.type):
            self.put(status=status)
        self.rectify_if_corrected()
        if self.card == before:
            return
        self.close_if_settled(self.at)
        kind = "settled" if self.card.status in SETTLED.values() else "late_act_noted"
        self.write(kind, card=self.row, notify=self.card.addressees)

    def window_closed(self, clock: Clock, at: datetime) -> None:
        """申诉期满: nobody may object any more; a settled card is closed with it."""
        settled = self.card.status is not CardStatus.OPEN
        if settled and self.state.state == CardStage.SERVED:
            self.stop_all(at)
            self.set(state=CardStage.CLOSED)
        facts: dict[str, Any] = {"clock": clock.kind.value, "ref": clock.ref}
        self.write_system("window.closed", at, clock.owner, card=self.row, **facts)


def _names(told: JsonValue) -> tuple[str, ...]:
    return tuple(str(who) for who in told) if isinstance(told, list) else ()
