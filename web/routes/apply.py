"""Applying for a service item, one thing a page; sent twice, it is registered once.

The same form serves the public (`/apply`) and every clerk at the counter (`/counter`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection
from starlette.datastructures import FormData

from readmodel.query import MatterRow
from schemas.errors import NotFoundError, YangguangError
from schemas.intake import CaseRequest
from schemas.profile import Item
from starter.acting import checked
from starter.api.problems import problem_of
from starter.api.router import Asking, DeskHere
from starter.desk import Desk
from starter.files import use_files
from starter.identity.guard import Area, allow
from starter.identity.visitor import Visitor
from starter.identity.vouching import vouched
from web.pages import page
from web.public import application as form_of
from web.public.application import CHECK, PAPERS, TITLES, Errors, Typed
from web.public.catalogue import is_open, item_here, published
from web.public.found import found_by
from web.public.papers import known_papers, reused
from web.public.uploads import keep_uploads, with_tickets, without_tickets
from web.public.ways import COUNTER, ONLINE, Way, for_all, received
from web.routes.receipts import to_receipt

router = APIRouter()
public = Depends(allow(Area.PUBLIC))
clerks = Depends(allow(Area.COUNTER))

MAX_FIELDS = 400


@dataclass(frozen=True)
class Sheet:
    """A page of an application that is being filled in."""

    item: Item
    way: Way
    step: str
    typed: Typed


@router.get("/apply/{code}", dependencies=[public])
async def begin(request: Request, desk: DeskHere, code: str) -> Response:
    """The first page of a new application."""
    return _begin(request, _open_item(desk, code), ONLINE)


@router.post("/apply/{code}", dependencies=[public])
async def go_on(request: Request, desk: DeskHere, visitor: Asking, code: str) -> Response:
    """The next page, or the receipt."""
    return await _go_on(request, desk, visitor, _open_item(desk, code), ONLINE)


@router.get("/counter", dependencies=[clerks])
async def counter(request: Request, desk: DeskHere, q: str = "") -> Response:
    """One window: any clerk takes any item."""
    items = [item for item in published(desk.profile, q[:100]) if is_open(item)]
    return page(request, "apply/counter.html", items=items, q=q[:100])


@router.get("/counter/{code}", dependencies=[clerks])
async def begin_at_counter(request: Request, desk: DeskHere, code: str) -> Response:
    """The first page of an application that somebody brings."""
    return _begin(request, _open_item(desk, code), COUNTER)


@router.post("/counter/{code}", dependencies=[clerks])
async def go_on_at_counter(request: Request, desk: DeskHere, visitor: Asking, code: str) -> Response:
    """The next page, or the receipt to hand over."""
    return await _go_on(request, desk, visitor, _open_item(desk, code), COUNTER)


def _open_item(desk: Desk, code: str) -> Item:
    item = item_here(desk.profile, code)
    if not is_open(item):
        raise NotFoundError(
            f"{item.code} 由机关依职权启动，不接受申请 / {item.code} is begun by the bureau itself",
            code="no_application",
        )
    return item


def _begin(request: Request, item: Item, way: Way) -> Response:
    first = form_of.steps(item)[0]
    return _show(request, Sheet(item, way, first, {"token": form_of.new_token()}))


async def _go_on(request: Request, desk: Desk, visitor: Visitor, item: Item, way: Way) -> Response:
    async with request.form(max_files=len(item.materials) + 1, max_fields=MAX_FIELDS) as form:
        return await _turned(request, desk, visitor, form, item, way)


async def _turned(
    request: Request, desk: Desk, visitor: Visitor, form: FormData, item: Item, way: Way
) -> Response:
    """What a button leads to: a page that is wrong comes again, one that is right leads on."""
    steps = form_of.steps(item)
    step = str(form.get("step")) if form.get("step") in steps else steps[0]
    typed = await asyncio.to_thread(without_tickets, desk.ledger, form_of.taken(item, form))
    sheet = Sheet(item, way, step, typed)
    if form.get("checked"):
        sheet.typed["checked"] = "1"
    go = str(form.get("go") or "next")
    wrong: Errors = {}
    if step == PAPERS:
        wrong = await keep_uploads(desk, item, form, sheet.typed)
    if go == "earlier" and (form.get("earlier_number") or form.get("earlier_code")):
        return await _with_earlier(request, desk, sheet, dict(form))
    if go == "send" and step == CHECK:
        return await _send(request, desk, visitor, sheet)
    if go in steps and go != step:
        return _show(request, Sheet(item, way, go, sheet.typed))
    wrong |= form_of.wrong(item, sheet.typed, step)
    if wrong:
        return _show(request, sheet, wrong, 422)
    onward = CHECK if sheet.typed.get("checked") else steps[min(steps.index(step) + 1, len(steps) - 1)]
    return _show(request, Sheet(item, way, onward, sheet.typed))


async def _with_earlier(request: Request, desk: Desk, sheet: Sheet, form: dict[str, Any]) -> Response:
    """The page of papers, with those ticked that an earlier matter holds already."""
    number, code = str(form.get("earlier_number", "")).strip(), str(form.get("earlier_code", ""))

    def read(connection: Connection, row: MatterRow) -> Typed:
        known = known_papers(connection, row.case_id)
        other = next((each for each in desk.profile.items if each.code == row.item), None)
        return reused(sheet.item, other, known, row.case_id, sheet.typed)

    earlier = {"earlier_number": number[:40]}
    try:
        typed = await found_by(request, desk, number, code, read)
    except YangguangError as error:
        wrong = {"earlier_number": error.message}
        return _show(request, sheet, wrong, problem_of(error).status, earlier=earlier)
    return _show(request, Sheet(sheet.item, sheet.way, PAPERS, typed), earlier=earlier)


async def _send(request: Request, desk: Desk, visitor: Visitor, sheet: Sheet) -> Response:
    for step in form_of.steps(sheet.item):
        if wrong := form_of.wrong(sheet.item, sheet.typed, step):
            return _show(request, Sheet(sheet.item, sheet.way, step, sheet.typed), wrong, 422)
    try:
        using = vouched(desk, visitor) if sheet.way.counter else for_all(desk, visitor)
        given = await using.client.start_case(_request(desk, visitor, sheet))
    except YangguangError as error:
        status = problem_of(error).status
        # A pending registration is no answer yet: the same form is sent again.
        return _show(request, sheet, {"": error.message}, 503 if status == 202 else status)
    files = form_of.files(sheet.item, sheet.typed)
    await asyncio.to_thread(use_files, desk.ledger, given.number, files)
    return to_receipt(given.number, given.lookup_code)


def _request(desk: Desk, visitor: Visitor, sheet: Sheet) -> CaseRequest:
    typed, by = sheet.typed, received(sheet.way, desk.profile, visitor, sheet.typed)
    personal = ("name", "id_number", "phone", "address")
    return checked(
        CaseRequest,
        {
            "business_key": form_of.business_key(typed, sheet.way.key),
            "item": sheet.item.code,
            "channel": by.channel,
            "officer": by.officer,
            "post": by.post,
            "applicant": {name: typed.get(name, "") for name in personal},
            "materials": form_of.pieces(sheet.item, typed),
            "expires_on": form_of.expires_on(typed) if sheet.item.renewal else None,
        },
    )


def _show(
    request: Request, sheet: Sheet, wrong: Errors | None = None, status: int = 200, **more: Any
) -> Response:
    steps = form_of.steps(sheet.item)
    typed = sheet.typed | ({"checked": "1"} if sheet.step == CHECK else {})
    place = steps.index(sheet.step)
    return page(
        request,
        "apply/step.html",
        status=status,
        item=sheet.item,
        way=sheet.way,
        step=sheet.step,
        steps=steps,
        titles=TITLES,
        number=place + 1,
        back=steps[place - 1] if place else "",
        typed=typed,
        carried=form_of.carried(sheet.item, with_tickets(request.app.state.desk.ledger, typed), sheet.step),
        errors=wrong or {},
        missing=form_of.missing(sheet.item, typed),
        channels=form_of.CHANNELS,
        earlier=more.get("earlier", {}),
    )
