"""Rating a matter by its number and code, once; a bad rating becomes a complaint with a number of its own."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from readmodel.query import MatterRow
from schemas.errors import YangguangError
from starter.api.problems import problem_of
from starter.api.router import Asking, DeskHere
from starter.desk import Desk
from starter.identity.guard import Area, allow
from web.pages import page
from web.public.application import Errors, plain
from web.public.found import found_by, just_the_row
from web.public.telling import BAD, check_unrated, complain_of_rating, rate_case, rate_inquiry
from web.public.ways import for_all
from web.routes.receipts import to_receipt

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])

Number = Annotated[str, Form(max_length=60)]
Code = Annotated[str, Form(max_length=40)]


@router.get("/rate")
async def ask(request: Request) -> Response:
    """Asks for number and code."""
    return _form(request, "", "", {})


@router.get("/rate/ask")
async def ask_anew(request: Request) -> Response:
    """Where a changed language leads back to: the page itself came by a form."""
    return _form(request, "", "", {})


@router.post("/rate/ask")
async def ask_for(request: Request, number: Number = "", code: Code = "") -> Response:
    """The form, from a matter that was looked up."""
    return _form(request, number, code, {})


@router.post("/rate")
async def rate(
    request: Request,
    desk: DeskHere,
    visitor: Asking,
    number: Number = "",
    code: Code = "",
    score: Annotated[str, Form(max_length=2)] = "",
    why: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Put the rating on record."""
    if score not in ("1", "2", "3", "4", "5"):
        errors = {"score": "请选择一个评价 / Choose one of the ratings"}
        return _form(request, number, code, errors, status=422, why=why)
    try:
        row = await found_by(request, desk, number, code, just_the_row)
        return await _rated(request, for_all(desk, visitor), row, int(score), plain(why))
    except YangguangError as error:
        status = problem_of(error).status
        field = "number" if error.code in ("wrong_code", "rate_limited") else ""
        typed_code = "" if field else code
        shown = 503 if status == 202 else status
        return _form(request, number, typed_code, {field: error.message}, status=shown, score=score, why=why)


async def _rated(request: Request, desk: Desk, row: MatterRow, score: int, why: str) -> Response:
    if row.kind == "inquiry" and not row.closed:
        await rate_inquiry(desk, row.case_id, score)
        return page(request, "rate/thanks.html", number=row.case_id, score=score)
    await asyncio.to_thread(_check, desk, row.case_id, score)
    # The complaint first: it may be sent again without a second one, the rating could not be taken back.
    bad = score <= BAD and row.kind == "case"
    given = await complain_of_rating(desk, row.case_id, score, why) if bad else None
    await asyncio.to_thread(rate_case, desk.ledger, row.case_id, score, desk.now())
    if given:
        return to_receipt(given.number, given.lookup_code)
    return page(request, "rate/thanks.html", number=row.case_id, score=score)


def _check(desk: Desk, number: str, score: int) -> None:
    with desk.reading() as connection:
        check_unrated(connection, number, score)


def _form(
    request: Request,
    number: str,
    code: str,
    errors: Errors,
    *,
    status: int = 200,
    score: str = "",
    why: str = "",
) -> Response:
    typed = {"number": number[:60], "code": code[:40], "score": score, "why": why}
    return page(request, "rate/ask.html", status=status, typed=typed, errors=errors)
