"""Fault cases (过错追究): the course, the liability proposal with its entries, defence and remedies."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from rules.liability_words import DEGREES, GRADES
from schemas.errors import UsageError, YangguangError
from starter.api.router import desk_of
from starter.identity.guard import Area, allow
from starter.identity.visitor import visitor_of
from web.board import done, facts_now, looking, new_act_id, posts_of, send, typed_in, wrong
from web.casefile import CaseFile, read_file
from web.faults import FaultPage, fault_page
from web.listing import list_page
from web.meetings import CHOICES, OUTCOMES, ShownMeeting, meeting_of
from web.names import Words, state_words
from web.pages import page

router = APIRouter(dependencies=[Depends(allow(Area.FAULTS))])

KIND = "fault"
DEFEND = "defend"
MOST_POINTS = 20


@router.get("/faults")
async def faults(request: Request, open: bool = False, after: str = "") -> Response:
    """The fault cases that the visitor may see; of the others not even that they exist."""
    return await list_page(request, KIND, "责任追究", "/faults", open_only=open, after=after)


@router.post("/faults/{number:path}/acts/defend")
async def defend(request: Request, number: str) -> Response:
    """A statement and defence, a point a line."""
    typed = await typed_in(request)
    try:
        fields: dict[str, Any] = {k: v for k, v in typed.items() if k != "points"}
        fields["person"] = typed.get("person") or visitor_of(request).id
        receipt = await send(request, KIND, number, DEFEND, fields | {"points": _points(typed)})
    except YangguangError as error:
        return await _show(request, number, typed, wrong(error, typed), status=422)
    return done(f"/faults/{number}", receipt)


@router.get("/faults/{number:path}")
async def fault(request: Request, number: str, done: int = 0) -> Response:
    """A fault case as far as the visitor may see it."""
    return await _show(request, number, {}, {}, done=done)


async def _show(
    request: Request,
    number: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    status: int = 200,
    done: int = 0,
) -> Response:
    desk = desk_of(request)
    file, found, meeting = await asyncio.to_thread(_read, request, number)
    defending = next((each for each in file.offers.possible if each.name == DEFEND), None)
    facts = await facts_now(desk, KIND, number) if defending else ""
    return page(
        request,
        "faults/fault.html",
        status=status,
        file=file,
        row=file.row,
        number=number,
        names=file.names,
        found=found,
        meeting=meeting,
        outcomes=OUTCOMES,
        choices=CHOICES,
        state=state_words(KIND, file.row.state),
        degrees={degree: Words(*words) for degree, words in DEGREES.items()},
        grades={grade: Words(*words) for grade, words in GRADES.items()},
        defending=defending if facts is not None else None,
        others=[each for each in file.offers.possible if each.name != DEFEND],
        engine_away=facts is None,
        posts=posts_of(desk.profile, defending.posts) if defending else [],
        facts=facts or "",
        act_id=new_act_id(),
        typed=typed,
        errors=errors,
        done=done,
    )


def _read(request: Request, number: str) -> tuple[CaseFile, FaultPage, ShownMeeting | None]:
    desk, visitor, eyes = looking(request)
    file = read_file(desk, visitor, KIND, number)
    with desk.reading() as connection:
        found = fault_page(connection, eyes, desk.profile, file.entries)
    return file, found, meeting_of(KIND, number, file.entries, file.rules, desk.profile, desk.now())


def _points(typed: Mapping[str, str]) -> dict[str, str]:
    lines = [line.strip() for line in typed.get("points", "").splitlines() if line.strip()]
    if not lines:
        raise UsageError(
            "points: 请至少写一条申辩意见 / points: write one point at least", code="points_required"
        )
    if len(lines) > MOST_POINTS:
        raise UsageError(
            f"points: 至多 {MOST_POINTS} 条 / points: {MOST_POINTS} at most", code="too_many_points"
        )
    return {str(n): line for n, line in enumerate(lines, 1)}
