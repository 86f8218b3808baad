"""Complaints for those who handle them (投诉办理): the list; a complaint itself is a matter like others."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from starter.identity.guard import Area, allow
from web.listing import list_page

router = APIRouter(dependencies=[Depends(allow(Area.COMPLAINTS))])

NOTE = "投诉人身份与内容已密封，查看须另行办理并留下记录；被投诉人及其科室看不到本列表中的投诉。"


@router.get("/complaints")
async def complaints(request: Request, open: bool = False, after: str = "") -> Response:
    """The complaints that the visitor may see; whom they are about learns nothing here."""
    return await list_page(
        request, "complaint", "投诉办理", "/matters/complaint", open_only=open, after=after, note=NOTE
    )


@router.get("/complaints/{number:path}")
async def complaint(number: str) -> Response:
    """The complaint's own page."""
    return RedirectResponse(f"/matters/complaint/{number}", 303)
