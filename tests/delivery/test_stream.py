"""Events as they come, over a real server: exactly from where somebody left off, and only what he may see."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio
from httpx import AsyncClient, Response

from ledger.db import open_database
from starter.client import YangguangClient
from starter.connect import connect
from starter.delivery import live, numbers
from starter.desk import Desk as WebDesk
from starter.home import open_home
from starter.rulebook import load_profile
from tests.delivery.house import Desk
from tests.web.visiting import NOWHERE, sign_in
from web.serving import serve

HANDLER, AUDITOR = "1001", "8001"
ACCUSED = {"view": {"kind": "complaint", "state": "accepted", "people": [["accused", HANDLER]]}}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Site:
    """A server of one desk, and a browser."""

    desk: Desk
    client: AsyncClient
    stop: asyncio.Event

    @property
    def next(self) -> int:
        """The ledger number that will be given next."""
        with self.desk.reading() as connection:
            return numbers.reached(connection)


@dataclass
class Told:
    """One event of a stream."""

    number: int
    type: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A desk served on loopback; its engine is away."""
    home = open_home(tmp_path_factory.mktemp("home"))
    ledger = open_database(home.database_url, home.origin)
    client = YangguangClient(await connect(NOWHERE, lazy=True), ledger)
    web, stop, port = WebDesk(home, ledger, client, load_profile("current")), asyncio.Event(), free()
    ready = asyncio.Event()
    serving = asyncio.create_task(serve(web, port, stop, ready.set))
    async with AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as browser:
        await ready.wait()
        yield Site(Desk(ledger), browser, stop)
    stop.set()
    await serving
    ledger.close()


def free() -> int:
    """A free port."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@asynccontextmanager
async def listening(site: Site, **headers: str) -> AsyncIterator[AsyncIterator[Told]]:
    """A stream while the body runs."""
    async with site.client.stream("GET", "/api/v1/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield told(answer)


async def told(answer: Response) -> AsyncIterator[Told]:
    """The events of a stream."""
    number, kind = -1, ""
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name == "id":
            number = int(value)
        elif name == "event":
            kind = value
        elif name == "data":
            yield Told(number, kind)


async def asked(site: Site, after: int) -> list[Told]:
    """What there is after a number, without waiting."""
    answer = await site.client.get("/api/v1/events", params={"after": after, "wait": 0})
    found, number, kind = [], -1, ""
    for line in answer.text.splitlines():
        name, _, value = line.partition(": ")
        number, kind = (int(value), kind) if name == "id" else (number, value if name == "event" else kind)
        if name == "data":
            found.append(Told(number, kind))
    return found


async def test_who_comes_back_goes_on_exactly_where_he_left_off(site: Site) -> None:
    await sign_in(site.client, AUDITOR)
    n = site.next
    site.desk.happens("LX-1", "case.registered", "case.accepted", "lamp.yellow")
    async with listening(site, **{"Last-Event-ID": str(n - 1)}) as events:
        first = [await anext(events), await anext(events)]
    assert first == [Told(n, "case.registered"), Told(n + 1, "case.accepted")]
    async with listening(site, **{"Last-Event-ID": str(n + 1)}) as events:
        assert await anext(events) == Told(n + 2, "lamp.changed")
        site.desk.happens("LX-2", "case.registered")
        assert await anext(events) == Told(n + 3, "case.registered")


async def test_without_a_number_the_stream_begins_now(site: Site) -> None:
    await sign_in(site.client, AUDITOR)
    site.desk.happens("LX-1", "case.registered")
    async with listening(site) as events:
        n = site.next
        site.desk.happens("LX-1", "case.accepted")
        assert await anext(events) == Told(n, "case.accepted")


async def test_each_is_told_what_he_may_see_and_the_public_nothing(site: Site) -> None:
    people, n = [["owner", HANDLER]], site.next
    mine = {"view": {"kind": "case", "state": "review", "owner": HANDLER, "people": people}}
    site.desk.happens("LX-5", "case.registered", data=mine)
    site.desk.happens("TS-1", "complaint.registered", data=ACCUSED)
    async with AsyncClient(base_url=site.client.base_url, trust_env=False) as stranger:
        refused = await stranger.get("/api/v1/events", params={"after": -1, "wait": 0})
    assert refused.status_code == 401
    await sign_in(site.client, HANDLER)
    assert await asked(site, n - 1) == [Told(n, "case.registered")]
    await sign_in(site.client, AUDITOR)
    assert await asked(site, n - 1) == [Told(n, "case.registered"), Told(n + 1, "complaint.registered")]
    assert await asked(site, n) == [Told(n + 1, "complaint.registered")]
    assert await asked(site, n + 99) == []


async def test_more_than_a_portion_is_told_without_a_gap(site: Site) -> None:
    await sign_in(site.client, AUDITOR)
    n = site.next
    for case in range(3):
        site.desk.happens(f"LX-9{case}", *["case.noted"] * 90)
    assert [each.number for each in await asked(site, n - 1)] == list(range(n, n + 270))


async def test_silence_is_filled_with_heartbeats_that_move_on_over_what_is_not_his(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.05)
    await sign_in(site.client, HANDLER)
    n = site.next
    site.desk.happens("TS-2", "complaint.registered", data=ACCUSED)
    async with site.client.stream("GET", "/api/v1/events", params={"after": n - 1}) as answer:
        lines = answer.aiter_lines()
        seen = [line async for line in first_of(lines, 6)]
    assert f"id: {n}" in seen
    assert ":" in [line.strip() for line in seen]
    assert not any(line.startswith("data") for line in seen)


async def first_of(lines: AsyncIterator[str], count: int) -> AsyncIterator[str]:
    """The first lines that say something."""
    async for line in lines:
        if line:
            yield line
            count -= 1
        if not count:
            return


@pytest.mark.parametrize("number", ["x", "-2", "1e3", "99999999999999999999"])
async def test_a_number_that_is_none_is_refused(site: Site, number: str) -> None:
    await sign_in(site.client, AUDITOR)
    answer = await site.client.get("/api/v1/events", headers={"Last-Event-ID": number})
    assert answer.status_code == 422


async def test_when_the_process_stops_the_streams_end_at_once(site: Site) -> None:
    """The last one: nobody is served after it."""
    await sign_in(site.client, AUDITOR)
    async with listening(site) as events:
        site.stop.set()
        async with asyncio.timeout(5):
            assert [each async for each in events] == []
