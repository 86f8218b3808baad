"""What an intake hands in over HTTP. Unknown fields are mistakes; what a system alone may name is marked."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from schemas.base import Code, Instant, StrictModel, Text
from schemas.entries import Receipt
from schemas.intake import Applicant, IntakeReceipt
from schemas.matters import Channel

SYSTEMS_ONLY = ("channel", "officer", "post", "business_key", "received_at", "late_reason")
"""Fields that a registered system may name, and an officer at the counter in part; the public never."""

Ticket = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class Body(StrictModel):
    """A body of the API: no text of it holds the character that no database takes."""

    # Built at once: while the framework builds them it silences a warning that would come up later.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=False)

    @model_validator(mode="before")
    @classmethod
    def _printable(cls, given: Any) -> Any:
        if _holds_nul(given):
            raise ValueError("含有不可用的字符 / U+0000 is not taken")
        return given


class Paper(Body):
    """A paper handed in: which material of the item's list, how many pages, and its file if there is one."""

    code: Code
    pages: int = Field(default=1, ge=0, le=100_000)
    file: Ticket | None = None
    """Ticket of the file, from `POST /files`."""


class Intake(Body):
    """What cases, inquiries and complaints have in common."""

    applicant: Applicant = Applicant()
    files: tuple[Ticket, ...] = Field(default=(), max_length=20)
    """Tickets of further files."""
    channel: Channel | None = None
    """Systems only; the public comes online."""
    officer: Code | None = None
    """Systems only: staff number of who received it."""
    post: Code | None = None
    """Systems only: the post in which he received it."""
    business_key: Code | None = None
    """Systems only: the same key never makes two matters."""
    received_at: Instant | None = None
    """Systems only: time of receipt, if it is not now."""
    late_reason: Code | None = None
    """Systems only: why the time of receipt lies back."""


class NewCase(Intake):
    """An application for a service item."""

    item: Code
    materials: tuple[Paper, ...] = Field(default=(), max_length=200)
    expires_on: date | None = None
    """For a renewal: last day of the permit."""


class NewInquiry(Intake):
    """A question."""

    topic: Text = Field(min_length=1)


class NewComplaint(Intake):
    """A complaint; an anonymous one too."""

    type: Code
    topic: Text = Field(min_length=1)
    accused: tuple[Code, ...] = Field(default=(), max_length=20)
    """Staff numbers of whom it is about."""
    sections: tuple[Code, ...] = Field(default=(), max_length=20)
    about: str = Field(default="", max_length=120)
    """Number of the case it is about."""


class Supplement(Body):
    """What was missing, handed in."""

    code: Annotated[str, StringConstraints(max_length=40)] = ""
    """Lookup code, unless a system or an officer hands it in."""
    materials: tuple[Paper, ...] = Field(default=(), max_length=200)
    satisfied: tuple[Code, ...] = Field(default=(), max_length=100)
    """Systems and officers only: points of the notice that are now met."""
    files: tuple[Ticket, ...] = Field(default=(), max_length=20)
    officer: Code | None = None
    post: Code | None = None


class Started(IntakeReceipt):
    """The answer to an intake: the applicant's receipt, and where to go on."""

    links: dict[str, str] = Field(default_factory=dict)
    as_of: int


class Supplemented(StrictModel):
    """The answer to a supplement."""

    number: str
    receipt: Receipt
    as_of: int


def _holds_nul(given: Any) -> bool:
    if isinstance(given, str):
        return "\0" in given
    if isinstance(given, dict):
        return any(_holds_nul(each) for pair in given.items() for each in pair)
    return isinstance(given, (list, tuple)) and any(_holds_nul(each) for each in given)
