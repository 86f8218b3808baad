"""Signing in and out, and signing in again for a decision without losing what was typed.

A sample home has a list of its invented officers instead of passwords; a real one has a provider alone.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from schemas.areas import WebRole
from schemas.errors import NotPermittedError
from starter.api.problems import answer, problem_of
from starter.api.router import PREFIX
from starter.desk import Desk
from starter.identity.carrying import Carried, open_carried, seal_carried
from starter.identity.entering import forget, remember
from starter.identity.errors import ProofNeededError, SignInNeededError
from starter.identity.guard import Area, allow
from starter.identity.keys import DeskKeys
from starter.identity.roles import Person, person_of, sample_people
from starter.identity.sessions import begin_session, end_session
from starter.identity.visitor import VisitorKind, visitor_of
from web.pages import page

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])

LOOPBACK = ("127.0.0.1", "::1", "localhost")
NOT_CARRIED = ("csrf",)

ROLE_NAMES = {
    WebRole.COUNTER: "窗口",
    WebRole.HANDLER: "承办",
    WebRole.CHIEF: "科长",
    WebRole.PANEL: "会审",
    WebRole.LEADER: "领导",
    WebRole.SUPERVISOR: "督查",
    WebRole.AUDITOR: "审计",
    WebRole.ADMIN: "管理",
}
"""Labels of roles, translated where shown."""


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = "/") -> Response:
    """How one signs in here."""
    return sign_in_form(request, next)


@router.post("/sign-in")
async def sign_in_sample(
    request: Request,
    officer: Annotated[str, Form(max_length=64)],
    next: Annotated[str, Form()] = "/",
    carried: Annotated[str, Form()] = "",
) -> Response:
    """Sign an invented officer in; only in a home where nobody is real, and only from this machine."""
    desk = _desk(request)
    _check_sample(request, desk)
    try:
        person = person_of(desk.home, desk.profile, officer)
    except NotPermittedError as refused:
        return sign_in_form(request, next, status=422, carried=carried, errors={"officer": refused.message})
    return await signed_in(request, person, "sample", next=next, carried=carried)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, here and in the browser."""
    secret = getattr(request.state, "secret", "")
    if secret:
        await asyncio.to_thread(end_session, _desk(request), secret)
    out = RedirectResponse("/", 303)
    out.headers["Clear-Site-Data"] = '"cache"'
    forget(out, request)
    return out


async def signed_in(
    request: Request,
    person: Person,
    how: str,
    *,
    next: str,
    carried: str = "",
    proven: datetime | None = None,
) -> Response:
    """Begin the session of somebody who proved who he is, and go on where he was."""
    desk, keys = _desk(request), _keys(request)
    before = getattr(request.state, "secret", "")
    applicant = WebRole.APPLICANT in person.roles
    kind = VisitorKind.APPLICANT if applicant else VisitorKind.OFFICER
    begun = await asyncio.to_thread(begin_session, desk, person, how, kind, proven=proven, before=before)
    request.state.visitor, request.state.secret = begun.visitor, begun.secret
    request.state.csrf = keys.token("csrf", begun.secret)
    found = open_carried(keys, carried, person.id) if carried else None
    if found:
        out: Response = page(request, "sign_in/again.html", carried=found)
    elif how == "sample":
        out = RedirectResponse(inside(next), 303)
    else:
        # Coming from the provider the browser would keep a strict cookie back: this page sends it on.
        out = page(request, "sign_in/onward.html", onward=inside(next))
    remember(out, request, keys, begun.secret)
    return out


async def on_sign_in_needed(request: Request, error: Exception) -> Response:
    """Who has to sign in (again) is asked to; a form that he had filled in goes with him."""
    assert isinstance(error, SignInNeededError)
    if request.url.path.startswith(PREFIX):
        told = answer(problem_of(error, request.url.path))
        told.headers["WWW-Authenticate"] = "Bearer"
        return told
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method in ("GET", "HEAD") and not isinstance(error, ProofNeededError):
        return RedirectResponse(f"/sign-in?next={quote(here)}", 303)
    carried = "" if request.method in ("GET", "HEAD") else await _carry(request, here)
    return sign_in_form(
        request, here if request.method == "GET" else "/", status=401, carried=carried, why=error.message
    )


async def _carry(request: Request, here: str) -> str:
    form = await request.form()
    fields = tuple((k, v) for k, v in form.multi_items() if isinstance(v, str) and k not in NOT_CARRIED)
    return seal_carried(_keys(request), Carried(here, visitor_of(request).id, fields))


def sign_in_form(
    request: Request,
    next: str,
    *,
    status: int = 200,
    carried: str = "",
    why: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    desk = _desk(request)
    people = sample_people(desk.home, desk.profile)
    return page(
        request,
        "sign_in/sign_in.html",
        status=status,
        people=people,
        posts={post.code: post for post in desk.profile.posts},
        role_names=ROLE_NAMES,
        provider=desk.home.oidc,
        next=inside(next),
        carried=carried,
        why=why,
        errors=errors or {},
    )


def inside(path: str) -> str:
    """A path of this desk: nobody is sent elsewhere by a link to the sign-in page."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain else "/"


def _check_sample(request: Request, desk: Desk) -> None:
    if not desk.is_sample:
        raise NotPermittedError(
            "正式馆不设免密登录 / a real home has no sign-in without a password", code="no_sample_sign_in"
        )
    host = request.client.host if request.client else ""
    if host not in LOOPBACK or request.url.hostname not in LOOPBACK:
        raise NotPermittedError(
            "免密登录仅限本机 / sign-in without a password is for this machine alone", code="not_loopback"
        )


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _keys(request: Request) -> DeskKeys:
    keys: DeskKeys = request.app.state.keys
    return keys
