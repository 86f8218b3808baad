"""Transparency: a table for people, the same as CSV and JSON for programs."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Request, Response

from starter.api.router import DeskHere
from starter.desk import Desk
from starter.identity.guard import Area, allow
from web.pages import page
from web.public.open_data import as_csv, tenths
from web.public.openness import Openness, openness

router = APIRouter(dependencies=[Depends(allow(Area.PUBLIC))])

FOR_ALL = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60"}
"""Open data may be read by any page."""


@router.get("/transparency")
async def transparency(request: Request, desk: DeskHere) -> Response:
    """How often promises were kept, and how long things took."""
    table = await _table(desk)
    return page(request, "transparency.html", table=table, tenths=tenths)


@router.get("/transparency.csv")
async def transparency_csv(desk: DeskHere) -> Response:
    """The table as comma-separated values."""
    headers = FOR_ALL | {"Content-Disposition": 'attachment; filename="transparency.csv"'}
    return Response(as_csv(await _table(desk)), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/transparency.json")
async def transparency_json(desk: DeskHere) -> Response:
    """The table as JSON."""
    found = (await _table(desk)).model_dump_json()
    return Response(found, media_type="application/json", headers=FOR_ALL)


async def _table(desk: Desk) -> Openness:
    return await asyncio.to_thread(openness, desk.ledger, desk.profile, desk.today().isoformat())
