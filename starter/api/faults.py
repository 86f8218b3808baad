"""Fault leads over HTTP: how one is handed in. What becomes of it is acts; who reports is sealed."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from pydantic import Field

from schemas.base import Code, StrictModel, Text
from schemas.fault import FaultRequest, Lead
from starter.acting import require_seen
from starter.api.begin import BEGUN, GUARD, Begun, New, begun, common
from starter.api.examples import NUMBER, answered, shown
from starter.api.router import Asking, DeskHere
from starter.faults import start_fault
from starter.identity.vouching import client_for

router = APIRouter(tags=["matters: fault"], dependencies=[GUARD])


class AboutMatter(StrictModel):
    """The matter a lead is about."""

    kind: Code
    number: Code


class NewLead(New):
    """A lead as the office takes it in; the reporter and his words are sealed."""

    source: Code
    text: Text = Field(min_length=1)
    codes: tuple[Code, ...] = Field(default=(), max_length=20)
    accused: tuple[Code, ...] = Field(default=(), max_length=50)
    about: AboutMatter | None = None
    occurred_on: date | None = None
    ongoing: bool = False


_NEW: dict[str, Any] = {
    "source": "complaint",
    "codes": ["F03"],
    "text": "超过承诺期限未办结",
    "about": {"kind": "case", "number": NUMBER},
    "accused": ["1301"],
}


@router.post(
    "/faults", status_code=201, summary="登记问题线索 / hand in a fault lead", responses=answered(BEGUN, 201)
)
async def begin_fault(
    request: Request,
    response: Response,
    desk: DeskHere,
    visitor: Asking,
    body: Annotated[NewLead, Body(openapi_examples=shown(_NEW))],
) -> Begun:
    """Register a lead; whoever it is about sees nothing of it before he is told."""
    if body.about:
        about = body.about
        await asyncio.to_thread(require_seen, desk, visitor, "fault start", about.kind, about.number)
    said = body.model_dump(include={"source", "text", "codes", "accused", "about", "occurred_on", "ongoing"})
    asked = FaultRequest(**common(request, desk, visitor, body), lead=Lead.model_validate(said))
    return begun(response, "faults", await start_fault(client_for(desk, visitor), asked))
