"""Complaining, by name or without one; the receipt has a number and a code of its own."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from schemas.errors import YangguangError
from starter.api.problems import problem_of
from starter.api.router import Asking, DeskHere
from starter.identity.guard import Area, allow
from web.pages import page
from web.public.application import Errors, Typed, new_token, plain
from web.public.telling import BAD_RATING, complain, wrong
from web.public.ways import for_all
from web.routes.receipts import to_receipt

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])

FIELDS = {
    "type": 40,
    "topic": 4001,
    "section": 60,
    "about": 60,
    "name": 200,
    "phone": 60,
    "address": 200,
    "token": 64,
}
"""Fields of the form, with how much of each is read."""


@router.get("/complain")
async def ask(request: Request, about: str = "") -> Response:
    """The form."""
    return _form(request, {"about": about[:60], "token": new_token()}, {})


@router.post("/complain")
async def send(request: Request, desk: DeskHere, visitor: Asking) -> Response:
    """Register the complaint."""
    async with request.form(max_files=0, max_fields=20) as form:
        typed = {name: plain(str(form.get(name) or ""))[:most] for name, most in FIELDS.items()}
    typed["token"] = typed["token"] or new_token()
    if found := wrong(desk.profile, typed):
        return _form(request, typed, found, 422)
    try:
        given = await complain(for_all(desk, visitor), typed)
    except YangguangError as error:
        status = problem_of(error).status
        return _form(request, typed, {"": error.message}, 503 if status == 202 else status)
    return to_receipt(given.number, given.lookup_code)


def _form(request: Request, typed: Typed, errors: Errors, status: int = 200) -> Response:
    profile = request.app.state.desk.profile
    types = [each for each in profile.complaints.types if each.code != BAD_RATING]
    sections = [each for each in profile.sections if not each.outside]
    return page(
        request, "complain.html", status=status, typed=typed, errors=errors, types=types, sections=sections
    )
