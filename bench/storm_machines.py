"""The machines of a storm: an engine that skips time, a ledger of its time, a worker in a process of its own.

`python -m bench.storm_machines ADDRESS URL` is that worker.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from ledger.db import Ledger, Origin, OriginKind, open_database
from starter.connect import Engine, connect
from starter.server import binary
from worker import run, run_worker, until_signal
from workflows.attributes import CASE_KIND, CASE_STAGE, DUE_AT, ESCALATION_LEVEL, RESPONSIBLE_UNIT

ROOT = Path(__file__).parents[1]
ORIGIN = Origin("yangguang/bench-storm", OriginKind.SIMULATION)


@asynccontextmanager
async def machines(folder: Path) -> AsyncIterator[tuple[Client, Ledger, psutil.Process]]:
    """An engine that skips time and a ledger of simulated time, and a worker between them."""
    url = f"sqlite:///{folder / 'ledger.db'}"
    ledger = open_database(url, ORIGIN)
    async with await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=str(binary()),
        dev_server_extra_args=["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"],
        dev_server_log_level="error",
        search_attributes=[CASE_STAGE, CASE_KIND, RESPONSIBLE_UNIT, ESCALATION_LEVEL, DUE_AT],
        data_converter=pydantic_data_converter,
    ) as started:
        address = started.client.service_client.config.target_host
        line = [sys.executable, "-m", "bench.storm_machines", address, url]
        process = subprocess.Popen(line, cwd=ROOT, stdin=subprocess.DEVNULL)
        try:
            client = await connect(Engine(address, "default", owned=False))
            yield client, ledger, psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait)
    ledger.close()


async def serve(address: str, url: str) -> None:
    """The worker's process."""

    async def main(stop: asyncio.Event) -> None:
        client = await connect(Engine(address, "default", owned=False))
        await run_worker(client, open_database(url, ORIGIN), stop)

    await until_signal(main)


if __name__ == "__main__":
    run(serve(*sys.argv[1:3]))
