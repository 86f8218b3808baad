"""What a history says of the ledger: every call of the recorder, and the receipts it came back with.

From the moment a receipt is in the history, the history is a copy of the entry's hash that the owner of the
database does not hold (`docs/architecture.md`, mutual anchoring).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from pydantic import ValidationError
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import History, HistoryEvent

from audit.history import CLOSING, RECORD, name_of, runs_of
from schemas.entries import Receipt, Receipts

_SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
_COMPLETED = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
_RESET = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW
_OWN_ENDS = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the recorder."""

    run: str
    """The run that made it; in a run that was reset, earlier calls are another's."""
    activity_id: str
    event: int
    input_hash: str
    """SHA-256 (hex) of its argument, as the entry's `inputhash`."""
    receipts: tuple[Receipt, ...] | None
    """None while it is not completed, or where the result holds no receipts."""
    completed: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """An event that no procedure brings about by itself: somebody interfered, or it broke off."""

    kind: str
    event: int
    said: str


def calls(history: History) -> list[Call]:
    """All calls of the recorder in a history, in the order they were made."""
    results = {
        event.activity_task_completed_event_attributes.scheduled_event_id: event
        for event in history.events
        if event.event_type == _COMPLETED
    }
    found = []
    for event, run in zip(history.events, runs_of(history), strict=False):
        asked = event.activity_task_scheduled_event_attributes
        if event.event_type == _SCHEDULED and asked.activity_type.name == RECORD:
            found.append(_call(event, run, results.get(event.event_id)))
    return found


def marks(history: History) -> Iterator[Mark]:
    """Resets, and an end that is none of the procedure's own: terminated, cancelled, timed out, failed."""
    for event in history.events:
        failed = event.workflow_task_failed_event_attributes
        if event.HasField("workflow_task_failed_event_attributes") and failed.cause == _RESET:
            yield Mark("reset", event.event_id, f"reset from run {failed.base_run_id}")
    last = history.events[-1]
    if last.event_type in CLOSING and last.event_type not in _OWN_ENDS:
        name = name_of(last).removeprefix("WorkflowExecution")
        yield Mark(_ENDS[last.event_type], last.event_id, name)


def neighbours(history: History) -> Iterator[str]:
    """Runs this one came from, and went on in."""
    if not history.events:
        return
    begun = history.events[0].workflow_execution_started_event_attributes
    ended = history.events[-1].workflow_execution_continued_as_new_event_attributes
    yield from (run for run in (begun.continued_execution_run_id, ended.new_execution_run_id) if run)


_ENDS = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "failed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: "timed_out",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: "canceled",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: "terminated",
}


def _call(event: HistoryEvent, run: str, result: HistoryEvent | None) -> Call:
    asked = event.activity_task_scheduled_event_attributes
    told = b"".join(payload.data for payload in asked.input.payloads)
    return Call(
        run=run,
        activity_id=asked.activity_id,
        event=event.event_id,
        input_hash=sha256(told).hexdigest(),
        receipts=None if result is None else _receipts(result),
        completed=result is not None,
    )


def _receipts(event: HistoryEvent) -> tuple[Receipt, ...] | None:
    payloads = event.activity_task_completed_event_attributes.result.payloads
    try:
        return Receipts.model_validate_json(payloads[0].data).receipts
    except (IndexError, ValidationError):
        return None
