"""Worker and engine killed in the middle of acts: nothing is lost, nothing is doubled.

The engine keeps its database in a file and runs in a process of its own, and so does the worker. Clerks go on
sending: what is not answered they send again with the same id.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from temporalio.client import Client

from ledger.db import open_database
from ledger.verify import verify
from schemas.acts import Note
from schemas.errors import YangguangError
from starter.client import YangguangClient
from starter.connect import Engine, connect
from starter.home import try_lock
from starter.server import NAMESPACE, free_port, start_server, stop_server
from tests.workflows.beside import beside
from tests.workflows.house import ITEMS, House, application
from tests.workflows.worker_process import ORIGIN

T = TypeVar("T")
REPOSITORY = Path(__file__).parents[2]
CLERKS, ATTEMPTS = 4, 100


class Site:
    """An engine and a worker that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        """Files in `folder`; nothing runs yet."""
        self.folder, self.port = folder, free_port()
        self.url = f"sqlite:///{folder / 'ledger.db'}"
        self.address = f"127.0.0.1:{self.port}"
        self.server: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None

    async def start_server(self) -> None:
        """Start the engine on its file."""
        lock = try_lock(self.folder / "lock")
        assert lock is not None
        log = self.folder / "engine.log"
        self.server, _ = await start_server(
            self.folder / "engine.db", log, lock, port=self.port, time_skipping=False
        )
        os.close(lock)

    async def client(self) -> Client:
        """A client, once the engine answers: it listens before it is healthy."""
        return await answered(partial(connect, Engine(self.address, NAMESPACE, owned=False)))

    def start_worker(self) -> None:
        """Start a worker process."""
        command = [sys.executable, "-m", "tests.workflows.worker_process", self.address, self.url]
        with (self.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log)

    def kill_worker(self) -> None:
        """SIGKILL: no drain, no farewell."""
        assert self.worker is not None
        self.worker.kill()
        self.worker.wait()

    def kill_server(self) -> None:
        """SIGKILL to the engine."""
        assert self.server is not None
        self.server.kill()
        self.server.wait()

    async def stop(self) -> None:
        """End what still runs."""
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait()
        if self.server is not None:
            await stop_server(self.server)


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    """A running site."""
    opened = Site(folder)
    try:
        await opened.start_server()
        opened.start_worker()
        yield opened
    finally:
        await opened.stop()


async def clerk(desk: YangguangClient, number: str, n: int, calm: asyncio.Event) -> list[str]:
    """Sends notes one after the other, each until it is answered, until calm has come; returns their ids."""
    sent: list[str] = []
    while not calm.is_set():
        note = Note(id=f"{n}/{len(sent)}", officer="1101", post="window-clerk", opinion="在办")
        await answered(partial(desk.act, "case", number, "note", note))
        sent.append(note.id)
        await asyncio.sleep(0.1)
    return sent


async def answered(send: Callable[[], Awaitable[T]]) -> T:
    """Send the same again and again until the answer comes; the only excuses are absences."""
    for _ in range(ATTEMPTS):
        try:
            return await send()
        except YangguangError as problem:
            assert problem.code in ("pending", "unavailable", "no_worker"), problem.message
        await asyncio.sleep(0.2)
    raise AssertionError("never answered")


async def calamities(here: Site, calm: asyncio.Event) -> None:
    """The worker dies, the engine dies, both die; each time they come back."""
    await asyncio.sleep(1)
    here.kill_worker()
    here.start_worker()
    await asyncio.sleep(3)
    here.kill_server()
    await here.start_server()
    await asyncio.sleep(3)
    here.kill_worker()
    here.kill_server()
    await here.start_server()
    here.start_worker()
    await asyncio.sleep(3)
    calm.set()


@beside
async def test_nothing_is_lost_and_nothing_doubled_however_often_they_are_killed(house: House) -> None:
    """Every id that was sent is in the ledger exactly once, in the chain of its case, and the ledger verifies."""
    folder = Path(str(house.ledger.engine.url.database)).parent / "kill"
    folder.mkdir()
    async with site(folder) as here:
        ledger = open_database(here.url, ORIGIN)
        client = await here.client()
        desk = YangguangClient(client, ledger, patience=timedelta(seconds=3))
        requests = [application(ITEMS["LX-LS-01"]) for _ in range(CLERKS)]
        cases = [await answered(partial(desk.start_case, request)) for request in requests]
        calm = asyncio.Event()
        sending = (clerk(desk, case.number, n, calm) for n, case in enumerate(cases))
        *sent, _ = await asyncio.gather(*sending, calamities(here, calm))
        site_house = House(client, ledger)
        for ids, case in zip(sent, cases, strict=True):
            chain = site_house.entries(case.number)
            assert [entry.type for entry in chain] == ["case.registered", *["case.noted"] * len(ids)]
            assert Counter(entry.data["actid"] for entry in chain[1:]) == Counter(ids)
            assert [entry.seq for entry in chain] == list(range(1, len(ids) + 2))
        with ledger.engine.connect() as connection:
            assert verify(connection).verified
        ledger.close()
