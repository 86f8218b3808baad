"""Health of the installation: a page for people, `/healthz` and `/readyz` for machines.

`/healthz` says that the process answers; `/readyz` that pages can be read. Neither tells anything of matters.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from starter.api.router import DeskHere
from starter.health import health
from starter.identity.guard import Area, allow
from web.names import Words
from web.pages import page

router = APIRouter()

DUTIES: dict[str, Words] = {
    "archive": Words("历史存档", "histories kept"),
}


@router.get("/healthz", dependencies=[Depends(allow(Area.PUBLIC))])
async def healthz() -> Response:
    """Whether this process answers at all."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz", dependencies=[Depends(allow(Area.PUBLIC))])
async def readyz(desk: DeskHere) -> Response:
    """Whether pages can be read; the engine's state is told beside it, because acts wait for it."""
    found = await health(desk)
    told = {
        "status": "ready" if found.ready else "unready",
        "database": found.database,
        "engine": found.engine.reachable,
        "worker": found.engine.workers > 0,
    }
    return JSONResponse(told, 200 if found.ready else 503)


@router.get("/system", dependencies=[Depends(allow(Area.SYSTEM))])
async def system(request: Request, desk: DeskHere) -> Response:
    """Worker, queue, ledger lag, last checkpoint, last witness, last reconciliation, engine."""
    found = await health(desk)
    return page(request, "system/system.html", health=found, duties=DUTIES, home=desk.home)
