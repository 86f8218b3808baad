"""Going on leave: all my matters to my post's other officer, with the result of each."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response

from starter.api.router import desk_of
from starter.identity.guard import Area, allow
from starter.identity.visitor import visitor_of
from web.form_words import NOT_A_DATE, REQUIRED, TOO_LONG
from web.leaving import Handed, Leave, hand_all, held_by
from web.names import Words, kind_name, names_of
from web.pages import page

LONGEST_NOTE = 1000

BEHIND = Words("不能早于今天", "This lies in the past")
TURNED = Words("不能早于开始日期", "This lies before the first day")

router = APIRouter(dependencies=[Depends(allow(Area.LEAVE))])


@router.get("/leave")
async def leave_page(request: Request) -> Response:
    """What would be handed over, and to whom."""
    return await _shown(request, {}, {})


@router.post("/leave")
async def leave(
    request: Request,
    since: Annotated[str, Form(max_length=40)] = "",
    until: Annotated[str, Form(max_length=40)] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Hand all over; doing it again for the same days changes nothing."""
    desk, visitor = desk_of(request), visitor_of(request)
    typed = {"since": since, "until": until, "note": note}
    errors = _errors(typed, desk.today())
    if errors:
        return await _shown(request, typed, errors, status=422)
    asked = Leave(visitor.id, _day(since) or date.max, _day(until) or date.max, note.strip())
    held = await asyncio.to_thread(held_by, desk, visitor.id)
    came = await hand_all(desk, visitor, asked, held)
    return await _shown(request, typed, {}, status=_status(came), came=came)


def _status(came: list[Handed]) -> int:
    """Nothing recorded at all is told as such, also to a program."""
    return 503 if came and all(each.seq is None for each in came) else 200


async def _shown(
    request: Request,
    typed: dict[str, str],
    errors: dict[str, Words],
    *,
    status: int = 200,
    came: list[Handed] | None = None,
) -> Response:
    desk = desk_of(request)
    held = await asyncio.to_thread(held_by, desk, visitor_of(request).id)
    context: dict[str, Any] = {
        "held": held,
        "typed": typed,
        "errors": errors,
        "came": came,
        "names": names_of(desk.profile),
        "kind_name": kind_name,
        "today": desk.today(),
    }
    return page(request, "officer/leave.html", status=status, **context)


def _errors(typed: dict[str, str], today: date) -> dict[str, Words]:
    errors: dict[str, Words] = {}
    days = {name: _day(typed[name]) for name in ("since", "until")}
    for name, day in days.items():
        if day is None:
            errors[name] = NOT_A_DATE if typed[name].strip() else REQUIRED
        elif day < today:
            errors[name] = BEHIND
    since, until = days["since"], days["until"]
    if since and until and until < since:
        errors["until"] = TURNED
    if len(typed["note"]) > LONGEST_NOTE:
        errors["note"] = TOO_LONG
    return errors


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
