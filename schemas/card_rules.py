"""Cards (牌): which breach or irregularity leads to which card, on whom, as data of the profile.

Two tables: a limit that has passed is a verdict by itself (`clocks`); what an entry tells besides lateness
is only a proposal, which the supervision office confirms or dismisses (`triggers`). Sources: domain 2.9,
3.1 column A.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from .base import Code, StrictModel, Text
from .clocks import ClockKind, Limit

Stated = str | int | bool
"""What a trigger compares an entry's data with."""


class Recipient(StrEnum):
    """Whom a card is for, seen from what it is about."""

    OWNER = "owner"  # against whom the clock ran, or on whose account the engine acted
    ACTOR = "actor"  # who did it
    CHIEF = "chief"  # chief of his section
    DEPUTY = "deputy"  # deputy head in charge of it


class ClockCard(StrictModel):
    """What becomes of a limit that has passed; the row that says most about the clock counts."""

    code: Code
    clock: ClockKind
    kind: str = ""
    """Kind of matter; empty: any."""
    ref: str = ""
    """Which of its clocks of this kind; empty: any."""
    card: Code
    to: tuple[Recipient, ...] = Field(min_length=1)
    copies: tuple[Recipient, ...] = ()
    cause: Code = "overdue"
    fault: Code
    """Fault code (domain 3.1) that a lead would be about."""
    basis: Code


class Escalation(StrictModel):
    """What becomes of a yellow card that is not corrected in its rectify limit."""

    card: Code
    to: tuple[Recipient, ...] = ()
    """Who is addressed besides those who had the yellow one, addressed or in copy."""
    cause: Code
    basis: Code


class Trigger(StrictModel):
    """An irregularity that an entry shows (不规范情形)."""

    code: Code
    name: Code
    name_en: Code
    on: Code
    """Type of the entry; `*`: any."""
    where: dict[Code, Stated | tuple[Stated, ...]] = {}
    """What its data must say; of several words one."""
    at_least: dict[Code, int] = {}
    """Numbers of its data that must be this large."""
    card: Literal["Y4", "R3"] | None
    """The card that is proposed; None: the law itself demands a fault lead."""
    to: Recipient
    fault: Code
    severity: Literal["general", "serious", "especially_serious"]
    basis: Code


class CardRules(StrictModel):
    """One section of a profile."""

    objection: Limit | None = None
    """From service: how long an addressee may object, with evidence (申诉撤牌)."""
    ruling: Limit | None = None
    """How long the supervision office has to answer."""
    confirmation: Limit | None = None
    """How long it has to confirm or dismiss what was proposed."""
    judges: tuple[Code, ...] = ()
    """Roles of the posts that answer for cards; the first whose holders are not addressed themselves."""
    red_notice: tuple[Code, ...] = ()
    """Roles of the posts that are told of every red card, besides the deputy head in charge."""
    clocks: tuple[ClockCard, ...] = ()
    escalation: Escalation | None = None
    triggers: tuple[Trigger, ...] = ()
    notes: Text = ""
