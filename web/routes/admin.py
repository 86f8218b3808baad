"""Administration (管理): items, calendars, posts, grants, webhooks; rule versions are in `web.routes.rules`.

The admin keeps the rules and decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from rules.explain import UNITS
from schemas.errors import UsageError, YangguangError
from schemas.grants import Scope
from starter.api.router import DeskHere, desk_of
from starter.delivery.registry import deliveries, standings
from starter.identity.grants import end_grant, give_grant, grants_of
from starter.identity.guard import Area, allow, require_recent
from starter.identity.visitor import visitor_of
from starter.profile_files import calendar_files
from web.board import field_of, typed_in
from web.names import Words, kind_name, names_of
from web.pages import page

router = APIRouter(dependencies=[Depends(allow(Area.ADMIN))])

ZONE = ZoneInfo("Asia/Shanghai")


@router.get("/admin")
async def admin(request: Request, desk: DeskHere) -> Response:
    """Where an admin can go."""
    return page(request, "admin/index.html", profile=desk.profile)


@router.get("/admin/items")
async def items(request: Request, desk: DeskHere) -> Response:
    """The items with their limits, under the rules in force."""
    return page(request, "admin/items.html", profile=desk.profile, units=UNITS)


@router.get("/admin/calendars")
async def calendars(request: Request, desk: DeskHere) -> Response:
    """The calendar in force: which years it knows, from which source."""
    files = await asyncio.to_thread(calendar_files, desk.profile.calendar, None)
    years = {name: data for name, data in sorted(files.items()) if name.isdigit()}
    return page(request, "admin/calendars.html", calendar=desk.profile.calendar, years=years)


@router.get("/admin/posts")
async def posts(request: Request, desk: DeskHere) -> Response:
    """Sections, and the posts with their A and B officers."""
    return page(request, "admin/posts.html", profile=desk.profile, names=names_of(desk.profile))


@router.get("/admin/grants")
async def grants(request: Request) -> Response:
    """Delegation grants: who may act for whom, in what, until when."""
    return await _grants(request, {}, {})


@router.post("/admin/grants")
async def give(request: Request) -> Response:
    """Give a grant, which is put on record."""
    require_recent(request)
    desk, typed = desk_of(request), await typed_in(request)
    try:
        starts, ends = _moment(typed, "starts"), _moment(typed, "ends", at_end=True)
        scope = Scope(kinds=_words(typed, "kinds"), items=_words(typed, "items"), acts=_words(typed, "acts"))
        about = {"giver": typed.get("giver", "").strip(), "taker": typed.get("taker", "").strip()}
        about |= {"by": visitor_of(request).id}
        await asyncio.to_thread(
            lambda: give_grant(
                desk.ledger, desk.profile, **about, scope=scope, starts=starts, ends=ends, now=desk.now()
            )
        )
    except YangguangError as error:
        return await _grants(request, typed, {field_of(error, typed): error.message}, status=422)
    return RedirectResponse("/admin/grants", 303)


@router.post("/admin/grants/{number}/end")
async def end(request: Request, number: str) -> Response:
    """End a grant before its time."""
    desk, by = desk_of(request), visitor_of(request).id
    await asyncio.to_thread(lambda: end_grant(desk.ledger, number, by=by, now=desk.now()))
    return RedirectResponse("/admin/grants", 303)


@router.get("/admin/webhooks")
async def webhooks(request: Request, desk: DeskHere, of: str = "") -> Response:
    """Systems that are told of events, and what became of each telling."""

    def read() -> tuple[Any, Any]:
        with desk.reading() as connection:
            return standings(connection), deliveries(connection, of) if of else []

    systems, sent = await asyncio.to_thread(read)
    return page(request, "admin/webhooks.html", systems=systems, sent=sent, of=of)


# -- grants ------------------------------------------------------------------------------------


async def _grants(
    request: Request, typed: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> Response:
    desk = desk_of(request)

    def read() -> Any:
        with desk.reading() as connection:
            return grants_of(connection)

    return page(
        request,
        "admin/grants.html",
        status=status,
        grants=(await asyncio.to_thread(read))[::-1],
        now=desk.now(),
        names=names_of(desk.profile),
        kinds={code: kind_name(code) for code in ("case", "inquiry", "card", "review")},
        typed=typed,
        errors=errors,
        words=Words,
    )


def _words(typed: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(typed.get(name, "").replace("、", " ").replace(",", " ").split())


def _moment(typed: Mapping[str, str], name: str, *, at_end: bool = False) -> datetime:
    """The beginning of a local day, or its end."""
    try:
        day = datetime.fromisoformat(typed.get(name, "").strip())
    except ValueError:
        raise UsageError(f"{name}: 不是日期 / {name}: not a day, as 2026-01-31", code="bad_day") from None
    moment = day if day.tzinfo else day.replace(tzinfo=ZONE)
    return moment.replace(hour=23, minute=59, second=59) if at_end and moment.time() == time() else moment
