"""The supervision board (督查): what is late, about to be, paused, bounced, ownerless, unanswered or due."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Request, Response

from starter.api.router import desk_of
from starter.identity.guard import Area, allow
from web.board import looking
from web.card_words import COLOURS, STATUSES
from web.listing import list_page
from web.names import kind_name, names_of, state_words
from web.pages import page
from web.watching import LONG, SOON, Board, board

router = APIRouter(dependencies=[Depends(allow(Area.SUPERVISION))])


@router.get("/supervision")
async def supervision(request: Request) -> Response:
    """The board as the visitor may see it."""

    def read() -> Board:
        desk, _, eyes = looking(request)
        with desk.reading() as connection:
            return board(connection, eyes, desk.today())

    return page(
        request,
        "supervision/board.html",
        board=await asyncio.to_thread(read),
        names=names_of(desk_of(request).profile),
        soon=SOON.days,
        long=LONG.days,
        statuses=STATUSES,
        colours=COLOURS,
        kind=kind_name,
        state=state_words,
    )


@router.get("/supervision/matters")
async def matters(request: Request, open: bool = False, after: str = "") -> Response:
    """Supervision matters (督查事项)."""
    href = "/matters/supervision"
    return await list_page(request, "supervision", "督查事项", href, open_only=open, after=after)
