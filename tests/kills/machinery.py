"""Engine and workers as processes of their own, on one port and one home, so that they can be killed.

Everything is ended with SIGKILL: nobody gets to tidy up. Only processes started here are ended.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from ledger.db import Ledger, open_database
from schemas.errors import UnavailableError
from starter.client import YangguangClient
from starter.connect import Engine, connect
from starter.home import Home, open_home, try_lock
from starter.server import LOOPBACK, NAMESPACE, free_port, start_server
from worker import run_worker

ROOT = Path(__file__).parents[2]
PATIENCE = timedelta(seconds=3)


class Machinery:
    """One home's engine, always on the same port and file, and its workers."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs yet."""
        self.home: Home = open_home(folder)
        self.port = free_port()
        self.kills: list[str] = []
        """What was killed, in order."""
        self._server: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []

    @property
    def engine(self) -> Engine:
        """Where the engine is reached."""
        return Engine(f"{LOOPBACK}:{self.port}", NAMESPACE, owned=False)

    async def start_engine(self) -> None:
        """Start the engine on its port and file, whatever state they were left in."""
        lock = try_lock(self.home.path / "engine.lock")
        assert lock is not None, "the engine killed before still holds its file"
        try:
            self._server, _ = await start_server(
                self.home.engine_db,
                self.home.logs / "engine.log",
                lock,
                port=self.port,
                time_skipping=False,
            )
        finally:
            os.close(lock)

    def start_worker(self) -> None:
        """Start a worker as an operator would: the command, and where the engine is."""
        where = {"TEMPORAL_ADDRESS": self.engine.address, "TEMPORAL_NAMESPACE": NAMESPACE}
        with (self.home.logs / "worker.out").open("ab") as output:
            self._workers.append(
                subprocess.Popen(
                    [sys.executable, "-m", "cli.main", "--home", str(self.home.path), "worker"],
                    cwd=ROOT,
                    env={**os.environ, **where},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            )

    async def kill_engine(self) -> None:
        """End the engine in the middle of whatever it does."""
        assert self._server is not None
        await self._kill("engine", self._server)

    def freeze_engine(self) -> None:
        """Stop the engine where it stands, to be killed later: it hears nothing any more."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP)

    async def kill_worker(self) -> None:
        """End the oldest worker in the middle of whatever it does."""
        await self._kill("worker", self._workers.pop(0))

    async def _kill(self, what: str, process: subprocess.Popen[bytes]) -> None:
        assert process.poll() is None, f"the {what} ended by itself: {self.last_words()}"
        process.kill()
        await asyncio.to_thread(process.wait)
        self.kills.append(what)

    def last_words(self) -> str:
        """The end of what engine and workers said."""
        logs = (self.home.logs / name for name in ("engine.log", "worker.out"))
        return "\n".join(log.read_text(errors="replace")[-1000:] for log in logs if log.exists())

    def end(self) -> None:
        """End everything that still runs."""
        for process in (*self._workers, *([self._server] if self._server else [])):
            process.kill()
            process.wait()


@asynccontextmanager
async def machinery(folder: Path) -> AsyncIterator[Machinery]:
    """An engine that answers, without any worker."""
    machines = Machinery(folder)
    try:
        await machines.start_engine()
        await answering(machines.engine)
        yield machines
    finally:
        machines.end()


async def answering(engine: Engine) -> Client:
    """A client, once the engine answers for its namespace and knows what matters are listed by."""
    while True:
        try:
            client = await connect(engine)
            await client.count_workflows("CaseStage IS NULL")
            return client
        except (UnavailableError, RPCError):
            await asyncio.sleep(0.1)


@asynccontextmanager
async def window(machines: Machinery, database: str = "") -> AsyncIterator[YangguangClient]:
    """An intake that is quickly out of patience; `database` is the home's own unless given."""
    ledger = open_database(database or machines.home.database_url, machines.home.origin)
    try:
        yield YangguangClient(await answering(machines.engine), ledger, patience=PATIENCE)
    finally:
        ledger.close()


@asynccontextmanager
async def working(client: Client, ledger: Ledger) -> AsyncIterator[None]:
    """A worker in this process, on a connection pool of its own."""
    stop = asyncio.Event()
    own = open_database(ledger.engine.url.render_as_string(hide_password=False), ledger.origin)
    running = asyncio.create_task(run_worker(client, own, stop))
    try:
        yield
    finally:
        stop.set()
        await running
