"""The routes of the API together."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from starter.desk import Desk
from starter.identity.visitor import Visitor, visitor_of

PREFIX = "/api/v1"

router = APIRouter(prefix=PREFIX)


def desk_of(request: Request) -> Desk:
    """The resources of this process."""
    desk: Desk = request.app.state.desk
    return desk


# Asynchronous though they wait for nothing: the framework would send others to a thread, at every request.
async def _desk(request: Request) -> Desk:
    return desk_of(request)


async def _visitor(request: Request) -> Visitor:
    return visitor_of(request)


DeskHere = Annotated[Desk, Depends(_desk)]
Asking = Annotated[Visitor, Depends(_visitor)]
