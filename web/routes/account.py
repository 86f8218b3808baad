"""All matters of an applicant: his own account, or opened by a clerk for somebody present."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from starter.api.router import Asking, DeskHere
from starter.identity.guard import Area, allow
from web.pages import page
from web.public.account import account_of, account_under, record_opening
from web.public.ways import window_post

router = APIRouter()


@router.get("/account", dependencies=[Depends(allow(Area.ACCOUNT))])
async def own_account(request: Request, desk: DeskHere, visitor: Asking) -> Response:
    """The matters of whoever is signed in; he is known by the digest of his identity number alone."""
    found = await asyncio.to_thread(account_under, desk, visitor.id)
    return page(request, "account/account.html", found=found, present=False)


@router.get("/counter/account", dependencies=[Depends(allow(Area.COUNTER))])
async def ask(request: Request) -> Response:
    """Asks for the identity number on the paper that was shown."""
    return page(request, "account/ask.html", typed={}, errors={})


@router.post("/counter/account", dependencies=[Depends(allow(Area.COUNTER))])
async def account_at_counter(
    request: Request,
    desk: DeskHere,
    visitor: Asking,
    id_number: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """The matters of somebody present. That they were shown, and by whom, is on record."""
    window_post(desk.profile, visitor.id)
    if not id_number.strip():
        wrong = {"id_number": "请填写证件号码 / Give the number of the identity paper"}
        return page(request, "account/ask.html", status=422, typed={}, errors=wrong)

    def opened() -> object:
        found = account_of(desk, id_number)
        record_opening(desk, visitor.id, found)
        return found

    return page(request, "account/account.html", found=await asyncio.to_thread(opened), present=True)
