"""Search: by number, name or text, over what the visitor may see and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from readmodel.query import MatterRow, Page
from readmodel.search import search
from starter.api.router import desk_of
from starter.desk import Desk
from starter.identity.eyes import eyes_for
from starter.identity.guard import Area, allow
from starter.identity.visitor import Visitor, visitor_of
from web.casefile import position
from web.names import Words, kind_name, names_of, state_words
from web.pages import page

PAGE = 50
LONGEST = 100
"""Characters of a question that are asked for."""

router = APIRouter(dependencies=[Depends(allow(Area.SEARCH))])


@dataclass(frozen=True)
class Hit:
    """One matter that was found."""

    row: MatterRow
    kind: Words
    state: Words
    href: str


@router.get("/search")
async def search_page(request: Request, q: str = "", after: str = "") -> Response:
    """What was found, latest entry first."""
    desk, visitor, asked = desk_of(request), visitor_of(request), q.strip()[:LONGEST]
    found, as_of = Page(rows=()), 0
    partly: tuple[str, ...] = ()
    if asked:
        found, as_of, partly = await asyncio.to_thread(_found, desk, visitor, asked, after)
    return page(
        request,
        "officer/search.html",
        asked=asked,
        hits=[_hit(row) for row in found.rows],
        next=f"/search?{urlencode({'q': asked, 'after': found.next})}" if found.next else "",
        later=bool(after),
        as_of=as_of,
        partly=[kind_name(kind) for kind in partly],
        names=names_of(desk.profile),
    )


def _found(desk: Desk, visitor: Visitor, asked: str, after: str) -> tuple[Page, int, tuple[str, ...]]:
    items = {each.code: f"{each.name} {each.name_en}" for each in desk.profile.items}
    with desk.reading() as connection:
        eyes = eyes_for(connection, desk, visitor)
        found = search(
            connection, asked, lambda rows: eyes.seen(connection, rows), after or None, PAGE, items=items
        )
        return found, position(connection), eyes.partly()


def _hit(row: MatterRow) -> Hit:
    kind = row.kind or ""
    return Hit(row, kind_name(kind), state_words(kind, row.state), f"/matters/{kind}/{row.case_id}")
