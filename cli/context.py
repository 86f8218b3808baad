"""What a command needs around it: the chosen home, its database, and an engine to talk to.

Commands ask for `session()` and need not know whether an engine is already up: they get a
connected client, and where nobody else serves this home, a worker for as long as they take.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from temporalio.client import Client

from ledger.db import Ledger, OriginKind, open_database, snapshot
from ledger.sealing.keeper import Keeper, Kept, keep
from schemas.errors import YangguangError
from starter.client import YangguangClient
from starter.connect import connect
from starter.engine import Engine, engine
from starter.home import Home, open_home
from starter.identity.keys import public_keys
from starter.keeping import keeping_of
from starter.releases import adopt_released
from starter.rulebook import load_profile
from starter.sight import Eyes, UnseenError, eyes_of, record_denial
from worker import run, run_worker

__all__ = [
    "Session",
    "choose_home",
    "clients",
    "database_url",
    "home",
    "keep_now",
    "keeper",
    "looking",
    "open_ledger",
    "run",
    "session",
]

_chosen: ContextVar[Path | None] = ContextVar("chosen_home", default=None)


@dataclass(frozen=True)
class Session:
    """An engine and the ledger in reach for the duration of one command."""

    home: Home
    engine: Engine
    client: Client
    ledger: Ledger


def choose_home(path: Path | None) -> None:
    """Take `path` as the home of this command; None leaves it to YANGGUANG_HOME and the default."""
    _chosen.set(path)


def chosen() -> Path | None:
    """The home that `--home` named."""
    return _chosen.get()


def home(kind: OriginKind = OriginKind.SAMPLE) -> Home:
    """The chosen home, made with `kind` on first use."""
    return open_home(_chosen.get(), kind)


def database_url() -> str:
    """SQLAlchemy URL of ledger and read model: YANGGUANG_DATABASE_URL, else what the home says."""
    return os.environ.get("YANGGUANG_DATABASE_URL") or home().database_url


def open_ledger() -> Ledger:
    """The ledger of the chosen home, made on first use. Raises what `ledger.db.open_database` raises."""
    ledger = open_database(database_url(), home().origin)
    adopt_released(home(), ledger)
    return ledger


@contextmanager
def stored() -> Iterator[Connection]:
    """One consistent view of ledger and read model."""
    ledger = open_ledger()
    try:
        with snapshot(ledger.engine) as connection:
            yield connection
    finally:
        ledger.close()


@contextmanager
def looking(viewer: str, route: str, asked: str = "") -> Iterator[Eyes]:
    """The eyes of who looks by one way (`case show`); what they ask for in vain is counted.

    Without a staff number it is the house itself. Raises UsageError for a stranger to the bureau.
    """
    try:
        yield eyes_of(viewer, load_profile("current"))
    except UnseenError:
        ledger = open_ledger()
        try:
            record_denial(ledger, viewer, route, asked)
        finally:
            ledger.close()
        raise


def keeper(*, signs: bool = True, makes_keys: bool = True) -> Keeper:
    """What seals and signs the ledger of the chosen home beside this process's work."""
    return Keeper(keeping_of(home(), open_ledger(), signs=signs, makes_keys=makes_keys))


def keep_now(ledger: Ledger) -> Kept:
    """Seal and sign what is recorded, before somebody looks at it. Raises like `keep`."""
    return keep(keeping_of(home(), ledger), outside=False)


@asynccontextmanager
async def session() -> AsyncIterator[Session]:
    """An engine, a client, the ledger and a worker for the duration of a command.

    The engine of a running `yangguang up` or of a TEMPORAL_* profile comes with workers of its
    own; an engine started here gets one in this process. In a simulation home its time can be
    skipped. Raises UnavailableError where engine or database are out of reach.
    """
    here = home()
    ledger = await asyncio.to_thread(open_ledger)
    try:
        async with engine(here, time_skipping=here.kind is OriginKind.SIMULATION) as reached:
            opened = Session(here, reached, await connect(reached), ledger)
            async with _worker_beside(opened.client) if reached.owned else nullcontext():
                yield opened
    finally:
        ledger.close()


@asynccontextmanager
async def clients() -> AsyncIterator[YangguangClient]:
    """The typed client of a session: what most commands need of it."""
    async with session() as opened:
        client = YangguangClient(opened.client, opened.ledger)
        client.desk_keys = public_keys(opened.home)
        yield client


@asynccontextmanager
async def _worker_beside(client: Client) -> AsyncIterator[None]:
    """A worker while the body runs; the body is cancelled if it dies, lest it wait for nobody."""
    stop, body = asyncio.Event(), asyncio.current_task()
    serving = run_worker(client, open_ledger(), stop, keeper(), beside=True, reports=home().reports)
    beside = asyncio.create_task(serving)
    beside.add_done_callback(lambda _: stop.is_set() or body is None or body.cancel())
    try:
        yield
    except asyncio.CancelledError:
        if not (beside.done() and isinstance(beside.exception(), YangguangError)):
            raise
    finally:
        stop.set()
        await beside
