"""Facts: what commands and events say, read into one form. The tables at the end name every kind of step.

Whatever kind of event is not named here was made by no command; a kind of command that is not named here
cannot be compared, and so equals nothing on record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Payload, RetryPolicy
from temporalio.api.failure.v1 import Failure

Facts = Mapping[str, object]
Read = Callable[[Any], Facts]

PATCH, PATCH_DATA = "core_patch", "patch-data"
"""Marker of a patch, and the detail that says which."""

TRACES = ("stack_trace", "encoded_attributes")
"""Parts of a failure that tell where code lay, not what it decided."""


def payload(value: Payload) -> object:
    """A payload with its metadata, as something that can be compared."""
    return (tuple(sorted(value.metadata.items())), value.data)


def _payloads(values: Iterable[Payload]) -> object:
    return tuple(payload(value) for value in values)


def _fields(values: Mapping[str, Payload]) -> object:
    return {name: payload(value) for name, value in values.items()}


def span(value: Duration) -> int:
    """Nanoseconds."""
    return value.ToNanoseconds()


def _retry(policy: RetryPolicy) -> object:
    return (
        span(policy.initial_interval),
        policy.backoff_coefficient,
        span(policy.maximum_interval),
        policy.maximum_attempts,
        tuple(policy.non_retryable_error_types),
    )


def _failure(failure: Failure) -> bytes:
    kept = Failure()
    kept.CopyFrom(failure)
    each = kept
    while True:
        for field in TRACES:
            each.ClearField(field)  # type: ignore[arg-type]
        if not each.HasField("cause"):
            return kept.SerializeToString(deterministic=True)
        each = each.cause


def _timeouts(of: Any) -> Facts:
    names = ("schedule_to_close", "schedule_to_start", "start_to_close", "heartbeat")
    return {f"{name}_timeout": span(getattr(of, f"{name}_timeout")) for name in names}


def _activity(command: Any) -> Facts:
    return {
        "activity_id": command.activity_id,
        "type": command.activity_type,
        "queue": command.task_queue,
        "header": _fields(command.headers),
        "input": _payloads(command.arguments),
        "retry_policy": _retry(command.retry_policy),
        **_timeouts(command),
    }


def _activity_event(event: Any) -> Facts:
    return {
        "activity_id": event.activity_id,
        "type": event.activity_type.name,
        "queue": event.task_queue.name,
        "header": _fields(event.header.fields),
        "input": _payloads(event.input.payloads),
        "retry_policy": _retry(event.retry_policy),
        **_timeouts(event),
    }


def _continued(command: Any) -> Facts:
    return {
        "workflow_type": command.workflow_type,
        "queue": command.task_queue,
        "input": _payloads(command.arguments),
        "header": _fields(command.headers),
        "memo": _fields(command.memo),
        "run_timeout": span(command.workflow_run_timeout),
        "task_timeout": span(command.workflow_task_timeout),
    }


def _continued_event(event: Any) -> Facts:
    return {
        "workflow_type": event.workflow_type.name,
        "queue": event.task_queue.name,
        "input": _payloads(event.input.payloads),
        "header": _fields(event.header.fields),
        "memo": _fields(event.memo.fields),
        "run_timeout": span(event.workflow_run_timeout),
        "task_timeout": span(event.workflow_task_timeout),
    }


def _outcome(event: Any) -> Facts:
    outcome = event.outcome
    if outcome.HasField("failure"):
        return {"update": event.meta.update_id, "failure": _failure(outcome.failure)}
    return {"update": event.meta.update_id, "result": _payloads(outcome.success.payloads)}


def _answer(command: Any) -> Facts:
    if command.HasField("rejected"):
        return {"update": command.protocol_instance_id, "failure": _failure(command.rejected)}
    return {"update": command.protocol_instance_id, "result": _payloads([command.completed])}


def _result(command: Any) -> Facts:
    return {"result": _payloads([command.result] if command.HasField("result") else [])}


def _patch(command: Any) -> Facts:
    return {"marker": PATCH, "patch": (command.patch_id, command.deprecated)}


def _marker(event: Any) -> Facts:
    """A patch by what it says; the details of another marker as they are."""
    try:
        if event.marker_name != PATCH or PATCH_DATA not in event.details:
            raise LookupError
        patch = json.loads(event.details[PATCH_DATA].payloads[0].data)
        return {"marker": PATCH, "patch": (patch["id"], patch["deprecated"])}
    except (ValueError, LookupError, TypeError, RecursionError):
        return {"marker": event.marker_name, "details": event.SerializeToString(deterministic=True)}


_ANSWERED = "WorkflowExecutionUpdateCompleted"

COMMANDS: dict[str, tuple[str, Read]] = {
    "schedule_activity": ("ActivityTaskScheduled", _activity),
    "start_timer": (
        "TimerStarted",
        lambda c: {"timer": str(c.seq), "start_to_fire_timeout": span(c.start_to_fire_timeout)},
    ),
    "cancel_timer": ("TimerCanceled", lambda c: {"timer": str(c.seq)}),
    "upsert_workflow_search_attributes": (
        "UpsertWorkflowSearchAttributes",
        lambda c: {"search_attributes": _fields(c.search_attributes.indexed_fields)},
    ),
    "update_accepted": ("WorkflowExecutionUpdateAccepted", lambda c: {"update": c.protocol_instance_id}),
    "update_completed": (_ANSWERED, _answer),
    "update_rejected": (_ANSWERED, _answer),
    "complete_workflow_execution": ("WorkflowExecutionCompleted", _result),
    "fail_workflow_execution": ("WorkflowExecutionFailed", lambda c: {"failure": _failure(c.failure)}),
    "cancel_workflow_execution": ("WorkflowExecutionCanceled", lambda c: {}),
    "set_patch_marker": ("MarkerRecorded", _patch),
    "continue_as_new_workflow_execution": ("WorkflowExecutionContinuedAsNew", _continued),
}

EVENTS: dict[str, Read] = {
    "activity_task_scheduled": _activity_event,
    "activity_task_cancel_requested": lambda e: {"scheduled": e.scheduled_event_id},
    "timer_started": lambda e: {
        "timer": e.timer_id,
        "start_to_fire_timeout": span(e.start_to_fire_timeout),
    },
    "timer_canceled": lambda e: {"timer": e.timer_id},
    "upsert_workflow_search_attributes": lambda e: {
        "search_attributes": _fields(e.search_attributes.indexed_fields)
    },
    "workflow_execution_update_accepted": lambda e: {"update": e.protocol_instance_id},
    "workflow_execution_update_completed": _outcome,
    "workflow_execution_completed": lambda e: {"result": _payloads(e.result.payloads)},
    "workflow_execution_failed": lambda e: {"failure": _failure(e.failure)},
    "workflow_execution_canceled": lambda e: {},
    "workflow_execution_continued_as_new": _continued_event,
    "marker_recorded": _marker,
    "workflow_properties_modified": lambda e: {"memo": _fields(e.upserted_memo.fields)},
    "start_child_workflow_execution_initiated": lambda e: {"child": e.workflow_id},
    "signal_external_workflow_execution_initiated": lambda e: {"signal": e.signal_name},
    "request_cancel_external_workflow_execution_initiated": lambda e: {"cancel": e.control},
    "nexus_operation_scheduled": lambda e: {"operation": e.operation},
}
