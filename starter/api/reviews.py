"""Joint reviews over HTTP: how one is asked for, and its minutes. Votes and signatures are in `acts`."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response
from pydantic import Field

from schemas.base import Code, Model
from schemas.review import ReviewRequest
from starter.acting import require_seen
from starter.api.begin import BEGUN, GUARD, Begun, New, begun, common
from starter.api.examples import NUMBER, answered, shown
from starter.api.params import Number
from starter.api.router import Asking, DeskHere
from starter.identity.guard import Area, allow
from starter.identity.vouching import client_for
from starter.reviews import minutes_of, start_review

router = APIRouter(tags=["matters: review"])


class NewReview(New):
    """What is to be decided together, and for which case."""

    matters: tuple[Code, ...] = Field(min_length=1, max_length=20)
    case: str = Field(default="", max_length=120)


class Minutes(Model):
    """Minutes of the latest meeting; who signs, signs `digest`."""

    number: str
    text: str
    digest: str


_NEW: dict[str, Any] = {"matters": ["allocation"], "case": NUMBER}
_MINUTES: dict[str, Any] = {"number": "HS-2026-000001", "text": "会审 / review: …", "digest": "a3" * 32}


@router.post(
    "/reviews",
    status_code=201,
    summary="提请会审 / ask for a joint review",
    responses=answered(BEGUN, 201),
    dependencies=[GUARD],
)
async def begin_review(
    request: Request,
    response: Response,
    desk: DeskHere,
    visitor: Asking,
    body: Annotated[NewReview, Body(openapi_examples=shown(_NEW))],
) -> Begun:
    """Ask for a decision by several; the convener has to call the meeting within the limit."""
    if body.case:
        await asyncio.to_thread(require_seen, desk, visitor, "review start", "case", body.case)
    asked = ReviewRequest(**common(request, desk, visitor, body), matters=body.matters, case=body.case)
    return begun(response, "reviews", await start_review(client_for(desk, visitor), asked))


@router.get(
    "/reviews/{number}/minutes",
    summary="会议纪要 / the minutes",
    responses=answered(_MINUTES),
    dependencies=[Depends(allow(Area.API_CASES))],
)
async def minutes(response: Response, desk: DeskHere, visitor: Asking, number: Number) -> Minutes:
    """The text of the latest meeting and its digest, once it is closed."""
    await asyncio.to_thread(require_seen, desk, visitor, "review minutes", "review", number)
    text, digest = await minutes_of(desk.client, number)
    response.headers["Cache-Control"] = "no-store"
    return Minutes(number=number, text=text, digest=digest)
