"""The contract of the Idempotency-Key: first answer again, other body refused, in flight refused, shared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request
from httpx import AsyncClient
from sqlalchemy import select

from ledger.db import Ledger, open_database
from schemas.errors import ConflictError, NotPermittedError, PendingError
from starter.api.answers import KEPT, LEASE, Given, asked, begin, finish, forget
from starter.api.idempotency import request_id
from starter.api.tables import api_answer
from tests.api.desks import AS_SYSTEM, app_for, asking, desk_in, key
from tests.ledger.fixtures import SAMPLE

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """A new ledger, on each kind of database."""
    opened = open_database(url, SAMPLE)
    yield opened
    opened.close()


async def test_an_answer_is_kept_for_two_days_and_then_forgotten(ledger: Ledger) -> None:
    """Twenty-four hours are promised."""
    request, given = asked("system:a", "POST /x", "k1", b"body"), Given(201, (("etag", "1"),), b"answer")
    assert begin(ledger, request, NOW) is None
    finish(ledger, request, given)
    assert begin(ledger, request, NOW + timedelta(hours=25)) == given
    assert begin(ledger, request, NOW + KEPT + timedelta(minutes=1)) is None


async def test_scope_is_caller_route_and_key(ledger: Ledger) -> None:
    """Another caller or another route under the same key is another request."""
    for caller, route in (("system:a", "POST /x"), ("system:b", "POST /x"), ("system:a", "POST /y")):
        assert begin(ledger, asked(caller, route, "k1", b"body"), NOW) is None


async def test_while_it_is_answered_it_is_in_flight_until_the_lease_ends(ledger: Ledger) -> None:
    """A process that died while answering holds nobody up for long."""
    request = asked("system:a", "POST /x", "k1", b"body")
    assert begin(ledger, request, NOW) is None
    with pytest.raises(ConflictError, match="still being answered"):
        begin(ledger, request, NOW + timedelta(seconds=1))
    assert begin(ledger, request, NOW + LEASE + timedelta(seconds=1)) is None
    with pytest.raises(ConflictError, match="still being answered"):
        begin(ledger, request, NOW + LEASE + timedelta(seconds=2))


async def test_what_came_to_nothing_may_come_again_and_what_was_answered_stays(ledger: Ledger) -> None:
    """`forget` leaves answers alone."""
    request = asked("system:a", "POST /x", "k1", b"body")
    assert begin(ledger, request, NOW) is None
    forget(ledger, request)
    assert begin(ledger, request, NOW) is None
    finish(ledger, request, Given(200, (), b"done"))
    forget(ledger, request)
    assert begin(ledger, request, NOW) == Given(200, (), b"done")


async def test_the_table_holds_neither_key_nor_body_nor_answer_in_clear(ledger: Ledger) -> None:
    """An answer can hold a lookup code."""
    request = asked("system:a", "POST /x", "a-key-of-the-caller", b"body")
    begin(ledger, request, NOW)
    finish(ledger, request, Given(201, (), b'{"lookup_code": "7KQ2M9XRTB"}'))
    with ledger.engine.connect() as connection:
        (row,) = connection.execute(select(api_answer)).all()
    for secret in (b"7KQ2M9XRTB", b"a-key-of-the-caller", b"body"):
        assert all(secret not in (v if isinstance(v, bytes) else str(v).encode()) for v in row)


class Counter:
    """What the routes of the test's own application do."""

    def __init__(self) -> None:
        self.waits = asyncio.Event()
        self.again()

    def again(self) -> None:
        """As if nothing had been asked."""
        self.ids: list[str] = []
        self.raises: Exception | None = None
        self.waits.set()

    async def __call__(self, request: Request) -> dict[str, Any]:
        self.ids.append(request_id(request))
        await self.waits.wait()
        if self.raises:
            raise self.raises
        return {"n": len(self.ids)}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def application(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[FastAPI, Counter]]:
    """An application with one more route, which counts what reaches it."""
    async with desk_in(tmp_path_factory.mktemp("counting")) as desk:
        app, counter = app_for(desk), Counter()
        app.post("/api/v1/counted")(counter.__call__)
        yield app, counter


@pytest_asyncio.fixture(loop_scope="module")
async def counting(application: tuple[FastAPI, Counter]) -> AsyncIterator[tuple[AsyncClient, Counter]]:
    """Somebody who asks it, and what it has done for him."""
    app, counter = application
    counter.again()
    async with asking(app) as client:
        yield client, counter


