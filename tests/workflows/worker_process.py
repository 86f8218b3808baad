"""A worker as a process of its own, to be killed: `python -m tests.workflows.worker_process ADDRESS URL`."""

from __future__ import annotations

import asyncio
import sys

from ledger.db import Origin, OriginKind, open_database
from starter.connect import Engine, connect
from starter.server import NAMESPACE
from worker import run, run_worker

ORIGIN = Origin("test.invalid/kill", OriginKind.SAMPLE)


async def serve(address: str, url: str) -> None:
    """Work until killed."""
    client = await connect(Engine(address, NAMESPACE, owned=False))
    await run_worker(client, open_database(url, ORIGIN), asyncio.Event())


if __name__ == "__main__":
    run(serve(*sys.argv[1:]))
