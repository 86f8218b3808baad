"""Signing in at the provider of identities: away with the browser, and back again.

What was typed before waits here meanwhile, encrypted under a key that only this browser keeps.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response

from schemas.errors import NotFoundError, NotPermittedError
from starter.desk import Desk
from starter.home import Home
from starter.identity.carrying import KEPT, put_away, take_back
from starter.identity.guard import Area, allow
from starter.identity.keys import DeskKeys
from starter.identity.oidc import CALLBACK, Provider, Vouched
from starter.identity.roles import Person, applicant_of, person_of
from starter.identity.visitor import visitor_of
from web.routes.sign_in import inside, sign_in_form, signed_in

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])

NEXT, TICKET = "next", "ticket"


def flow_cookie(home: Home, keys: DeskKeys) -> dict[str, Any]:
    """How a browser remembers that it is on its way; `lax`, because it comes back from another site."""
    return {
        "secret_key": keys.token("flow", "cookie"),
        "session_cookie": "yangguang-flow",
        "path": "/sign-in",
        "max_age": int(KEPT.total_seconds()),
        "same_site": "lax",
        "https_only": home.url.startswith("https:"),
    }


@router.post("/sign-in/start")
async def start(
    request: Request, next: Annotated[str, Form()] = "/", carried: Annotated[str, Form()] = ""
) -> Response:
    """To the provider."""
    desk, provider = _resources(request)
    request.session.clear()
    request.session[NEXT] = inside(next)
    if carried:
        request.session[TICKET] = await asyncio.to_thread(put_away, desk, carried)
    return await provider.send_away(request, again=bool(carried or visitor_of(request).id))


@router.get(CALLBACK)
async def callback(request: Request) -> Response:
    """Back from the provider. Where it vouches for nobody, the page to sign in says why."""
    desk, provider = _resources(request)
    next, ticket = request.session.get(NEXT, "/"), request.session.get(TICKET, "")
    carried = await asyncio.to_thread(take_back, desk, ticket) if ticket else ""
    try:
        vouched = await provider.coming_back(request, desk)
        person = await asyncio.to_thread(_person, desk, vouched)
    except NotPermittedError as refused:
        return sign_in_form(request, next, status=403, carried=carried, why=refused.message)
    finally:
        request.session.clear()
    return await signed_in(request, person, "oidc", next=next, carried=carried, proven=vouched.proven)


def _person(desk: Desk, vouched: Vouched) -> Person:
    if vouched.staff_no:
        return person_of(desk.home, desk.profile, vouched.staff_no)
    with desk.writing() as connection:  # the key of the digest is made on first use
        return applicant_of(connection, vouched.id_number)


def _resources(request: Request) -> tuple[Desk, Provider]:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise NotFoundError("未设置统一身份登录 / no provider of identities is set")
    return request.app.state.desk, provider
