"""Webhooks over HTTP: the admin's alone, a secret shown once and kept nowhere, everything on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from httpx import AsyncClient
from sqlalchemy import select

from ledger.db import snapshot
from ledger.read import entries
from schemas.entry_types import ENTRY_TYPES
from starter.api.tables import api_answer
from starter.delivery.admin import STREAM
from starter.desk import Desk
from tests.web.visiting import app_of, browser, sign_in

ADMIN, AUDITOR, HANDLER = "8002", "8001", "1001"
PLACE = "/api/v1/webhooks"
WANTED: dict[str, Any] = {"url": "https://city.example/hook/abc123", "types": ["case.*"], "since": 0}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk_and_browser(tmp_path_factory: Any) -> AsyncIterator[tuple[Desk, AsyncClient]]:
    """An application, and the admin's browser."""
    folder: Path = tmp_path_factory.mktemp("admin")
    async with app_of(folder) as app, browser(app) as client:
        yield app.state.desk, await sign_in(client, ADMIN)


async def add(client: AsyncClient, name: str, **changes: Any) -> Any:
    """Ask for a subscription."""
    return await client.put(f"{PLACE}/{name}", json=WANTED | changes)


def recorded(desk: Desk) -> list[tuple[str, str, dict[str, Any]]]:
    """(type, actor, data) of what is on record about webhooks."""
    with snapshot(desk.ledger.engine) as connection:
        return [(each.type, each.event["actor"], each.data) for each in entries(connection, STREAM)]


async def _life(desk: Desk, client: AsyncClient) -> None:
    made = await add(client, "city")
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    again = await add(client, "city")
    assert (again.status_code, again.json()["code"]) == (409, "webhook_exists")
    rotated = await client.put(f"{PLACE}/city/secrets")
    assert rotated.status_code == 200
    assert rotated.json()["secret"] != secret
    listed = (await client.get(PLACE)).json()
    (row,) = listed["rows"]
    assert (row["id"], row["types"], row["state"]) == ("city", ["case.*"], "active")
    assert row["public_keys"] == [rotated.json()["public_key"]]
    assert secret not in str(listed)
    with snapshot(desk.ledger.engine) as connection:
        assert secret not in str(connection.execute(select(api_answer)).all())


async def test_a_secret_is_shown_once_and_every_change_is_an_entry(
    desk_and_browser: tuple[Desk, AsyncClient],
) -> None:
    desk, client = desk_and_browser
    await _life(desk, client)
    assert (await client.delete(f"{PLACE}/city")).status_code == 204
    assert (await client.get(f"{PLACE}/city/deliveries")).status_code == 404
    told = recorded(desk)
    assert [(kind, who) for kind, who, _ in told] == [
        ("webhook.added", ADMIN),
        ("webhook.rotated", ADMIN),
        ("webhook.removed", ADMIN),
    ]
    assert {kind for kind, _, _ in told} <= ENTRY_TYPES
    assert {data["host"] for _, _, data in told} == {"city.example"}
    assert "abc123" not in str(told)


async def test_deliveries_are_listed_and_sent_again_over_http(
    desk_and_browser: tuple[Desk, AsyncClient],
) -> None:
    _, client = desk_and_browser
    await add(client, "land")
    assert (await client.get(f"{PLACE}/land/deliveries")).json()["rows"] == []
    key = {"Idempotency-Key": "0123456789abcdef"}
    dead = await client.post(f"{PLACE}/land/redeliver", json={"dead": True}, headers=key)
    assert (dead.status_code, dead.json()["count"]) == (200, 0)
    key = {"Idempotency-Key": "0123456789abcdee"}
    none = await client.post(f"{PLACE}/land/redeliver", json={"numbers": [7]}, headers=key)
    assert none.status_code == 404


async def test_what_is_wrong_is_said_with_its_field_or_code(
    desk_and_browser: tuple[Desk, AsyncClient],
) -> None:
    _, client = desk_and_browser
    for changes, code in (
        ({"url": "http://city.example/hook"}, "bad_url"),
        ({"kinds": ["nosuch"]}, "unknown_kind"),
        ({"types": ["nosuch"]}, "unknown_type"),
        ({"networks": ["10.0.0.1/8"]}, "bad_network"),
        ({"since": -1}, "bad_field"),
        ({"strange": 1}, "bad_field"),
    ):
        answer = await add(client, "wrong", **changes)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await client.put(f"{PLACE}/nosuch/secrets")).status_code == 404


async def test_nobody_but_the_admin_adds_one_and_the_auditor_may_look(
    desk_and_browser: tuple[Desk, AsyncClient],
) -> None:
    _, client = desk_and_browser
    app = client._transport.app  # type: ignore[attr-defined]
    async with browser(app) as other:
        assert (await other.get(PLACE)).status_code == 401
        await sign_in(other, HANDLER)
        assert (await other.get(PLACE)).status_code == 403
        await sign_in(other, AUDITOR)
        assert (await other.get(PLACE)).status_code == 200
        assert (await add(other, "mine")).status_code == 403
