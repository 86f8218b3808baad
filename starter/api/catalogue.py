"""The catalogue of service items over HTTP: what can be applied for, on which basis, with what, how fast."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from schemas.base import StrictModel
from schemas.errors import NotFoundError
from schemas.profile import Item
from starter.api.examples import ITEM, ITEMS, answered
from starter.api.paging import Cursor, Limit, link_next, position, read_cursor, write_cursor
from starter.api.router import DeskHere
from starter.identity.guard import Area, allow

router = APIRouter(tags=["catalogue"], dependencies=[Depends(allow(Area.API_PUBLIC))])

_LIST = "items"
ItemCode = Annotated[str, Path(min_length=1, max_length=120, pattern=r"^[^\x00]+$", examples=["LX-DJ-01"])]


class ItemLine(StrictModel):
    """An item in the list."""

    code: str
    name: str
    name_en: str
    type: str
    promise_days: int | None
    statutory_days: int | None
    fee_max_fen: int | None
    href: str


class ItemList(StrictModel):
    """A page of the catalogue."""

    rows: tuple[ItemLine, ...]
    next: str | None
    profile: str
    as_of: int


class ItemPage(StrictModel):
    """An item, whole."""

    item: Item
    profile: str
    profile_sha256: str
    as_of: int


@router.get("/items", summary="办事目录 / catalogue of items", responses=answered(ITEMS))
def items(
    request: Request, response: Response, desk: DeskHere, limit: Limit = 50, after: Cursor = None
) -> ItemList:
    """All items by their codes."""
    place = str(read_cursor(desk, _LIST, after)) if after else ""
    known = sorted((item for item in desk.profile.items if item.code > place), key=lambda item: item.code)
    shown = known[:limit]
    cursor = write_cursor(desk, _LIST, shown[-1].code) if len(known) > limit else None
    link_next(request, response, cursor)
    with desk.reading() as connection:
        as_of = position(connection)
    rows = tuple(_line(request, item) for item in shown)
    return ItemList(rows=rows, next=cursor, profile=desk.profile.id, as_of=as_of)


@router.get("/items/{code}", summary="办事指南 / an item", responses=answered(ITEM))
def item(desk: DeskHere, code: ItemCode) -> ItemPage:
    """Basis, conditions, papers, limits, steps and fee of an item."""
    found = next((each for each in desk.profile.items if each.code == code), None)
    if found is None:
        raise NotFoundError("没有该办事项 / there is no item of this code")
    with desk.reading() as connection:
        as_of = position(connection)
    return ItemPage(item=found, profile=desk.profile.id, profile_sha256=desk.profile.sha256, as_of=as_of)


def _line(request: Request, item: Item) -> ItemLine:
    return ItemLine(
        code=item.code,
        name=item.name,
        name_en=item.name_en,
        type=item.type.value,
        promise_days=item.promise.n if item.promise else None,
        statutory_days=item.statutory.n if item.statutory else None,
        fee_max_fen=item.fee.max_fen,
        href=f"{request.url.path}/{item.code}",
    )
