"""What everybody may read without a code: the catalogue page by page, and due dates explained."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from httpx import AsyncClient

from starter.rulebook import load_profile
from tests.api.desks import app_for, asking, desk_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def public(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsyncClient]:
    """Somebody who asks."""
    async with desk_in(tmp_path_factory.mktemp("reading")) as desk, asking(app_for(desk)) as client:
        yield client


async def test_the_catalogue_is_read_page_by_page_along_the_link(public: AsyncClient) -> None:
    """Every item once, in the order of codes."""
    found: list[str] = []
    path = "/items?limit=4"
    while path:
        answer = await public.get(path)
        rows = answer.json()["rows"]
        assert len(rows) <= 4
        found += [row["code"] for row in rows]
        link = answer.links.get("next", {}).get("url", "")
        assert bool(link) == (answer.json()["next"] is not None)
        path = str(link).removeprefix("/api/v1")
    assert found == sorted(item.code for item in load_profile("current").items)


async def test_a_cursor_is_good_for_its_own_list_and_unchanged(public: AsyncClient) -> None:
    """It is signed."""
    cursor = (await public.get("/items?limit=1")).json()["next"]
    for forged in (cursor[:-2] + "xx", "LX-DJ-01", "x" * 1999):
        answer = await public.get("/items", params={"after": forged})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


async def test_an_item_is_shown_whole(public: AsyncClient) -> None:
    """Basis, papers, limits and fee, with the rules they come from."""
    told = (await public.get("/items/LX-DJ-01")).json()
    assert told["item"]["promise"]["n"] == 5
    assert told["item"]["basis"]
    assert told["profile_sha256"] == load_profile("current").sha256


async def test_a_due_date_is_explained_as_on_the_command_line(public: AsyncClient) -> None:
    """Five working days around the Dragon Boat holiday, with a pause in them."""
    asked = {"item": "LX-DJ-01", "accepted": "2026-06-15", "as_of": "2026-06-22"}
    told = (await public.get("/deadline", params=asked)).json()
    promise = told["clocks"]["promise"]
    assert (promise["due"], promise["lamp"], promise["left"]) == ("2026-06-23", "yellow", 1)
    paused = (await public.get("/deadline", params={**asked, "suspend": "2026-06-17..2026-06-24"})).json()
    assert paused["clocks"]["promise"]["due"] == "2026-06-29"
    refused = await public.get("/deadline", params={**asked, "extend": 99, "approved": "2026-06-16"})
    assert (refused.status_code, refused.json()["code"]) == (403, "no_extension")


async def test_the_description_is_whole(public: AsyncClient) -> None:
    """OpenAPI 3.1; each operation has an example, says how to sign in, and every POST needs its key."""
    made = (await public.get("/openapi.json")).json()
    assert made["openapi"].startswith("3.1")
    assert made["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    lacking = []
    for path, methods in made["paths"].items():
        assert path.startswith("/api/v1/")
        for method, operation in methods.items():
            names = {p["name"]: p for p in operation.get("parameters", ())}
            if method == "post":
                assert names["Idempotency-Key"]["required"], path
            assert operation["summary"], path
            assert {"422", "429", "503", "413"} <= set(operation["responses"]), path
            told = (
                each.get("content", {}) for n, each in operation["responses"].items() if n in ("200", "201")
            )
            bare = [c for each in told if (c := each.get("application/json")) and "example" not in c]
            lacking += [f"{method} {path}"] if bare and "/webhooks" not in path else []
    assert lacking == []
