"""The public look-up over HTTP: asked often, by anybody, and answered from four short queries.

`POST` keeps the code out of addresses, and so out of other people's logs; `GET` is for tests and for programs
that know what they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import Field
from sqlalchemy import Connection

from readmodel.query import MatterRow
from schemas.base import Model, StrictModel
from schemas.clocks import Lamp
from schemas.receipts import ReceiptDocument
from starter.api import bodies, examples
from starter.api.paging import position
from starter.api.params import CODE, NUMBER, Code, Number
from starter.api.proofs import policy_of
from starter.api.reaching import address_of, reach, read_by_code
from starter.api.router import Asking, DeskHere
from starter.desk import Desk
from starter.identity.guard import Area, allow
from starter.lookup import Due, Found, describe
from starter.receipts import issue

router = APIRouter(tags=["lookup"], dependencies=[Depends(allow(Area.API_PUBLIC))])

CodeNeeded = Annotated[str, Query(pattern=CODE, description="查询码 / lookup code", examples=["7KQ2M9XRTB"])]
_ASKED = {"number": examples.NUMBER, "code": "7KQ2M9XRTB"}


class Asked(bodies.Body):
    """Number and lookup code of a matter."""

    number: str = Field(pattern=NUMBER)
    code: str = Field(pattern=CODE)


class CaseDeadline(StrictModel):
    """When a matter is due, and why."""

    number: str
    lamp: Lamp
    due: Due | None
    as_of: int


@router.get(
    "/lookup",
    summary="查询办件 / look a matter up",
    response_model=Found,
    responses=examples.answered(examples.FOUND),
)
def look_up(
    request: Request,
    desk: DeskHere,
    number: Annotated[str, Query(pattern=NUMBER, examples=[examples.NUMBER])],
    code: CodeNeeded,
) -> Response:
    """How a matter stands, why it is due on that day, and who holds it."""
    return _found(request, desk, number, code)


@router.post(
    "/lookup",
    summary="查询办件，查询码不入网址 / the same, the code in no address",
    response_model=Found,
    responses=examples.answered(examples.FOUND),
)
def look_up_by_post(
    request: Request, desk: DeskHere, body: Annotated[Asked, Body(openapi_examples=examples.shown(_ASKED))]
) -> Response:
    """How a matter stands, why it is due on that day, and who holds it."""
    return _found(request, desk, body.number, body.code)


@router.get(
    "/cases/{number}/deadline",
    summary="本件为何此日到期 / why a matter is due on that day",
    responses=examples.answered(examples.CASE_DEADLINE),
)
def case_deadline(
    request: Request, response: Response, desk: DeskHere, visitor: Asking, number: Number, code: Code = None
) -> CaseDeadline:
    """The day to wait for, counted day by day; for whoever may see the matter or has its code."""
    reached = reach(desk, visitor, number, code, address_of(request))
    response.headers.update({"Cache-Control": "no-store", **reached.headers})
    with desk.reading() as connection:
        found = describe(connection, desk.profile, reached.row, desk.today())
        return CaseDeadline(number=found.number, lamp=found.lamp, due=found.due, as_of=position(connection))


@router.get(
    "/receipts/{number}",
    summary="回执 / the receipt",
    response_model=ReceiptDocument,
    responses=examples.answered(examples.RECEIPT_FILE),
)
def receipt(request: Request, desk: DeskHere, number: Number, code: CodeNeeded) -> Response:
    """The receipt with all the proof there is by now; it proves itself."""

    def read(connection: Connection, row: MatterRow) -> ReceiptDocument:
        return issue(connection, row.case_id, code, policy_of(desk))

    return _private(*read_by_code(desk, number, code, address_of(request), read))


def _found(request: Request, desk: Desk, number: str, code: str) -> Response:
    def read(connection: Connection, row: MatterRow) -> Found:
        found = describe(connection, desk.profile, row, desk.today())
        return found.model_copy(update={"as_of": position(connection)})

    return _private(*read_by_code(desk, number, code, address_of(request), read))


def _private(model: Model | StrictModel, headers: Mapping[str, str]) -> Response:
    """Written once: the framework would check and write each answer twice."""
    return Response(
        model.model_dump_json(),
        media_type="application/json",
        headers={"Cache-Control": "no-store", **headers},
    )
