"""The catalogue of service items, for everybody."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from starter.api.router import DeskHere
from starter.identity.guard import Area, allow
from web.pages import page
from web.public import catalogue

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])


@router.get("/items")
async def items(request: Request, desk: DeskHere, q: str = "") -> Response:
    """All items, or those whose name holds some text."""
    found = catalogue.published(desk.profile, q[:100])
    return page(request, "items.html", items=found, q=q[:100], catalogue=catalogue)


@router.get("/items/{code}")
async def item(request: Request, desk: DeskHere, code: str) -> Response:
    """Everything that is to be public of an item before anybody applies."""
    found = catalogue.item_here(desk.profile, code)
    window, place = catalogue.window_of(desk.profile)
    grounds = [each for each in desk.profile.grounds if each.code in found.suspension_grounds]
    return page(
        request,
        "item.html",
        item=found,
        catalogue=catalogue,
        window=window,
        place=place,
        hours=desk.profile.thresholds.window_hours,
        grounds=grounds,
        profile=desk.profile,
    )
