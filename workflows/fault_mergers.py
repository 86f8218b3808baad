"""Leads that meet (并案、撤牌): a merger frees nobody, and no lead is lost in one.

The other lead ends only once it has found itself to be about the same matter. A lead that came of a card
alone stands and falls with the card. Source: domain 2.9, 3.3.
"""

from __future__ import annotations

from typing import Any

from rules.procedures.fault import BEFORE_NOTICE, RUNNING, FaultStage
from rules.refusals import Refusal
from schemas.fault import Lead
from schemas.fault_acts import MergeLead
from schemas.kin import Testimony
from workflows.fault_matter import FaultMatter
from workflows.matter import act

CARD_LEAD = "card.registered"
CARD_GONE = ("card.revoked", "card.withdrawn")
"""The card is no verdict any more: by a ruling, or because what it rested on is withdrawn."""

CARD_MORE = (CARD_LEAD, "card.readdressed")
"""A card of the same delay joins the lead, or the card is served on others: they are concerned as well."""


class FaultMergers(FaultMatter):
    """What a case hears of other leads and of its card."""

    hears = frozenset({*CARD_GONE, *CARD_MORE, "fault.merge_offered", "fault.merged"})

    @act
    def merge(self, message: MergeLead) -> None:
        """并案: the other lead is asked to go on here; it ends only if it is about the same matter."""
        about = self.state.lead.about
        if about is None:
            raise Refusal("no_about")
        if message.other == self.id:
            raise Refusal("same_case")
        self.write("merge_offered", other=message.other, about=about.model_dump())
        self.tell("fault", message.other)

    def hear(self, testimony: Testimony) -> None:
        """What another matter did that changes this one."""
        match testimony.type:
            case "fault.merge_offered":
                self._answer_merger(testimony)
            case "fault.merged":
                self._join(testimony)
            case name if name in CARD_GONE:
                self._ground_fell(testimony)
            case _:
                self._card_joins(testimony)

    def _answer_merger(self, testimony: Testimony) -> None:
        about, into = self.state.lead.about, testimony.entry.number
        same = about is not None and about.model_dump() == testimony.data.get("about")
        if not same or self.state.state not in BEFORE_NOTICE or self.state.outside:
            self.write("merge_declined", into=into)
            return
        self.stop_all(self.at)
        self.set(state=FaultStage.MERGED)
        self.write("merged", into=into, merged_lead=told(self.state.lead))
        self.tell("fault", into)

    def _join(self, testimony: Testimony) -> None:
        """Persons, faults and evidence of the other lead move along: a merger frees nobody."""
        other, mine = Lead.model_validate(testimony.data["merged_lead"]), self.state.lead
        number = testimony.entry.number
        joined = mine.model_copy(
            update={
                "codes": _both(mine.codes, other.codes),
                "accused": _both(mine.accused, other.accused),
                "evidence": _both(mine.evidence, other.evidence),
                "named": mine.named or other.named,
            }
        )
        self.set(lead=joined, joined=(*self.state.joined, number), card="")
        self.reroute()
        self.write("joined", number=number, **told(joined))

    def _card_joins(self, testimony: Testimony) -> None:
        """The addressees of a card of the same delay move along, those it frees are free here too.

        The lead stands and falls with the latest of these cards.
        """
        number, mine = testimony.entry.number, self.state.lead
        named, freed = _addressees(testimony), testimony.data.get("freed")
        people = _both(mine.accused, named)
        if isinstance(freed, list):
            people = tuple(who for who in people if who not in freed or who in named)
        joined = mine.model_copy(update={"accused": people})
        self.set(lead=joined, card=number if self.state.card else "")
        self.reroute()
        self.write("joined", number=number, **told(joined))

    def _ground_fell(self, testimony: Testimony) -> None:
        """A lead that came of the card alone is closed by counter-entry; any other one goes on."""
        state, card = self.state, testimony.entry.number
        if self.over_in(state.state):
            return
        if state.card != card or state.state not in BEFORE_NOTICE | RUNNING:
            self.write("ground_fell", card_id=card)
            return
        self.stop_all(self.at)
        self.set(state=FaultStage.WITHDRAWN)
        self.write("withdrawn", card_id=card, notify=self.desk)


def told(lead: Lead) -> dict[str, Any]:
    """The lead as an entry holds it."""
    return lead.model_dump(mode="json", exclude_defaults=True)


def _both(mine: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys((*mine, *other)))


def _addressees(testimony: Testimony) -> tuple[str, ...]:
    """Whom a card is served on, as its entry says."""
    card = testimony.data.get("card")
    named = card.get("addressees") if isinstance(card, dict) else None
    return tuple(str(who) for who in named) if isinstance(named, list) else ()
