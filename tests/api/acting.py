"""Officers with browsers before a bureau on a real engine: what the tests of acts over HTTP act through."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from fastapi import FastAPI
from httpx import AsyncClient, Response

from tests.web.visiting import browser, sign_in
from tests.workflows.house import File

API = "/api/v1"
_keys = count(1)


def new_key() -> dict[str, str]:
    """An Idempotency-Key that nobody has used."""
    return {"Idempotency-Key": f"acting-{next(_keys):012}"}


@asynccontextmanager
async def officer(app: FastAPI, staff_no: str) -> AsyncIterator[AsyncClient]:
    """Somebody of the bureau who is signed in."""
    async with browser(app) as client:
        yield await sign_in(client, staff_no)


async def facts_of(client: AsyncClient, case: File) -> str:
    """The ETag of what a signer has to have seen."""
    answer = await client.get(f"{API}/cases/{case.number}/facts")
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == f'"{answer.json()["facts"]}"'
    return answer.headers["ETag"]


async def do(
    client: AsyncClient,
    case: File,
    name: str,
    *,
    facts: str = "",
    key: dict[str, str] | None = None,
    **said: Any,
) -> Response:
    """Do an act on a case."""
    headers = {**(key or new_key()), **({"If-Match": facts} if facts else {})}
    return await client.post(f"{API}/cases/{case.number}/acts/{name}", json=said, headers=headers)
