"""What a card is on the people's side: the verdict, whose it is, who answers for it, how it is seen."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from rules import cards as verdicts
from rules.policy import Position
from rules.procedures.card import ADDRESSEE, COPY, JUDGE
from rules.refusals import Refusal
from schemas.card import CardInput, CardState
from schemas.card_rules import CardRules
from schemas.kin import EntryRef
from schemas.matters import Card
from schemas.profile import Post
from workflows.watching import Watched


class CardView(Watched[CardState]):
    """State and views of one card."""

    start: CardInput

    # -- what it is -----------------------------------------------------------------------

    @property
    def card(self) -> Card:
        """The card as it stands. Raises RuntimeError before its entry is read."""
        if self.state.card is None:
            raise RuntimeError("the card's entry is not read yet")
        return self.state.card

    @property
    def issuer(self) -> EntryRef:
        """The entry that issued or proposed it."""
        if self.state.issuer is None:
            raise RuntimeError("the card's entry is not read yet")
        return self.state.issuer

    @property
    def limits(self) -> CardRules:
        """The rules of cards."""
        return self.rules.cards or CardRules()

    @property
    def judge(self) -> Post:
        """The post that answers for it: none of its holders is addressed himself."""
        found = verdicts.judge(self.rules, self.card.addressees)
        if found is None:
            raise Refusal("unknown_post", post=JUDGE)
        return found

    @property
    def everybody(self) -> tuple[str, ...]:
        """All on whom it was served, or who had it in copy."""
        served = (service.person for service in self.state.served)
        return verdicts.known((*self.card.addressees, *served, *self.card.copies))

    @property
    def row(self) -> dict[str, JsonValue]:
        """The card as entries and read model hold it, filed under the matter in which the wrong was done."""
        return self.card_row(self.card)

    def card_row(self, card: Card) -> dict[str, JsonValue]:
        """Cards that grow from this one are filed there too."""
        return {**super().card_row(card), "case_id": self.state.about.get("number", self.id)}

    def card_facts(self) -> dict[str, Any]:
        """In which matter the wrong was done."""
        return {"about": self.state.about}

    def put(self, **changes: Any) -> None:
        """Change the card; where its verdict is decided here, its verdict too."""
        new = self.card.model_copy(update=changes)
        cards = tuple(new if each.id == self.id else each for each in self.state.cards)
        self.set(card=new, cards=cards)

    # -- views ----------------------------------------------------------------------------

    def position(self) -> Position:
        """Who may act: its addressees, and whoever answers for it."""
        card = self.state.card
        if card is None:
            return super().position()
        judge = self.judge
        return Position(
            rules=self.rules,
            state=self.state.state,
            duty=self.duty,
            people=(
                *((ADDRESSEE, who) for who in card.addressees),
                *((COPY, who) for who in card.copies),
                *((JUDGE, who) for who in (judge.a, judge.b) if who),
            ),
        )

    def view(self) -> dict[str, Any]:
        """Columns of the read model."""
        card = self.state.card
        return {
            "business_key": self.start.business_key,
            "channel": self.start.channel.value,
            "received_day": self.state.received_day.isoformat(),
            "closed": self.over_in(self.state.state),
            "outcome": card.status.value if card else None,
            "about": self.state.about.get("number"),
        }

    def facts(self) -> dict[str, Any]:
        """The card, and what was said of it."""
        card = self.state.card
        said = card.model_dump(mode="json") if card else {}
        return {"card": said, "objector": self.state.objector, "objected": list(self.state.objected)}

    def figures(self) -> dict[str, Any]:
        """What became of it."""
        card = self.state.card
        return (
            {}
            if card is None
            else {
                "code": card.code,
                "status": card.status.value,
                "addressees": list(card.addressees),
                "explained": list(card.explained),
                "served": [service.model_dump(mode="json") for service in self.state.served],
                "about": self.state.about,
                "fault": card.fault,
                "lead": card.lead,
                "red": self.state.red,
            }
        )
