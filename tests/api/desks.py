"""A desk for the API's tests: an application over a home, asked without a network.

Where only reading is tested, matters are rows that the real recorder wrote; the engine is then away.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from temporalio.service import RetryConfig

from ledger.db import Ledger, open_database
from starter.client import YangguangClient
from starter.connect import Engine, connect
from starter.desk import Desk
from starter.home import open_home
from starter.identity.entering import Entering
from starter.identity.visitor import Visitor, VisitorKind, WebRole
from starter.rulebook import load_profile
from web.app import make_app

NOBODY = "127.0.0.1:9"
"""No engine listens there."""

SYSTEM = Visitor(VisitorKind.SYSTEM, "intake-1", "intake-1", frozenset({WebRole.SYSTEM}))


async def away(ledger: Ledger) -> YangguangClient:
    """A client whose engine is out of reach."""
    once = RetryConfig(initial_interval_millis=1, max_elapsed_time_millis=20, max_retries=0)
    options: Any = {"retry_config": once}
    client = await connect(Engine(NOBODY, "default", owned=False, options=options), lazy=True)
    return YangguangClient(client, ledger, patience=timedelta(milliseconds=200))


def desk_over(
    folder: Path, client: YangguangClient, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Desk:
    """A desk over the ledger of a client, its files in a sample home in `folder`."""
    return Desk(open_home(folder / "home"), client.ledger, client, load_profile("current"), now)


@asynccontextmanager
async def desk_in(folder: Path, url: str = "", **more: Callable[[], datetime]) -> AsyncIterator[Desk]:
    """A desk over a new ledger, without an engine."""
    home = open_home(folder / "home")
    ledger = open_database(url or home.database_url, home.origin)
    try:
        yield desk_over(folder, await away(ledger), **more)
    finally:
        ledger.close()


@asynccontextmanager
async def asking(app: FastAPI, address: str = "192.0.2.7") -> AsyncIterator[AsyncClient]:
    """Somebody who asks from an address."""
    transport = ASGITransport(app, client=(address, 40000))
    async with AsyncClient(transport=transport, base_url="http://desk.test/api/v1") as client:
        yield client


def app_for(desk: Desk, *vouched: Visitor) -> FastAPI:
    """The application, which takes their ids for tokens of visitors that somebody vouched for."""
    known = {each.id: each for each in vouched or (SYSTEM,)}

    async def vouch(token: str) -> Visitor:
        return known[token]

    app = make_app(desk)
    for each in app.user_middleware:
        if getattr(each.cls, "__name__", "") == Entering.__name__:
            each.kwargs["bearer"] = vouch
    return app


AS_SYSTEM = {"Authorization": f"Bearer {SYSTEM.id}"}


def key() -> dict[str, str]:
    """Headers with a new Idempotency-Key."""
    return {"Idempotency-Key": str(uuid4())}
