"""A page for every kind of problem: the address that a problem document names as its type."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from schemas.errors import NotFoundError
from starter.api.problem_codes import CODES, meaning_of
from starter.identity.guard import Area, allow
from web.pages import page

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])


@router.get("/problems")
async def problems(request: Request) -> Response:
    """Every problem that is not a refusal of the rules."""
    return page(
        request, "problems.html", known=sorted(CODES.items(), key=lambda each: (each[1].status, each[0]))
    )


@router.get("/problems/{code}")
async def problem(request: Request, code: str) -> Response:
    """What a code means, and what to do about it."""
    meaning = meaning_of(code)
    if meaning is None:
        raise NotFoundError("没有这种问题 / there is no problem of this code")
    return page(request, "problem.html", code=code, meaning=meaning)
