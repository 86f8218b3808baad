"""Matters that officers begin: joint reviews, fault leads, supervision matters, reports.

Whoever is signed in receives them in his post; the business key is made of the Idempotency-Key, so that a
repetition meets the same matter.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import Field

from schemas.base import Code
from schemas.entries import Receipt
from schemas.intake import Applicant, IntakeReceipt
from schemas.matters import Channel
from starter.acting import post_for
from starter.api.bodies import Body
from starter.api.examples import NUMBER, RECEIPT
from starter.api.idempotency import request_id
from starter.api.router import PREFIX
from starter.desk import Desk
from starter.identity.guard import Area, allow
from starter.identity.visitor import Visitor

GUARD = Depends(allow(Area.API_ACTS))


class New(Body):
    """What all of them have in common."""

    post: Annotated[Code | None, Field(description="岗位；只有一个时可省 / if he holds several")] = None
    channel: Channel = Channel.INTERNAL
    applicant: Applicant = Applicant()
    """Sealed: who reported or asked, where somebody did."""


class Begun(Body):
    """The matter is registered."""

    number: str
    receipt: Receipt
    links: dict[str, str]


BEGUN: dict[str, Any] = {
    "number": NUMBER,
    "receipt": RECEIPT,
    "links": {"matter": f"{PREFIX}/reviews/{NUMBER}"},
}


def common(request: Request, desk: Desk, visitor: Visitor, body: New) -> dict[str, Any]:
    """Fields of an intake request: who receives it, in which post, under which key."""
    return {
        "business_key": request_id(request),
        "officer": visitor.id,
        "post": post_for(desk.profile, visitor.id, body.post or ""),
        "channel": body.channel,
        "applicant": body.applicant,
    }


def begun(response: Response, plural: str, given: IntakeReceipt) -> Begun:
    """The answer: number, receipt, and where the matter is."""
    place = f"{PREFIX}/{plural}/{given.number}"
    response.headers["Location"] = place
    response.headers["Cache-Control"] = "no-store"
    return Begun(number=given.number, receipt=given.receipt, links={"matter": place})
