"""A page of matters of one kind that a visitor may see: what faults, complaints and others have in common."""

from __future__ import annotations

import asyncio

from fastapi import Request, Response

from readmodel.query import Filters, Order, Page
from starter.api.router import desk_of
from starter.sight import seen_page
from web.board import looking
from web.names import names_of, state_words
from web.pages import page

AT_ONCE = 50


async def list_page(
    request: Request,
    kind: str,
    title: str,
    href: str,
    *,
    open_only: bool,
    after: str,
    about: bool = True,
    note: str = "",
) -> Response:
    """The matters of a kind, latest entry first; `href` is where a number leads, `about` shows its matter."""
    filters = Filters(kind=kind, order=Order.RECENT, open_only=open_only, after=after or None, limit=AT_ONCE)

    def read() -> Page:
        desk, _, eyes = looking(request)
        with desk.reading() as connection:
            return seen_page(connection, eyes, filters)

    return page(
        request,
        "board/list.html",
        found=await asyncio.to_thread(read),
        title=title,
        href=href,
        about=about,
        note=note,
        open_only=open_only,
        names=names_of(desk_of(request).profile),
        state=lambda row: state_words(kind, row.state),
    )
