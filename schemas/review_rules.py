"""Joint review: matter types, quorum and majority, as data of the profile (domain M19)."""

from __future__ import annotations

from pydantic import Field, model_validator

from .base import Code, StrictModel
from .clocks import Limit


class QuorumRule(StrictModel):
    """How many must be there, and how many of them must agree; both shares are of heads.

    The quorum is *at least* its share of the base; the majority is *more than* its share of those
    present, so that 1/2 means one vote more than half.
    """

    quorum_n: int = Field(default=2, ge=0)
    quorum_d: int = Field(default=3, ge=1)
    majority_n: int = Field(default=1, ge=0)
    majority_d: int = Field(default=2, ge=1)

    @model_validator(mode="after")
    def _are_shares(self) -> QuorumRule:
        """No more than everybody can be asked to come, and less than everybody can be outvoted."""
        if self.quorum_n > self.quorum_d or self.majority_n >= self.majority_d:
            raise ValueError("法定人数至多为全体，多数须小于全体 / a quorum is at most 1, a majority below 1")
        return self


class SessionRules(StrictModel):
    """How a collective decision is held: its shares and its limits, with what they rest on."""

    quorum: QuorumRule = QuorumRule()
    basis: str = ""
    materials: Limit | None = None
    """The papers are sent at least this long before the meeting (会前送达); None: no such rule."""
    meeting: str = ""
    """What the rule rests on that it is opened on the day it was called for; empty: nobody watches it."""
    minutes: Limit | None = None
    """The minutes are signed within this after the session; None: no limit."""


class Blocked(StrictModel):
    """A stage that cannot be signed as agreed, nor decided upon, without the resolution."""

    item: Code
    stage: Code


class MatterType(StrictModel):
    """A kind of question that must be decided together (须经联席会审的事项)."""

    code: Code
    name: Code
    name_en: Code
    basis: Code
    blocks: tuple[Blocked, ...] = ()
    sealed: str = ""
    """Name of the value that is sealed until the sale has ended (`reserve_price`); empty: none."""
    override_basis: str = ""
    """Article that gives the chair the decision against the majority; empty: nobody has it."""


class LeadRule(StrictModel):
    """What fault lead follows from something that happened in a review."""

    source: Code
    codes: tuple[Code, ...]
    basis: Code


class ReviewRules(StrictModel):
    """One section of a profile."""

    session: SessionRules = SessionRules()
    schedule: Limit | None = None
    """From the request to the meeting's convening."""
    execute: Limit | None = None
    """From the signed minutes to what was resolved being done."""
    matters: tuple[MatterType, ...] = ()
    absence: LeadRule | None = None
    """Absence from a meeting without leave; None: no lead."""
    override: LeadRule | None = None
    """The chair decided against the majority; None: no lead."""

    def matter(self, code: str) -> MatterType | None:
        """The type of matter with this code."""
        return next((each for each in self.matters if each.code == code), None)

    def required(self, item: str, stage: str) -> tuple[str, ...]:
        """Codes of the types that block a stage of an item."""
        at = Blocked(item=item, stage=stage)
        return tuple(each.code for each in self.matters if at in each.blocks)

    def of_item(self, item: str) -> ReviewRules:
        """The part that an approval case carries: what blocks its item."""
        return ReviewRules(matters=tuple(m for m in self.matters if any(b.item == item for b in m.blocks)))
