"""A bureau on the clock of the world: an engine of its own, one ledger, and matters that run to their end.

Its worker keeps no histories by itself, so that a test decides when something is kept, deleted or changed.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.worker import Worker

import workflows
import workflows.sandbox
from activities.liaison import Liaison
from activities.recorder import Recorder
from ledger.db import Ledger, open_database
from rules.procedures import PROCEDURES
from starter.client import YangguangClient
from starter.connect import Engine, connect
from starter.engine import engine
from starter.home import Home, open_home
from starter.importing import prepare
from starter.logs.runner import LogClient, import_cases
from starter.server import binary
from tests.kills.course import course
from tests.ledger.tampering import without_guards
from tests.starter.desk import RECEIPT, T02, T04, T05, T06, event, write_csv
from tests.workflows.house import ITEMS, POSTS, Changed, House, application

PATIENCE = timedelta(minutes=1)


@dataclass(frozen=True)
class Bureau:
    """An engine, a ledger, and a worker between them."""

    home: Home
    engine: Engine
    client: Client
    ledger: Ledger

    def desk(self, **start: Any) -> Changed:
        """A client whose matters start with these inputs."""
        return House(self.client, self.ledger, PATIENCE).desk(start=start)

    async def imported(self, *numbers: str) -> None:
        """Cases of the past, closed: each is one run and one call."""
        steps = [(RECEIPT, "Resource01"), (T02, "Resource10"), (T04, "Resource10"), (T05, "Resource03")]
        steps.append((T06, "Resource02"))
        rows = [event(case, what, who, 10 * n) for case in numbers for n, (what, who) in enumerate(steps)]
        with tempfile.TemporaryDirectory() as folder:
            log = prepare(write_csv(Path(folder) / "log.csv", rows), "wabo")
        client = LogClient(self.client, self.ledger, patience=PATIENCE)
        await import_cases(client, log.submissions, lambda n: None)
        for case in numbers:
            await client.handle("case", case).result()

    async def opened(self, **start: Any) -> str:
        """A case that was accepted and goes on; gives its number."""
        desk = self.desk(**start)
        number = (await desk.start_case(application(ITEMS["LX-LS-01"]))).number
        name, message = next(course(ITEMS["LX-LS-01"]))
        await desk.act("case", number, name, message)
        return number

    async def delivered(self, **start: Any) -> str:
        """A case from receipt to delivery; gives its number."""
        desk = self.desk(**start)
        number = (await desk.start_case(application(ITEMS["LX-LS-01"]))).number
        for name, message in course(ITEMS["LX-LS-01"]):
            await desk.act("case", number, name, message)
        await desk.handle("case", number).result()
        return number

    async def noted(self, number: str, opinion: str) -> None:
        """A note for the file of an open case."""
        post = POSTS["window-clerk"]
        said = {"id": opinion, "officer": post.a, "post": post.code, "opinion": opinion}
        note = PROCEDURES["case"].table["note"].payload.model_validate(said)
        await self.desk().act("case", number, "note", note)

    async def runs(self, number: str) -> list[str]:
        """Ids of all runs of a case, the oldest first."""
        run_id: str | None = None
        runs: list[str] = []
        while True:
            handle = self.client.get_workflow_handle(f"case/{number}", run_id=run_id)
            runs.append((await handle.describe()).run_id)
            begun = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes
            if not (run_id := begun.continued_execution_run_id):
                return runs[::-1]

    async def tool(self, *arguments: str) -> str:
        """What the stock command line says, without any program of ours."""
        where = ("--address", self.engine.address, "--namespace", self.engine.namespace)
        process = await asyncio.create_subprocess_exec(
            binary(), *arguments, *where, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        said, wrong = await process.communicate()
        assert process.returncode == 0, wrong.decode()
        return said.decode()

    async def reset(self, number: str) -> None:
        """Take a case back to its second workflow task, as an operator might."""
        history = await self.client.get_workflow_handle(f"case/{number}").fetch_history()
        done = [
            each.event_id
            for each in history.events
            if each.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
        ]
        request = ResetWorkflowExecutionRequest(
            namespace=self.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=f"case/{number}"),
            reason="a second try",
            workflow_task_finish_event_id=done[1],
            request_id=f"reset-{number}",
        )
        await self.client.workflow_service.reset_workflow_execution(request)

    async def gone(self, number: str) -> None:
        """Delete a case at the engine with the stock command line, and wait until it is gone."""
        await self.tool("workflow", "delete", "--yes", "--workflow-id", f"case/{number}")
        while [each async for each in self.client.list_workflows(f"WorkflowId = 'case/{number}'")]:
            await asyncio.sleep(0.1)


@asynccontextmanager
async def bureau(folder: Path, *, worker: bool = True) -> AsyncIterator[Bureau]:
    """A bureau in a home of its own; without a worker the test brings one."""
    home = open_home(folder)
    ledger = open_database(home.database_url, home.origin)
    async with engine(home) as reached:
        client = await connect(reached)
        async with _working(client, home) if worker else nullcontext():
            yield Bureau(home, reached, client, ledger)
    ledger.close()


@asynccontextmanager
async def _working(client: Client, home: Home) -> AsyncIterator[None]:
    ledger = open_database(home.database_url, home.origin)
    recorder, liaison = Recorder(ledger, "test"), Liaison(ledger, YangguangClient(client, ledger))
    async with (
        Worker(
            client,
            task_queue=workflows.TASK_QUEUE,
            workflows=workflows.ALL,
            activities=[*recorder.activities, *liaison.activities],
            workflow_runner=workflows.sandbox.runner(),
        ),
        Worker(client, task_queue=workflows.ERRAND_QUEUE, activities=liaison.errands),
    ):
        yield
    recorder.close()


def as_owner(ledger: Ledger, change: Callable[[Connection], object]) -> None:
    """Change rows as the owner of the database can: what guards them goes first."""
    with ledger.engine.begin() as connection:
        without_guards(connection)
        change(connection)
