"""A worker that ends itself with SIGKILL at one step between matters.

    python -m tests.kills.dying_worker HOME ADDRESS NAMESPACE ACTIVITY before|after

Nobody gets to tidy up: what the step did is done, and nobody was told of it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput
from temporalio.worker import Interceptor as WorkerInterceptor

from ledger.db import open_database
from starter.connect import Engine, connect
from starter.home import open_home
from worker import run, run_worker

ISSUED = b'"type":"card.issued"'
"""Of the recorder's calls the one that issues a card."""


class Dying(ClientInterceptor, WorkerInterceptor):
    """Puts itself before every activity."""

    def __init__(self, name: str, when: str) -> None:
        """Dies before or after an activity of this name."""
        self.name, self.when = name, when

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Stand in front of it."""
        return DyingActivity(self, super().intercept_activity(next))


class DyingActivity(ActivityInboundInterceptor):
    """One activity."""

    def __init__(self, dying: Dying, next: ActivityInboundInterceptor) -> None:
        """`dying` says when."""
        super().__init__(next)
        self._dying = dying

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        """Do it, and die before or after."""
        mine = input.fn.__name__ == self._dying.name and (
            input.fn.__name__ != "record" or ISSUED in input.args[0].payload.data
        )
        if mine and self._dying.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = await super().execute_activity(input)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


async def main(home: str, address: str, namespace: str, name: str, when: str) -> None:
    """Serve until the step."""
    here = open_home(Path(home))
    config = (await connect(Engine(address, namespace, owned=False))).config()
    config["interceptors"] = [*config["interceptors"], Dying(name, when)]
    ledger = open_database(here.database_url, here.origin)
    await run_worker(Client(**config), ledger, asyncio.Event(), beside=True)


if __name__ == "__main__":
    run(main(*sys.argv[1:6]))
