"""Problems: one form for every failure, nothing private in it, a page for each kind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from rules.wording import WORDING
from starter.api.problem_codes import CODES
from tests.api.desks import app_for, asking, desk_in, key

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRIVATE = "欧阳秘而不宣"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """An application two of whose routes fail."""

    async def fail() -> None:
        name = PRIVATE
        raise ValueError(f"about {name}")

    async def lose() -> None:
        raise OperationalError("SELECT 1", {"name": PRIVATE}, Exception("connection lost"))

    async with desk_in(tmp_path_factory.mktemp("problems")) as desk:
        made = app_for(desk)
        for path in ("/api/v1/failing", "/failing"):
            made.get(path)(fail)
        made.get("/api/v1/losing")(lose)
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def public(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Somebody who asks."""
    async with asking(app) as client:
        yield client


async def test_wrong_fields_are_named_by_json_pointers_and_never_repeated(public: AsyncClient) -> None:
    """All of them at once; an unknown field is a mistake."""
    body = {"item": "", "applicant": {"name": 7, "x/y": PRIVATE}, "materials": [{"pages": -1}]}
    answer = await public.post("/cases", json=body, headers=key())
    told = answer.json()
    assert (answer.status_code, told["type"], told["code"]) == (422, "/problems/bad_field", "bad_field")
    pointers = {each["pointer"] for each in told["errors"]}
    assert pointers == {
        "/item",
        "/applicant/name",
        "/applicant/x~1y",
        "/materials/0/code",
        "/materials/0/pages",
    }
    assert PRIVATE not in answer.text


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"item": NaN'])
async def test_a_body_that_is_no_json_is_a_bad_request(public: AsyncClient, body: bytes) -> None:
    """Not a wrong field."""
    headers = key() | {"Content-Type": "application/json"}
    answer = await public.post("/cases", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("PUT", "/items", 405, "method_not_allowed"),
        ("GET", "/items?limit=201", 422, "bad_field"),
        ("GET", "/items?after=forged", 422, "bad_cursor"),
        ("GET", "/items/none", 404, "not_found"),
        ("GET", "/lookup?number=%00&code=A", 422, "bad_field"),
        ("GET", "/deadline?item=LX-DJ-01&accepted=2026-02-30", 422, "usage"),
        ("GET", "/ledger/head", 404, "nothing_signed"),
    ],
)
async def test_every_refusal_is_a_problem(
    public: AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    """What the framework refuses by itself as well."""
    answer = await public.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status


async def test_what_nobody_foresaw_has_a_trace_id_and_one_line_in_the_log(public: AsyncClient) -> None:
    """The line names error and places; neither message nor locals are told anywhere."""
    with capture_logs() as logs:
        answer = await public.get("/failing")
    told = answer.json()
    assert (answer.status_code, told["code"], len(told["trace_id"])) == (500, "internal", 32)
    (line,) = logs
    assert (line["event"], line["trace_id"], line["error"]) == ("unhandled", told["trace_id"], "ValueError")
    assert "test_problems.py" in line["at"]
    assert PRIVATE not in answer.text
    assert PRIVATE not in str(line)


async def test_people_get_a_page_for_it(app: FastAPI) -> None:
    """With the same id in it."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://desk.test") as browser:
        with capture_logs() as logs:
            answer = await browser.get("/failing")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/html")
    assert logs[0]["trace_id"] in answer.text
    assert PRIVATE not in answer.text


async def test_a_database_that_is_away_is_told_as_such(public: AsyncClient) -> None:
    """503, and when to come back."""
    answer = await public.get("/losing")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert PRIVATE not in answer.text


async def test_an_engine_that_is_away_is_told_as_such(public: AsyncClient) -> None:
    """The same request may come again with the same key."""
    headers = key()
    body = {"topic": "抵押登记怎么办"}
    for _ in range(2):
        answer = await public.post("/inquiries", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_every_type_has_a_page_in_both_languages(app: FastAPI) -> None:
    """Also the refusals of the rules; an unknown one has none."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://desk.test") as browser:
        for code in [*CODES, "wrong_state", "receipt_leaf"]:
            answer = await browser.get(f"/problems/{code}")
            assert answer.status_code == 200, code
            assert code in answer.text
        page = await browser.get("/problems/wrong_state", headers={"Accept-Language": "en"})
        assert "not possible now" in page.text
        assert WORDING["wrong_state"][0][:4] in page.text
        assert "What to do" in page.text
        assert (await browser.get("/problems/no-such-thing")).status_code == 404
        listed = await browser.get("/problems")
        assert all(f"/problems/{code}" in listed.text for code in CODES)
