"""A history in hand: what it says of itself, and how one is read from bytes nobody vouches for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseError
from google.protobuf.message import DecodeError
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import WorkflowHistory

from audit.verdicts import Source
from schemas.errors import UsageError

MAX_BYTES = 50 * 1024 * 1024
"""Temporal itself ends a run whose history grows beyond this (limit.historySize.error)."""

MAX_EVENTS = 51_200
"""And one with more events (limit.historyCount.error)."""

MAX_FILE = 3 * MAX_BYTES
"""JSON is longer than the bytes it tells of: payloads are base64, names are spelled out."""

RECORD = "record"
"""Name of the activity through which everything reaches the ledger."""

CLOSING = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
    }
)


class BadHistoryError(UsageError):
    """The bytes are no history: broken, too large, or something else altogether."""

    default_code = "bad_history"


@dataclass(frozen=True)
class Held:
    """The history of one run, and where it was taken from."""

    history: History
    source: Source
    run_id: str
    namespace: str = ""
    """Empty where the source does not say."""
    open: bool = False
    """The source says that the run has not ended."""

    @property
    def workflow_id(self) -> str:
        """Id of the workflow; empty where the history does not begin with a start."""
        return begun_of(self.history).workflow_execution_started_event_attributes.workflow_id

    @property
    def workflow_type(self) -> str:
        """Name of its type; empty like `workflow_id`."""
        return begun_of(self.history).workflow_execution_started_event_attributes.workflow_type.name

    @property
    def case(self) -> str:
        """Number of the matter, which the workflow's id is made of."""
        return case_of(self.workflow_id)


def case_of(workflow_id: str) -> str:
    """Number of the matter behind a workflow id such as `case/LX-2026-000001`."""
    return workflow_id.partition("/")[2]


def begun_of(history: History) -> HistoryEvent:
    """The first event; an empty one where there is none."""
    return history.events[0] if history.events else HistoryEvent()


def run_of(history: History) -> str:
    """Id of the run that wrote the last event: a reset copies the events before it from another run."""
    return runs_of(history)[-1]


def runs_of(history: History) -> list[str]:
    """For each event the run under which it was written, and once more for what comes next."""
    current = begun_of(history).workflow_execution_started_event_attributes.original_execution_run_id
    runs = []
    for event in history.events:
        runs.append(current)
        current = event.workflow_task_failed_event_attributes.new_run_id or current
    return [*runs, current]


def neighbours_of(history: History) -> list[str]:
    """Ids of the runs a history says it came from or led to."""
    begun, last = begun_of(history), history.events[-1]
    named = [
        begun.workflow_execution_started_event_attributes.continued_execution_run_id,
        *(event.workflow_task_failed_event_attributes.base_run_id for event in history.events),
        last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id,
    ]
    return [each for each in named if each]


def worked(history: History) -> bool:
    """Whether any workflow task was completed: without one there is nothing to replay."""
    return any(event.HasField("workflow_task_completed_event_attributes") for event in history.events)


def name_of(event: HistoryEvent) -> str:
    """`ActivityTaskScheduled`: the event's type as people write it."""
    return _type_name(event.event_type)


@lru_cache
def _type_name(number: EventType.ValueType) -> str:
    try:
        name = EventType.Name(number)
    except ValueError:
        return f"type {number}"
    return "".join(word.capitalize() for word in name.removeprefix("EVENT_TYPE_").split("_"))


def content_of(event: HistoryEvent) -> tuple[str, Any]:
    """(kind, content) of an event, such as `timer_started`; an empty kind where it has no content."""
    kind = event.WhichOneof("attributes")
    return (kind.removesuffix("_event_attributes"), getattr(event, kind)) if kind else ("", None)


def from_file(path: Path, *, open_run: bool = False) -> Held:
    """The history in a file as `temporal workflow show --output json` writes it.

    Raises UsageError for a file that cannot be read, BadHistoryError for one that holds no history.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    except OSError as error:
        raise UsageError(f"{path}: 无法读取 / cannot be read: {error.strerror}", code="no_file") from None
    history = from_json(raw, str(path))
    return Held(history, Source.FILE, run_of(history), open=open_run)


def from_json(raw: bytes, where: str) -> History:
    """A history in Temporal's JSON. Raises BadHistoryError."""
    if len(raw) > MAX_FILE:
        raise BadHistoryError(f"{where}: 过大 / larger than {MAX_FILE} bytes")
    try:
        document = json.loads(raw)
        events = WorkflowHistory.from_json("", document).events
        history = History(events=events)
        history.SerializeToString()
    except (ValueError, TypeError, AttributeError, RecursionError, ParseError, DecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise BadHistoryError(f"{where}: 不是流程历史 / not a workflow history: {reason}") from None
    return _bounded(history, where)


def from_protobuf(raw: bytes, where: str) -> History:
    """A history in its exact bytes. Raises BadHistoryError."""
    if len(raw) > MAX_BYTES:
        raise BadHistoryError(f"{where}: 过大 / larger than {MAX_BYTES} bytes")
    try:
        history = History.FromString(raw)
    except DecodeError as error:
        raise BadHistoryError(f"{where}: 不是流程历史 / not a workflow history: {error}") from None
    return _bounded(history, where)


def _bounded(history: History, where: str) -> History:
    if not history.events:
        raise BadHistoryError(f"{where}: 没有事件 / a history without events")
    if len(history.events) > MAX_EVENTS or history.ByteSize() > MAX_BYTES:
        raise BadHistoryError(
            f"{where}: 超过引擎上限 / beyond what the engine keeps:"
            f" {len(history.events)} events, {history.ByteSize()} bytes"
        )
    return history
