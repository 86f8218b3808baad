"""Runs as the engine knows them: listed by its visibility, read as the bytes it holds.

Visibility lags and lists what may be gone already: it is good for finding runs, never for deciding. What is
read comes from the service itself, page by page, so that nothing decodes, drops or rewrites a payload.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import orjson
from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History as Events
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    GetWorkflowExecutionHistoryRequest,
)
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from ledger.histories import History

AT_ONCE = 8
"""Calls to the engine at the same time: it has other work to do."""

T = TypeVar("T")
R = TypeVar("R")

# A run id that no engine could have given is an invalid argument, not a run that is not found.
_ABSENT = (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT)
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a matter."""

    workflow_id: str
    run_id: str
    workflow_type: str = ""
    status: WorkflowExecutionStatus | None = None
    closed: datetime | None = None
    """None while it is open."""


class NotClosedError(Exception):
    """A history without the event that closes it, or without any."""


async def closed_runs(
    client: Client, types: Sequence[str], since: datetime | None
) -> AsyncIterator[list[Run]]:
    """Portions of the runs of these types that were closed since an instant, whatever way they ended."""
    moment = (since or datetime.fromtimestamp(0, UTC)).astimezone(UTC)
    query = f"{_among('WorkflowType', types)} AND CloseTime >= {_quoted(moment.isoformat())}"
    async for portion in _listed(client, query):
        yield portion


async def all_runs(client: Client, types: Sequence[str]) -> AsyncIterator[list[Run]]:
    """Portions of all runs of these workflow types, open and closed."""
    async for portion in _listed(client, _among("WorkflowType", types)):
        yield portion


async def runs_of(client: Client, workflow_ids: Sequence[str]) -> list[Run]:
    """All runs of these workflows that visibility knows."""
    return [run async for portion in _listed(client, _among("WorkflowId", workflow_ids)) for run in portion]


async def latest_run(client: Client, workflow_id: str) -> tuple[Run, bool] | None:
    """A workflow's latest run and whether it is at rest (nothing in progress); None where there is none."""
    try:
        described = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status in _ABSENT:
            return None
        raise
    raw = described.raw_description
    busy = raw.HasField("pending_workflow_task") or bool(raw.pending_activities)
    return _run(described), not busy


async def read_history(client: Client, workflow_id: str, run_id: str, namespace: str = "") -> bytes | None:
    """The bytes (protobuf `History`) of a run's history, open or closed; None where the engine has none.

    The pages one after the other are the bytes of the whole, as protobuf joins repeated fields.
    """
    request = GetWorkflowExecutionHistoryRequest(
        namespace=namespace or client.namespace,
        execution=Execution(workflow_id=workflow_id, run_id=run_id),
        maximum_page_size=_PAGE,
    )
    pages = []
    try:
        while True:
            page = await client.workflow_service.get_workflow_execution_history(request, retry=True)
            pages.append(page.history.SerializeToString(deterministic=True))
            if not page.next_page_token:
                return b"".join(pages)
            request.next_page_token = page.next_page_token
    except RPCError as error:
        if error.status in _ABSENT:
            return None
        raise


def history_from(run: Run, namespace: str, protobuf: bytes | None) -> History:
    """What is kept of a closed run. Raises NotClosedError where its bytes do not end with its end."""
    events = Events.FromString(protobuf or b"").events
    if run.closed is None or protobuf is None or not events or events[-1].event_type not in _CLOSING:
        raise NotClosedError(run.run_id)
    document = WorkflowHistory(run.workflow_id, list(events)).to_json_dict()
    return History(
        run_id=run.run_id,
        namespace=namespace,
        workflow_id=run.workflow_id,
        workflow_type=run.workflow_type,
        closed=run.closed,
        protobuf=protobuf,
        json=orjson.dumps(document, option=orjson.OPT_INDENT_2),
    )


async def retention(client: Client) -> timedelta:
    """How long the namespace keeps closed runs; zero where it does not say."""
    asked = DescribeNamespaceRequest(namespace=client.namespace)
    told = await client.workflow_service.describe_namespace(asked, retry=True)
    kept: timedelta = told.config.workflow_execution_retention_ttl.ToTimedelta()
    return kept


async def each_of(items: Iterable[T], do: Callable[[T], Awaitable[R]]) -> list[R]:
    """`do` for every item, a few at a time; results in the order of the items."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> R:
        async with room:
            return await do(item)

    tasks = [asyncio.create_task(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:  # where one failed, nobody waits for the others
            task.cancel()


async def _listed(client: Client, query: str) -> AsyncIterator[list[Run]]:
    portion: list[Run] = []
    async for found in client.list_workflows(query, page_size=_PAGE):
        portion.append(_run(found))
        if len(portion) == _PAGE:
            yield portion
            portion = []
    if portion:
        yield portion


def _run(found: WorkflowExecution) -> Run:
    return Run(found.id, found.run_id, found.workflow_type, found.status, found.close_time)


_CLOSING = frozenset(
    (
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
    )
)


def _among(attribute: str, values: Sequence[str]) -> str:
    return f"{attribute} IN ({', '.join(map(_quoted, values))})"


def _quoted(value: str) -> str:
    """A string of the engine's list filter; a number of a matter may hold anything."""
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
