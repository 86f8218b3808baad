"""The front door and what every page links to: home, language, help."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from starter.identity.guard import Area, allow
from web.language import COOKIE, HTML_LANG
from web.pages import page

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])


@router.get("/")
async def home(request: Request) -> Response:
    """Where everybody comes in."""
    return page(request, "home.html")


@router.post("/language")
async def choose_language(language: Annotated[str, Form()], back: Annotated[str, Form()] = "/") -> Response:
    """Remember the language somebody chose, and go on where he was."""
    answer = RedirectResponse(back if _is_here(back) else "/", 303)
    if language in HTML_LANG:
        answer.set_cookie(COOKIE, language, max_age=31_536_000, httponly=True, samesite="strict")
    return answer


def _is_here(address: str) -> bool:
    """An address of this desk and no other; a browser reads a backslash as a slash."""
    return address.startswith("/") and not address.startswith("//") and "\\" not in address
