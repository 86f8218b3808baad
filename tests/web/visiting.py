"""A browser before an in-process desk: the application itself, without a server, engine or network.

The engine of such a desk is away; what needs one says so. Reading, signing in and refusals need none.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from temporalio.client import Client

from ledger.db import Ledger, OriginKind, open_database
from starter.client import YangguangClient
from starter.connect import Engine, connect
from starter.desk import Desk
from starter.home import Home, open_home
from starter.identity.keys import public_keys
from starter.rulebook import load_profile
from web.app import make_app

BASE = "http://127.0.0.1:8000"
NOWHERE = Engine("127.0.0.1:9", "default", owned=False)
"""Where no engine listens."""


def home_of(folder: Path, kind: OriginKind = OriginKind.SAMPLE, **settings: str) -> Home:
    """A home in a folder, with settings of `home.toml`."""
    home = open_home(folder / "home", kind)
    if settings:
        with (home.path / "home.toml").open("a", encoding="utf-8") as toml:
            toml.writelines(f'{name} = "{value}"\n' for name, value in settings.items())
    return open_home(folder / "home", kind)


async def desk_of(home: Home, ledger: Ledger | None = None, client: Client | None = None) -> Desk:
    """A desk over a home; its ledger is made on first use, its engine is away unless there is a client."""
    opened = ledger or open_database(home.database_url, home.origin)
    reached = client or await connect(NOWHERE, lazy=True)
    typed = YangguangClient(reached, opened)
    typed.desk_keys = public_keys(home)
    return Desk(home, opened, typed, load_profile("current"))


def browser(app: FastAPI, *, base: str = BASE, address: str = "127.0.0.1") -> AsyncClient:
    """Somebody's browser: it keeps cookies and does not follow redirections."""
    transport = ASGITransport(app=app, client=(address, 50_000))
    return AsyncClient(transport=transport, base_url=base)


@asynccontextmanager
async def app_of(
    folder: Path, kind: OriginKind = OriginKind.SAMPLE, **settings: str
) -> AsyncIterator[FastAPI]:
    """The application over a new home in `folder`; `app.state.desk` is its desk."""
    desk = await desk_of(home_of(folder, kind, **settings))
    try:
        yield make_app(desk)
    finally:
        desk.ledger.close()


async def sign_in(client: AsyncClient, officer: str) -> AsyncClient:
    """Sign a sample officer in; from then on his browser's requests bear the token of his session."""
    client.headers.pop("X-CSRF-Token", None)
    answer = await client.post("/sign-in", data={"officer": officer}, headers=await _token(client))
    assert answer.status_code == 303, answer.text
    client.headers.update(await _token(client))
    return client


async def _token(client: AsyncClient) -> dict[str, str]:
    """The header that proves a request comes from a page of the desk; none before signing in."""
    page = await client.get("/sign-in")
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    return {"X-CSRF-Token": found[1]} if found else {}
