"""Complaints (投诉, 信访, 行风热线): what is handed in, what people do with it, and what it is while it runs.

Who complains and what about is sealed; the entries hold findings, routes and answers.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .acts import Act
from .base import Code, Text
from .intake import IntakeRequest
from .matters import MatterInput, MatterState

ENTRIES = (
    "accepted",
    "assigned",
    "called_back",
    "closed",
    "content_read",
    "delay_explained",
    "extended",
    "final",
    "handled",
    "identity_read",
    "lead_opened",
    "not_accepted",
    "noted",
    "owner_designated",
    "owner_disputed",
    "recheck_answered",
    "recheck_requested",
    "registered",
    "reopened",
    "replied",
    "result_published",
    "review_answered",
    "review_requested",
)
"""Types of its entries."""


class Merit(StrEnum):
    """What handling a complaint came to."""

    JUSTIFIED = "justified"
    PARTLY = "partly"
    UNJUSTIFIED = "unjustified"


class ReviewOutcome(StrEnum):
    """What a review or recheck made of the answer."""

    UPHELD = "upheld"
    CHANGED = "changed"


class AcceptComplaint(Act):
    """受理: it is ours to handle."""

    notified: str = ""
    """How the complainant was told: `letter`, `sms`, `phone`."""


class RefuseComplaint(Act):
    """不予受理: on a ground of the list, with the reason and the way that is open instead."""

    ground: Code
    route: Text = ""


class AssignComplaint(Act):
    """交办: names the post that handles it; never the accused's own, nor one of his section."""

    to_post: Code


class DisputeOwner(Act):
    """异议: the section it was sent to is not competent, and says who is."""

    proposed_post: Code


class HandleComplaint(Act):
    """办理: what was found, and who answers for it."""

    merit: Merit
    responsible: tuple[Code, ...] = ()
    """Staff numbers of those whom the finding concerns, besides the accused."""
    faults: tuple[Code, ...] = ()
    """Codes of the faults found."""


class ExtendComplaint(Act):
    """延期: the head approves it and the petitioner is told, before the limit ends."""

    days: int = Field(ge=1, le=365)
    notice: Text = ""


class ExplainDelay(Act):
    """说明: it cannot be done in time; why, and by which plan. No limit moves for it."""

    plan: Text = ""


class ReplyToComplaint(Act):
    """答复: the opinion is the answer as the complainant gets it."""

    document: Text = ""
    notified: Text = ""


class CallBack(Act):
    """回访: was the answer received, and did it help?"""

    reached: bool = True
    satisfaction: int | None = Field(default=None, ge=1, le=5)


class RequestReview(Act):
    """申请复查、复核: the petitioner disagrees with the answer."""


class AnswerReview(Act):
    """复查、复核意见: the answer of the organ above."""

    outcome: ReviewOutcome
    document: Text = ""


class ReopenComplaint(Act):
    """重办: the complainant was not helped."""


class CloseComplaint(Act):
    """办结归档: the file is complete and the result is shown."""


class ReadSealed(Act):
    """查阅: opens sealed fields; that it was done, and why, stays on record."""


class ComplaintState(MatterState):
    """A complaint."""

    type: Code
    accused: tuple[Code, ...] = ()
    """Staff numbers of whom it is about, and of whom the findings are about."""
    sections: tuple[Code, ...] = ()
    """Sections it is about."""
    designated: bool = False
    """Its section was named by the supervision office and may not give it back."""
    handlers: tuple[Code, ...] = ()
    """Staff numbers of the A and B officers of every post that handled it."""
    merit: Merit | None = None
    satisfaction: int | None = None
    called_back: bool = False
    """Since the latest answer."""
    reopenings: int = 0
    remedies: int = 0
    """How often a review or recheck was asked for."""
    lead: str = ""
    """Number of the fault case that its lead opened."""


class ComplaintRequest(IntakeRequest):
    """What the register of complaints takes in, by whatever channel; an anonymous one too."""

    type: Code
    topic: Text = Field(min_length=1)
    """What it is about (sealed)."""
    accused: tuple[Code, ...] = ()
    sections: tuple[Code, ...] = ()
    about: str = ""
    """Number of the case it is about."""
    elsewhere: str = ""
    """Code of the ground on which it belongs elsewhere, if that is known already."""


class ComplaintInput(MatterInput):
    """Start of a complaint."""

    type: Code = "-"
    accused: tuple[Code, ...] = ()
    sections: tuple[Code, ...] = ()
    about: str = ""
    elsewhere: str = ""
    resumed: ComplaintState | None = None