async def test_a_repetition_gets_the_first_answer_and_is_told_so(
    counting: tuple[AsyncClient, Counter],
) -> None:
    """Nothing is done twice."""
    client, counter = counting
    headers = key()
    first = await client.post("/counted", json={"a": 1}, headers=headers)
    again = await client.post("/counted", json={"a": 1}, headers=headers)
    assert (first.status_code, first.content) == (again.status_code, again.content) == (200, b'{"n":1}')
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(counter.ids) == 1
    other = await client.post("/counted", json={"a": 2}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_two_at_once_are_one_and_the_other_is_told_to_wait(
    counting: tuple[AsyncClient, Counter],
) -> None:
    """409 while the first is being answered."""
    client, counter = counting
    counter.waits.clear()
    headers = key()
    first = asyncio.create_task(client.post("/counted", json={}, headers=headers))
    while not counter.ids:
        await asyncio.sleep(0.01)
    second = await client.post("/counted", json={}, headers=headers)
    assert (second.status_code, second.json()["code"]) == (409, "in_flight")
    counter.waits.set()
    assert (await first).status_code == 200


async def test_ids_in_the_engine_follow_from_caller_route_and_key(
    counting: tuple[AsyncClient, Counter],
) -> None:
    """What this table forgot, the engine still knows."""
    client, counter = counting
    counter.raises = PendingError("held")
    headers = key()
    answers = [await client.post("/counted", json={}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    await client.post("/counted", json={}, headers=headers | AS_SYSTEM)
    assert counter.ids[0] == counter.ids[1] != counter.ids[2]


async def test_a_recorded_refusal_is_an_answer_and_a_failure_is_none(
    counting: tuple[AsyncClient, Counter],
) -> None:
    """After a refusal the same key gets the refusal; after a crash it may be sent again."""
    client, counter = counting
    refused, crashed = key(), key()
    counter.raises = NotPermittedError("no", code="wrong_state")
    await client.post("/counted", json={}, headers=refused)
    counter.raises = ValueError("with something private in it")
    crash = await client.post("/counted", json={}, headers=crashed)
    assert (crash.status_code, crash.json()["code"]) == (500, "internal")
    counter.raises = None
    again = await client.post("/counted", json={}, headers=refused)
    assert (again.status_code, again.json()["code"]) == (403, "wrong_state")
    assert (await client.post("/counted", json={}, headers=crashed)).status_code == 200


@pytest.mark.parametrize(
    "bad", [None, "", "short", "with space in the middle", "ключ-ключ-ключ-ключ", "k" * 201]
)
async def test_a_post_without_a_proper_key_is_refused(
    counting: tuple[AsyncClient, Counter], bad: str | None
) -> None:
    """Of the public at least sixteen characters: they all share one scope."""
    client, counter = counting
    headers = {} if bad is None else {"Idempotency-Key": bad.encode()}
    answer = await client.post("/counted", json={}, headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert counter.ids == []


async def test_a_system_may_use_short_keys_of_its_own(counting: tuple[AsyncClient, Counter]) -> None:
    """It shares its scope with nobody."""
    client, _ = counting
    answer = await client.post("/counted", json={}, headers={"Idempotency-Key": "7", **AS_SYSTEM})
    assert answer.status_code == 200


async def test_a_form_sent_again_is_the_same_though_its_boundary_is_drawn_anew(
    counting: tuple[AsyncClient, Counter],
) -> None:
    """The boundary between a form's parts is the client's affair."""
    client, counter = counting
    headers = key()
    for _ in range(2):
        answer = await client.post("/counted", files={"file": ("a.pdf", b"%PDF-1.7 same")}, headers=headers)
        assert answer.status_code == 200
    other = await client.post("/counted", files={"file": ("a.pdf", b"%PDF-1.7 else")}, headers=headers)
    assert other.json()["code"] == "key_reused"
    assert len(counter.ids) == 1


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_is_as_large_as_it_may_be_and_no_larger(
    counting: tuple[AsyncClient, Counter], chunked: bool
) -> None:
    """Whether its length is told or not."""
    client, counter = counting

    async def portions() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * (1 << 16)

    body: Any = portions() if chunked else b"x" * (17 << 16)
    answer = await client.post("/counted", content=body, headers={"Idempotency-Key": str(uuid4())})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert counter.ids == []
