"""Supervision matters over HTTP: how one is proposed. What becomes of it is acts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from pydantic import Field

from schemas.base import Code, Text
from schemas.supervision import SupervisionRequest
from starter.api.begin import BEGUN, GUARD, Begun, New, begun, common
from starter.api.examples import answered, shown
from starter.api.router import Asking, DeskHere
from starter.complaints import start_supervision
from starter.identity.vouching import client_for

router = APIRouter(tags=["matters: supervision"], dependencies=[GUARD])


class NewSupervision(New):
    """An instruction, decision, task or finding that is to become a matter."""

    type: Code
    instruction: Text = Field(min_length=1)
    document: str = Field(default="", max_length=200)
    days: int | None = Field(default=None, ge=1, le=3660)


_NEW: dict[str, Any] = {
    "type": "instruction",
    "instruction": "月底前清理历史遗留件",
    "document": "莱政办〔2026〕8号",
}


@router.post(
    "/supervisions",
    status_code=201,
    summary="提出督查事项 / propose a supervision matter",
    responses=answered(BEGUN, 201),
)
async def begin_supervision(
    request: Request,
    response: Response,
    desk: DeskHere,
    visitor: Asking,
    body: Annotated[NewSupervision, Body(openapi_examples=shown(_NEW))],
) -> Begun:
    """Propose a matter to the supervision office; its limit runs from the instruction."""
    said = body.model_dump(include={"type", "instruction", "document", "days"})
    asked = SupervisionRequest(**common(request, desk, visitor, body), **said)
    return begun(response, "supervisions", await start_supervision(client_for(desk, visitor), asked))
