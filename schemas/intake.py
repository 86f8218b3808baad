"""What an intake system hands in, and what it gets back. Unknown fields are mistakes here."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from .acts import Attachment, Piece
from .base import Code, Instant, StrictModel, Text
from .entries import Receipt
from .matters import Channel


class Applicant(StrictModel):
    """Personal data: sealed by the starter before anything is sent, never in clear in a ledger."""

    name: Text = ""
    id_number: Text = ""
    phone: Text = ""
    address: Text = ""


class IntakeRequest(StrictModel):
    """What cases and inquiries have in common."""

    business_key: Code
    """The intake system's own key: the same key never makes two matters."""
    profile: Code = "current"
    channel: Channel = Channel.WINDOW
    officer: Code
    """Staff number of who received it."""
    post: Code
    received_at: Instant | None = None
    """Time of receipt at the intake; without it the time of the call."""
    late_reason: str = ""
    applicant: Applicant = Applicant()
    attachments: tuple[Attachment, ...] = ()


class CaseRequest(IntakeRequest):
    """An application for a service item."""

    item: Code
    materials: tuple[Piece, ...] = ()
    flags: tuple[Code, ...] = ()
    expires_on: date | None = None
    """For a renewal: last day of the permit."""
    number: str = ""
    """Only for matters that already have a number elsewhere."""


class InquiryRequest(IntakeRequest):
    """A question, by any channel. An anonymous one is registered too."""

    topic: Text = Field(min_length=1)


class IntakeReceipt(StrictModel):
    """The applicant's receipt: number, lookup code, promised day and proof of recording."""

    number: Code
    lookup_code: str
    """Told to the applicant only; matter and ledger hold its digest."""
    received_at: Instant
    received_day: date
    promised_day: date | None
    """For a case: if it is accepted on the day of receipt."""
    provisional: bool
    """The promised day rests on a calendar that is not published yet (暂定)."""
    receipt: Receipt
