"""Calls of the recorder as a history tells them: what was asked, by which run, and what came back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import History, HistoryEvent

from audit.history import RECORD, content_of, runs_of
from schemas.entries import Receipt, Receipts, RecordRequest


@dataclass(frozen=True)
class Call:
    """One call of the recorder."""

    scheduled: HistoryEvent
    run_id: str
    """The run that made the call; after a reset, an earlier one."""
    ended: HistoryEvent | None = None
    receipts: tuple[Receipt, ...] = ()
    """Empty where the call did not succeed, or its result cannot be read."""
    attempt: int = 0
    """The attempt that ended it."""

    @property
    def activity_id(self) -> str:
        """Id of the activity within its run."""
        return self.scheduled.activity_task_scheduled_event_attributes.activity_id

    @property
    def argument(self) -> Payload:
        """What the recorder was given; empty where there is not exactly one argument."""
        given = self.scheduled.activity_task_scheduled_event_attributes.input.payloads
        return given[0] if len(given) == 1 else Payload()

    @property
    def succeeded(self) -> bool:
        """Whether the history says that it was recorded."""
        return self.ended is not None and self.ended.HasField("activity_task_completed_event_attributes")

    @property
    def last_event(self) -> int:
        """Id of the event that ended it; of the one that began it while it is under way."""
        return (self.ended or self.scheduled).event_id


def calls_of(history: History) -> list[Call]:
    """All calls of the recorder, in their order."""
    calls: dict[int, Call] = {}
    for event, run_id in zip(history.events, runs_of(history), strict=False):
        begun = event.activity_task_scheduled_event_attributes
        if begun.activity_type.name == RECORD:
            calls[event.event_id] = Call(event, run_id)
        elif (scheduled := _scheduled(event)) in calls:
            calls[scheduled] = _gone_on(calls[scheduled], event)
    return list(calls.values())


def heads_of(history: History) -> dict[int, str]:
    """Leaf hashes by place in the chain, as the receipts tell them."""
    return {each.caseseq: each.leaf_hash for call in calls_of(history) for each in call.receipts}


def request_in(argument: Payload) -> RecordRequest | None:
    """What a call asked for; None where it cannot be read."""
    try:
        return RecordRequest.model_validate_json(argument.data)
    except ValidationError:
        return None


def _receipts_in(result: Payload) -> tuple[Receipt, ...]:
    try:
        return Receipts.model_validate_json(result.data).receipts
    except ValidationError:
        return ()


def _scheduled(event: HistoryEvent) -> int:
    """The call an event tells the end of, or the beginning of an attempt at."""
    kind, content = content_of(event)
    if not kind.startswith("activity_task_") or kind == "activity_task_cancel_requested":
        return 0
    return int(getattr(content, "scheduled_event_id", 0))


def _gone_on(call: Call, event: HistoryEvent) -> Call:
    if event.HasField("activity_task_started_event_attributes"):
        return replace(call, attempt=event.activity_task_started_event_attributes.attempt)
    result = event.activity_task_completed_event_attributes.result.payloads
    return replace(call, ended=event, receipts=_receipts_in(result[0]) if len(result) == 1 else ())
