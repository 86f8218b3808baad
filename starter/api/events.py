"""`GET /api/v1/events`: what is recorded, as it is recorded, for those who may see it.

The id of an event is its ledger number, so that `Last-Event-ID` goes on exactly where somebody left off.
Who cannot keep a connection asks with `wait=0` and is told what there is.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from starter.api.router import Asking, DeskHere
from starter.delivery.live import LONGEST, Ears, Watch, size_of, stream
from starter.delivery.subscription import ORDINARY, Listener, insider, outside
from starter.desk import Desk
from starter.identity.eyes import eyes_for
from starter.identity.guard import Area, allow
from starter.identity.visitor import Visitor, VisitorKind

router = APIRouter(tags=["events"], dependencies=[Depends(allow(Area.API_EVENTS))])

_LARGEST = 2**53 - 1
_EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$", "description": "总账序号 / ledger number"},
        "event": {"type": "string"},
        "data": {"type": "string", "description": "CloudEvents 1.0 JSON"},
    },
    "required": ["id", "event", "data"],
}
_STREAM = {
    200: {
        "description": "CloudEvents 1.0，每条的 id 为总账序号 / the id of each event is its ledger number",
        "content": {"text/event-stream": {"schema": _EVENT}},
    }
}

Last = Annotated[int | None, Header(alias="Last-Event-ID", ge=-1, le=_LARGEST)]
After = Annotated[
    int | None,
    Query(
        ge=-1, le=_LARGEST, description="此序号之后；缺省从现在起 / after this number; from now on by default"
    ),
]
Wait = Annotated[int, Query(ge=0, le=LONGEST, description="最多收听几秒 / seconds to listen at most")]


@router.get(
    "/events",
    summary="事件流 / events as they come",
    response_class=StreamingResponse,
    responses=_STREAM,  # type: ignore[arg-type]
)
async def events(
    request: Request,
    desk: DeskHere,
    visitor: Asking,
    last_event_id: Last = None,
    after: After = None,
    wait: Wait = LONGEST,
) -> StreamingResponse:
    """Server-sent events; `Last-Event-ID` goes before `after`."""
    size = await asyncio.to_thread(size_of, desk)
    left_off = last_event_id if last_event_id is not None else after
    first = size if left_off is None else min(left_off + 1, size)
    watch = watch_of(request.app)
    watch.check_room()
    told = stream(desk, watch, ears_of(desk, visitor), first, size, min(wait, watch.longest))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


def ears_of(desk: Desk, visitor: Visitor) -> Ears:
    """Who listens: a person with his own eyes, a system as any other system."""

    def ears(connection: Connection) -> Listener:
        if visitor.kind is VisitorKind.SYSTEM:
            return outside(desk.profile, visitor.id, ORDINARY)
        return insider(eyes_for(connection, desk, visitor))

    return ears


def watch_of(app: FastAPI) -> Watch:
    """The one watch of this process."""
    if not isinstance(found := getattr(app.state, "watch", None), Watch):
        found = app.state.watch = Watch(app.state.desk)
    return found


async def end_streams(app: FastAPI) -> None:
    """The process stops: let go of everybody who listens."""
    await watch_of(app).close()
