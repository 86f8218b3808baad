"""A desk at a fixed moment of June 2026 with some cases on record; its engine is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI
from httpx import AsyncClient

from ledger.db import OriginKind
from starter.connect import connect
from starter.desk import Desk
from tests.web.casework import at
from tests.web.visiting import NOWHERE, browser, desk_of, home_of, sign_in
from web.app import make_app

CLERK, HANDLER, CHIEF, REGISTRAR = "1101", "1201", "1205", "1203"
SUPERVISOR, STRANGER, AUDITOR = "1901", "1601", "8001"


@asynccontextmanager
async def desk_at(folder: Path, now: str = "06-17 10:00") -> AsyncIterator[Desk]:
    """A desk whose clock stands still."""

    def fixed() -> datetime:
        return at(now)

    away = await connect(NOWHERE, lazy=True)
    home = home_of(folder, OriginKind.SIMULATION)
    desk = replace(await desk_of(home, client=away), now=fixed)
    try:
        yield desk
    finally:
        desk.ledger.close()


async def officer(app: FastAPI, staff_no: str) -> AsyncClient:
    """The browser of a signed-in officer."""
    return await sign_in(browser(app), staff_no)


def app_over(desk: Desk) -> FastAPI:
    """The application of a desk."""
    return make_app(desk)
