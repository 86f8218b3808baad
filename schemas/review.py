"""Collective decisions: a session with its votes, what people do in it, and the joint review (联席会审).

The session and its acts are shared by every procedure in which several people decide together; the rest
belongs to the joint review alone.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .acts import Act
from .base import Code, Instant, Model, Text
from .intake import IntakeRequest
from .matters import MatterInput, MatterState
from .review_rules import SessionRules
from .sealed import SealedValue

MAX_MEMBERS = 100
"""Bound of a list of members: the result of a session stays far below the size of an entry."""


class Choice(StrEnum):
    """A vote: an abstention counts as present, not as agreeing."""

    AGREE = "agree"
    OPPOSE = "oppose"
    ABSTAIN = "abstain"


class Member(Model):
    """Somebody who is called to decide."""

    officer: Code
    post: Code
    """In whose name he sits there."""
    chair: bool = False


class Ballot(Model):
    """One member's vote, with his words as spoken."""

    member: Code
    choice: Choice
    opinion: Text = ""
    reason: Text = ""
    at: Instant


class Absence(Model):
    """Why somebody listed does not decide: leave, or an interest of his own (回避)."""

    member: Code
    reason: Text
    at: Instant


class Session(Model):
    """One meeting: called, opened, voted, closed, signed; or void for want of a quorum."""

    n: int = 1
    """Which meeting of the matter; a void or adjourned one is followed by another."""
    rules: SessionRules
    """As they stood when it was called: nobody changes the quorum of a meeting on its way."""
    members: tuple[Member, ...]
    chair: Code
    """Who presides now: the listed chair, or the next in the list where he may not or cannot."""
    meets_at: Instant
    materials: tuple[Code, ...] = ()
    called_at: Instant
    present: tuple[Code, ...] = ()
    leave: tuple[Absence, ...] = ()
    recused: tuple[Absence, ...] = ()
    opened_at: Instant | None = None
    base: int = 0
    """Listed less recused, fixed at the opening; a recusal after it takes one away."""
    ballots: tuple[Ballot, ...] = ()
    closed_at: Instant | None = None
    outcome: str = ""
    """`passed`, `failed`, `void` or `deferred`; empty while it is to come."""
    overridden: str = ""
    """The majority's outcome, where the chair decided otherwise."""
    override_reason: Text = ""
    minutes: str = ""
    """SHA-256 of the minutes' text."""
    signed: tuple[Code, ...] = ()
    concluded: bool = False
    """The minutes are signed by everybody who was to sign them, or the chair said why not."""

    @property
    def listed(self) -> tuple[str, ...]:
        """Staff numbers of all who were called."""
        return tuple(member.officer for member in self.members)

    @property
    def withdrawn(self) -> tuple[str, ...]:
        """Staff numbers of those who are recused."""
        return tuple(each.member for each in self.recused)

    @property
    def sitting(self) -> bool:
        """Whether it is open."""
        return self.opened_at is not None and not self.outcome


class SessionState(MatterState):
    """A matter in which a session may be held."""

    session: Session | None = None
    """The latest one; earlier ones are in the ledger."""


class Convene(Act):
    """召集: who decides, when, and on which papers, which are sent with this."""

    members: tuple[Member, ...] = Field(min_length=1, max_length=MAX_MEMBERS)
    meets_at: Instant
    materials: tuple[Code, ...] = ()


class Attend(Act):
    """签到或请假: a member is there, or says why he cannot be; the chair's presence opens."""

    leave: bool = False


class Recuse(Act):
    """回避: a member withdraws because he is concerned himself; the chair may order it."""

    member: str = ""
    """Staff number; empty: himself."""


class Vote(Act):
    """表决: opinion, vote, and the reason for any other vote than agreement."""

    choice: Choice


class CloseSession(Act):
    """宣布结果: the chair closes; `defer` adjourns without a resolution."""

    defer: bool = False


class SignMinutes(Act):
    """签署纪要: binds to the text that was read."""

    minutes: Code
    """SHA-256 of the text."""


class Override(Act):
    """主持人另行决定: against the majority, only where an article gives him the decision."""

    outcome: Code
    """`passed` or `failed`."""


class Seal(Act):
    """密封: a value that nobody may see yet, encrypted before it was sent."""

    value: SealedValue
    custodians: tuple[Code, Code]
    """The two people who may open it, together."""


class EndSale(Act):
    """交易结束: the sale is over, and what was sealed for it may be opened."""

    document: Code


class Unseal(Act):
    """启封: one of the two named people opens the value or, once it is open, reads it."""

    what: Code
    """Name of the value."""


class Execute(Act):
    """执行: what was resolved has been done."""

    document: Code


class ReviewState(SessionState):
    """A joint review (联席会审)."""

    case: str = ""
    matters: tuple[Code, ...] = ()
    sealed: tuple[SealedValue, ...] = ()
    custodians: tuple[Code, ...] = ()
    sale: str = ""
    """Document by which the sale was ended; empty: it has not."""
    unsealing: Code | None = None
    """The first of the two who open."""
    opened: bool = False


class ReviewInput(MatterInput):
    """Start of a joint review."""

    case: str = ""
    """Number of the case whose approval waits for it; a review may stand alone."""
    matters: tuple[Code, ...] = ()
    """Codes of the types of matter it decides."""
    resumed: ReviewState | None = None


class ReviewRequest(IntakeRequest):
    """What is to be decided together, and for which case."""

    matters: tuple[Code, ...]
    case: str = ""


SESSION_ENTRIES: tuple[str, ...] = (
    "attended",
    "closed",
    "convened",
    "minutes_countersigned",
    "minutes_signed",
    "opened",
    "recused",
    "void",
    "voted",
)
"""Entries of a session, in any procedure that holds one."""

ENTRIES: tuple[str, ...] = (
    *SESSION_ENTRIES,
    "executed",
    "lead_opened",
    "noted",
    "overridden",
    "registered",
    "sale_ended",
    "sealed",
    "unseal_begun",
    "unsealed",
    "withdrawn",
)
