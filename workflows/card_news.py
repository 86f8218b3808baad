"""What people said of a card, as the matter hears it that decides on the verdict.

An explanation counts towards correction; an upheld objection revokes the card, and the red one it turned
into; a card that was another's fault becomes his (domain 2.9). The matter believes the ledger, not the
card: it reads the entry itself, and what was said in time counts in time, however late it is heard of.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rules import cards as verdicts
from rules.moments import deadline_of
from rules.triggers import lead_about, proposed
from schemas.card_rules import Trigger
from schemas.clocks import ClockKind
from schemas.entries import EntryDraft
from schemas.kin import Testimony
from schemas.matters import Card, CardStatus
from workflows.card_verdicts import CARD, Verdicts
from workflows.clocks import S

NEWS = frozenset(
    {
        "card.explained",
        "card.explanation_rejected",
        "card.correction_accepted",
        "card.readdressed",
        "card.revoked",
    }
)
"""Entries of a card that matter to the verdict."""


class CardNews(Verdicts[S]):
    """The matter as a listener to its own cards."""

    def propose_card(self, trigger: Trigger, person: str, draft: EntryDraft, behind: int) -> None:
        """提请确认: what an entry shows is a card only once the supervision office confirms it.

        `behind` counts the places from that entry to the one that is written now.
        """
        about = trigger.model_dump(mode="json", include={"fault", "severity", "basis"})
        about |= {"trigger": trigger.code, "behind": behind}
        n = self.cards_so_far
        self.set(proposals=(*self.state.proposals, (trigger.code, person)))
        if trigger.card is None:
            self._open_lead(trigger, person, draft, behind)
            return
        card = proposed(f"{self.id}/{trigger.card}-{n + 1}", trigger, person, draft, self.day(draft.time))
        self.write_system("card.proposed", draft.time, person, card=self.card_row(card), proposal=about)
        self.begin(CARD, card.id)

    def _open_lead(self, trigger: Trigger, person: str, draft: EntryDraft, behind: int) -> None:
        """The law itself demands that somebody look at it: no card, and nobody is asked (domain 2.9)."""
        seq = self.next_seq
        number = verdicts.lead_of(f"{self.id}-{seq}")
        found = lead_about(trigger, person, (self.kind, self.id), seq - behind)
        self.write_system("lead_opened", draft.time, person, lead=found, fault=number)
        self.begin("fault", number)

    def own_card(self, testimony: Testimony) -> Card | None:
        """The card of this matter whose news this is, if it is any."""
        number = testimony.entry.number
        if testimony.entry.kind != CARD or testimony.type not in NEWS or number == self.id:
            return None
        return next((card for card in self.state.cards if card.id == number), None)

    def hear_card(self, card: Card, testimony: Testimony) -> None:
        """What was said on the people's side changes the verdict, or does not."""
        at = testimony.time
        match testimony.type:
            case "card.revoked":
                self._revoked_on_objection(card, at)
            case "card.readdressed":
                self._readdressed(card, str(testimony.data["person"]), at)
            case "card.explanation_rejected":
                self._explanations(card, (), at)
            case "card.correction_accepted":
                self._correction_accepted(card, at)
            case _:
                self._explanations(card, (*card.explained, testimony.actor), at)

    def _explanations(self, card: Card, explained: tuple[str, ...], at: datetime) -> None:
        """Who has explained himself here has done so in the cards that grew from it: replies move along."""
        for each in map(self.card_now, (card, *verdicts.heirs(self.state.cards, card))):
            moved = explained if each.id == card.id else (*each.explained, *explained)
            new = verdicts.known(moved)
            if each.status in verdicts.LIVE and new != each.explained:
                tell = each.id != card.id or each.status is CardStatus.ESCALATED
                self.correct_card(each, at, "card.explanation_noted", tell=tell, explained=new)

    def _correction_accepted(self, card: Card, at: datetime) -> None:
        """The office finds it put right, and explained as far as it needs to be."""
        if card.status in verdicts.LIVE:
            explained = verdicts.known((*card.explained, *card.addressees))
            changes: dict[str, Any] = {"corrected": True, "explained": explained}
            self.correct_card(card, at, "card.explanation_noted", tell=False, **changes)

    def _revoked_on_objection(self, card: Card, at: datetime) -> None:
        """Revoking the yellow card revokes its red one; a later limit's card stands by itself."""
        self.revoke_reds(card, at)
        if card.status is not CardStatus.REVOKED:
            self.revoke_card(card, at, tell=False)

    def revoke_reds(self, card: Card, at: datetime) -> None:
        """The red cards that a yellow one turned into fall with it."""
        for red in self.state.cards:
            if red.follows == card.id and red.code == "R1" and red.status in verdicts.STANDING:
                self.revoke_card(red, at)

    def _readdressed(self, card: Card, person: str, at: datetime) -> None:
        """From now on it is somebody else's, who has the whole rectify limit."""
        if card.status is not CardStatus.OPEN:
            return
        changes: dict[str, Any] = {"addressees": (person,), "explained": ()}
        changes |= self.rectify_again(card, at)
        self.change_card(card, at, "card.readdressed", tell=False, **changes)

    def rectify_again(self, card: Card, at: datetime) -> dict[str, Any]:
        """The rectify limit of a yellow card begins anew; what changes in the card by that."""
        if card.rectify_due is None:
            return {}
        rectify = self.rectify_clock(card, at)
        if any(clock.ref == card.id for clock in self.running(ClockKind.RECTIFY)):
            self.stop_rectify(card, at)
            self.set(clocks=(*self.state.clocks, rectify))
        return {"rectify_due": deadline_of(rectify, self.rules).due}
