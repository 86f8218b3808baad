"""One provider for all tests of signing in, and a real home that trusts it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from ledger.db import OriginKind
from starter.identity.oidc import SECRET_FILE
from tests.identity.provider import AUDIENCE, DESK, INTAKE, PASSWORD, SECRET
from tests.web.visiting import BASE, browser, desk_of, home_of
from web.app import make_app

PEOPLE = ("1101", "1301", "8801", "9999", "nobody", "citizen")
"""A clerk, a handler, an auditor, a stranger to the bureau, somebody without a number, and an applicant."""


@dataclass(frozen=True)
class Provider:
    """Where the provider is."""

    issuer: str

    def token(self, client: str, **more: str) -> httpx.Response:
        """Ask for a system's token."""
        asked = {"grant_type": "client_credentials", "scope": "intake", **more}
        return httpx.post(f"{self.issuer}/token/", data=asked, auth=(client, SECRET))


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The provider, in a process of its own."""
    folder = tmp_path_factory.mktemp("provider")
    command = [sys.executable, "-m", "tests.identity.provider", str(folder), BASE, *PEOPLE]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield Provider(json.loads(process.stdout.readline())["issuer"])
        finally:
            process.terminate()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def real(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """The application over a real home that trusts the provider."""
    home = home_of(
        tmp_path_factory.mktemp("real"),
        OriginKind.REAL,
        oidc_issuer=provider.issuer,
        oidc_client=DESK,
        oidc_applicant_claim="id_number",
        oidc_audience=AUDIENCE,
        oidc_systems=INTAKE,
        auditors="8801",
    )
    (home.keys / SECRET_FILE).write_text(SECRET, encoding="utf-8")
    desk = await desk_of(home)
    yield make_app(desk)
    desk.ledger.close()


async def through_the_provider(
    app: FastAPI, who: str, carried: str = ""
) -> tuple[httpx.AsyncClient, httpx.Response]:
    """Somebody's browser, and the answer it gets when it comes back from the provider."""
    client = browser(app)
    answer = await client.post("/sign-in/start", data={"next": "/items", "carried": carried})
    return client, await back_from(client, answer, who)


async def back_from(client: httpx.AsyncClient, answer: httpx.Response, who: str) -> httpx.Response:
    """Sign in at the provider, where `answer` sends the browser, and come back."""
    assert answer.status_code == 302, answer.text
    async with httpx.AsyncClient(follow_redirects=False) as there:
        step = await there.get(answer.headers["location"])
        for _ in range(4):
            where = str(httpx.URL(answer.headers["location"]).join(step.headers["location"]))
            if where.startswith(BASE):
                return await client.get(where)
            signing = "/login/" in where
            credentials = {"name": who, "password": PASSWORD}
            step = await (there.post(where, data=credentials) if signing else there.get(where))
    raise AssertionError("the provider does not send the browser back")
