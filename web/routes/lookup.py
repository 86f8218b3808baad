"""Looking a matter up by number and code: how it stands, why that day, who holds it, and what one can do.

The code is in no address: it travels in forms alone, so that no log, history or bookmark keeps it.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlalchemy import Connection

from ledger.read import entries
from readmodel.query import MatterRow
from schemas.errors import YangguangError
from schemas.intake import Applicant, InquiryRequest
from schemas.matters import Channel
from starter.api.problems import problem_of
from starter.api.router import Asking, DeskHere
from starter.identity.guard import Area, allow
from starter.lookup import describe
from web.pages import page
from web.public.application import plain
from web.public.catalogue import window_of
from web.public.found import found_by, just_the_row
from web.public.promise_kept import promise_record
from web.public.ways import for_all
from web.routes.receipts import to_receipt

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])

Number = Annotated[str, Form(max_length=60)]
Code = Annotated[str, Form(max_length=40)]

NUDGE = "催办：{number} 何时办结？ / A reminder: when will {number} be done?"


@router.get("/lookup")
async def ask(request: Request, number: str = "") -> Response:
    """The form; a number may come along from a receipt, a code never."""
    return page(request, "lookup/ask.html", typed={"number": number[:60]}, errors={})


@router.post("/lookup")
async def look_up(request: Request, desk: DeskHere, number: Number = "", code: Code = "") -> Response:
    """How the matter stands."""

    def read(connection: Connection, row: MatterRow) -> dict[str, Any]:
        first = entries(connection, row.case_id, limit=1)
        return {
            "row": row,
            "found": describe(connection, desk.profile, row, desk.today()),
            "leaf": first[0].leaf_hash if first else "",
            "record": promise_record(connection, row),
        }

    try:
        shown = await found_by(request, desk, number, code, read)
    except YangguangError as error:
        return _again(request, number, error)
    return page(request, "lookup/found.html", code=plain(code).upper(), **shown)


@router.get("/lookup/nudge")
async def ask_anew(request: Request) -> Response:
    """Where a changed language leads back to: the page itself came by a form."""
    return await ask(request)


@router.post("/lookup/nudge")
async def nudge(
    request: Request, desk: DeskHere, visitor: Asking, number: Number = "", code: Code = ""
) -> Response:
    """Ask when it will be done: an inquiry with a limit of its own, once a day."""
    try:
        row = await found_by(request, desk, number, code, just_the_row)
        window, _ = window_of(desk.profile)
        asked = InquiryRequest(
            business_key=f"nudge/{row.case_id}/{desk.today()}",
            channel=Channel.ONLINE,
            officer=window.a,
            post=window.code,
            applicant=Applicant(),
            topic=NUDGE.format(number=row.case_id),
        )
        given = await for_all(desk, visitor).client.start_inquiry(asked)
    except YangguangError as error:
        return _again(request, number, error)
    return to_receipt(given.number, given.lookup_code)


def _again(request: Request, number: str, error: YangguangError) -> Response:
    """The form once more. A wrong number and a wrong code are told in the same words."""
    status = problem_of(error).status
    made = page(
        request,
        "lookup/ask.html",
        status=503 if status == 202 else status,
        typed={"number": number[:60]},
        errors={"number": error.message},
    )
    made.headers.update(getattr(error, "headers", None) or {})
    return made
