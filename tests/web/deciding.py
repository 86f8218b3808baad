"""Officers before pages over the tests' engine: cases begun for them, forms filled in as a browser does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx import AsyncClient, Response

from ledger.db import OriginKind, snapshot
from ledger.entry import Entry
from ledger.read import entries
from starter.desk import Desk
from starter.identity.keys import public_keys
from starter.simulation import SimulatedClient
from tests.web.visiting import browser, home_of, sign_in
from tests.workflows.house import ITEMS, PROFILE, House, application
from web.app import make_app

INSTANT = "LX-CX-01"
"""Decided at the window, in one stage."""

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class Bureau:
    """The desk, whose clock a test may move, and the cases on it."""

    desk: Desk
    app: FastAPI
    moved: list[timedelta] = field(default_factory=list)

    async def case(self, item: str = INSTANT, **said: Any) -> str:
        """Number of a case that was just taken in at the window."""
        received = datetime.now(UTC).replace(microsecond=0)
        request = application(ITEMS[item], **{"received_at": received, **said})
        return (await self.desk.client.start_case(request)).number

    async def officer(self, staff_no: str) -> AsyncClient:
        """The browser of somebody who has just signed in."""
        return await sign_in(browser(self.app), staff_no)

    def entries(self, number: str) -> list[Entry]:
        """The chain of a matter."""
        with snapshot(self.desk.ledger.engine) as connection:
            return entries(connection, number)


def bureau_over(house: House, folder: Path) -> Bureau:
    """The pages over the tests' engine and ledger, in a sample home."""
    home = home_of(folder, OriginKind.SAMPLE)
    client = SimulatedClient(house.client, house.ledger)
    client.desk_keys = public_keys(home)
    moved: list[timedelta] = []

    def now() -> datetime:
        return datetime.now(UTC) + sum(moved, timedelta())

    desk = Desk(home, house.ledger, client, PROFILE, now)
    return Bureau(desk, make_app(desk), moved)


def hidden(page: Response) -> dict[str, str]:
    """What a page's form sends along unseen."""
    main = page.text.partition("<main")[2]
    return {name: unescape(value) for name, value in _HIDDEN.findall(main) if name != "csrf"}


async def act(client: AsyncClient, number: str, name: str, *, kind: str = "case", **typed: str) -> Response:
    """Fill in the form of an act and send it."""
    address = f"/matters/{kind}/{number}/acts/{name}"
    form = await client.get(address)
    return await client.post(address, data=hidden(form) | typed)
