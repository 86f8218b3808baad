"""A card on the people's side: what may be done about it, and what it is while it lives (domain 2.9)."""

from __future__ import annotations

from pydantic import JsonValue

from .acts import Act
from .base import Code, Instant, Model
from .kin import EntryRef
from .matters import Card, MatterInput, MatterState

ENTRIES = (
    "breach_noted",
    "correction_accepted",
    "dismissed",
    "escalated",
    "escalation_withdrawn",
    "explained",
    "explanation_rejected",
    "late_act_noted",
    "lead_opened",
    "noted",
    "objected",
    "objection_rejected",
    "readdressed",
    "referred",
    "registered",
    "revoked",
    "settled",
    "withdrawn",
)
"""Types of entries, without `card.`."""


class Confirm(Act):
    """确认: what was proposed is a card; it is issued and served."""


class Dismiss(Act):
    """不予确认: it is none, with reasons."""


class Reply(Act):
    """书面说明: an addressee explains in writing; evidence as attachments."""


class ObjectTo(Act):
    """申诉撤牌: an addressee asks that the card be withdrawn; evidence is demanded."""


class Rule(Act):
    """申诉答复: the objection is upheld, and the card revoked by counter-entry, or rejected with reasons."""

    upheld: bool


class AcceptCorrection(Act):
    """认可整改: the wrong is put right and explained."""


class RejectCorrection(Act):
    """退回说明: what was explained does not do; it is to be explained again."""


class Readdress(Act):
    """改送: the delay was caused by somebody else, whose card it is from now on."""

    person: Code
    """Staff number."""


class Service(Model):
    """送达: on whom the card was served, and when."""

    person: Code
    at: Instant


class Proposal(Model):
    """Why a card was proposed: which trigger an entry met."""

    trigger: Code
    fault: Code
    severity: Code
    basis: Code
    behind: int
    """The entry lies this many places before the one that proposes the card."""


class CardState(MatterState):
    """A card (牌) served on named people."""

    card: Card | None = None
    """None until the entry it comes from is read."""
    issuer: EntryRef | None = None
    """The entry that issued or proposed it; the matter of the former decides on its verdict."""
    about: dict[str, JsonValue] = {}
    """Kind and number of the matter in which the wrong was done."""
    proposal: Proposal | None = None
    served: tuple[Service, ...] = ()
    objector: str = ""
    """Who waits for an answer to his objection."""
    objected: tuple[str, ...] = ()
    """Who has used his right to object."""
    red: str = ""
    """The red card that this yellow one has turned into."""


class CardInput(MatterInput):
    """Start of a card: all it needs is in the entry it comes from."""

    resumed: CardState | None = None
