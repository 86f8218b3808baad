"""Joint reviews (联席会审): the list, a meeting with its quorum and votes, the minutes to be printed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from readmodel.query import Filters, Order, Page
from rules.facts import is_decision
from schemas.errors import NotFoundError, UsageError, YangguangError
from starter.api.router import desk_of
from starter.identity.guard import Area, allow, require_recent
from starter.identity.visitor import visitor_of
from starter.sight import seen_page
from web.board import done, facts_now, looking, new_act_id, posts_of, send, typed_in, wrong
from web.casefile import CaseFile, read_file
from web.meetings import CHOICES, OUTCOMES, ShownMeeting, meeting_of
from web.names import names_of, state_words
from web.pages import page

router = APIRouter(dependencies=[Depends(allow(Area.REVIEWS))])

KIND = "review"
FORMS = ("attend", "recuse", "vote", "close_session", "sign_minutes")
"""Acts with a form on the review's own page."""


@router.get("/reviews")
async def reviews(request: Request, open: bool = False, after: str = "") -> Response:
    """The joint reviews that the visitor may see, latest first."""
    filters = Filters(kind=KIND, order=Order.RECENT, open_only=open, after=after or None)

    def read() -> Page:
        desk, _, eyes = looking(request)
        with desk.reading() as connection:
            return seen_page(connection, eyes, filters)

    found, desk = await asyncio.to_thread(read), desk_of(request)
    types = {each.code: each for each in desk.profile.reviews.matters}
    return page(
        request,
        "reviews/list.html",
        found=found,
        open_only=open,
        names=names_of(desk.profile),
        types=types,
        state=lambda row: state_words(KIND, row.state),
        outcomes=OUTCOMES,
    )


@router.post("/reviews/{number:path}/acts/{name}")
async def act(request: Request, number: str, name: str) -> Response:
    """Sign in, withdraw, vote, close, sign; a refusal is told beside the field, what was typed is kept."""
    if name not in FORMS:
        raise UsageError(f"本页没有“{name}”这种操作 / no such act on this page: {name}", code="unknown_act")
    if is_decision(KIND, name):
        require_recent(request)
    typed = await typed_in(request)
    try:
        receipt = await send(request, KIND, number, name, typed)
    except YangguangError as error:
        return await _show(request, number, typed | {"act": name}, wrong(error, typed), status=422)
    return done(f"/reviews/{number}", receipt)


@router.get("/reviews/{number:path}/minutes")
async def minutes(request: Request, number: str) -> Response:
    """The minutes alone, to be printed and signed by hand as well."""
    file, meeting = await asyncio.to_thread(_read, request, number)
    if meeting is None or not meeting.minutes:
        raise NotFoundError(f"{number} 还没有会议纪要 / {number} has no minutes yet", code="no_minutes")
    return page(request, "reviews/minutes.html", number=number, meeting=meeting, names=file.names)


@router.get("/reviews/{number:path}")
async def review(request: Request, number: str, done: int = 0) -> Response:
    """A joint review: attendance, quorum, ballots, dissent, countdown, minutes."""
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
    desk, visitor = desk_of(request), visitor_of(request)
    file, meeting = await asyncio.to_thread(_read, request, number)
    offered = [each for each in file.offers.possible if _is_meant(each.name, visitor.id, meeting)]
    facts = await facts_now(desk, KIND, number) if offered else ""
    first: dict[str, Any] = file.entries[0].data
    types = (desk.profile.reviews.matter(str(code)) for code in first.get("matters") or ())
    return page(
        request,
        "reviews/review.html",
        status=status,
        file=file,
        row=file.row,
        number=number,
        names=file.names,
        meeting=meeting,
        matters=[each for each in types if each],
        state=state_words(KIND, file.row.state),
        outcomes=OUTCOMES,
        choices=CHOICES,
        offered=offered if facts is not None else [],
        others=[each for each in file.offers.possible if each.name not in FORMS],
        engine_away=facts is None,
        posts={
            each.name: posts_of(desk.profile, _own_seat(each.posts, visitor.id, meeting)) for each in offered
        },
        facts=facts or "",
        act_id=new_act_id(),
        typed=typed,
        errors=errors,
        done=done,
    )


def _read(request: Request, number: str) -> tuple[CaseFile, ShownMeeting | None]:
    desk, visitor = desk_of(request), visitor_of(request)
    file = read_file(desk, visitor, KIND, number)
    return file, meeting_of(KIND, number, file.entries, file.rules, desk.profile, desk.now())


def _is_meant(name: str, who: str, meeting: ShownMeeting | None) -> bool:
    """Whether a form belongs on the page now; the kernel judges again."""
    if name not in FORMS or meeting is None:
        return False
    session = meeting.session
    match name:
        case "attend":
            return session.opened_at is None and not session.outcome and who in session.listed
        case "recuse":
            return not session.outcome and who in session.listed and who not in session.withdrawn
        case "vote":
            return session.sitting and who in meeting.waiting
        case "close_session":
            return session.sitting and who == session.chair
        case _:
            waiting = bool(session.minutes) and not session.concluded
            return waiting and who in session.present and who not in session.signed


def _own_seat(posts: tuple[str, ...], who: str, meeting: ShownMeeting | None) -> tuple[str, ...]:
    """A member acts in the post he sits for."""
    seats = meeting.session.members if meeting else ()
    own = tuple(each.post for each in seats if each.officer == who and each.post in posts)
    return own or posts
