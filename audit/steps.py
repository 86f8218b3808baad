"""Steps: a command of the workflow and the event it became, told in the same words.

The engine writes one event for each command of a completed workflow task, in their order. Both sides are
put into one form here, so that comparing them is comparing two dictionaries. What the engine alone decides
(event ids, times, build ids) has no counterpart and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.api.sdk.v1 import UserMetadata
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from audit.facts import COMMANDS, EVENTS, Facts, payload, span
from audit.history import begun_of, content_of, name_of

OWN = "the run's own"
"""Stands for the run's own queue, type and time-outs, which a command may leave unsaid."""

UNSAID = ("", 0)
"""What a command holds where it leaves something to the run."""

CHANGE_VERSION = "TemporalChangeVersion"
"""The search attribute with which the SDK itself follows up the marker of a patch."""


@dataclass(frozen=True)
class Own:
    """What a run has by itself, and its steps have unless they say otherwise."""

    queue: str
    workflow_type: str
    run_timeout: int
    task_timeout: int

    def again(self, queue: str) -> Own:
        """The same of its replay, which has a queue of its own."""
        return replace(self, queue=queue)


def own_of(history: History) -> Own:
    """What the run of a history has by itself."""
    begun = begun_of(history).workflow_execution_started_event_attributes
    return Own(
        begun.task_queue.name,
        begun.workflow_type.name,
        span(begun.workflow_run_timeout),
        span(begun.workflow_task_timeout),
    )


@dataclass(frozen=True)
class Step:
    """One step of a workflow: the name of its event and what is said in it."""

    name: str
    facts: Facts


def step_of_event(event: HistoryEvent, own: Own) -> Step | None:
    """The step an event tells of; None for events that no command made."""
    kind, content = content_of(event)
    read = EVENTS.get(kind)
    if read is None or by_the_sdk(event):
        return None
    facts = read(content)
    return Step(name_of(event), {**facts, **_own(facts, own, ()), **_metadata(event)})


def by_the_sdk(event: HistoryEvent) -> bool:
    """Whether an event tells of a step that the SDK takes by itself, without a command of the workflow."""
    upserted = event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
    return list(upserted) == [CHANGE_VERSION]


def step_of_command(command: WorkflowCommand, own: Own) -> Step:
    """The step a regenerated command asks for; one that is unknown here equals nothing on record."""
    kind: str = command.WhichOneof("variant") or ""
    content = getattr(command, kind, None)
    if kind == "update_response":
        kind = f"update_{command.update_response.WhichOneof('response')}"
    name, read = COMMANDS.get(kind, (kind, lambda _: {"step": f"{kind} cannot be compared"}))
    facts = read(content)
    return Step(name, {**facts, **_own(facts, own, UNSAID), **_metadata(command)})


def without_undone(commands: Iterable[WorkflowCommand]) -> list[WorkflowCommand]:
    """Commands of one workflow task, less what was begun and taken back in it: that reaches no history."""
    listed, undone = list(commands), set[tuple[str, int]]()
    begun = {_thing(each) for each in listed if each.WhichOneof("variant") in _BEGINNINGS}
    for each in listed:
        if each.WhichOneof("variant") in _UNDOING and _thing(each) in begun:
            undone.add(_thing(each))
    return [each for each in listed if _thing(each) not in undone]


_BEGINNINGS = ("start_timer", "schedule_activity")
_UNDOING = ("cancel_timer", "request_cancel_activity")


def _thing(command: WorkflowCommand) -> tuple[str, int]:
    kind = command.WhichOneof("variant") or ""
    return kind.rpartition("_")[2], getattr(getattr(command, kind), "seq", 0) if kind else 0


def _own(facts: Facts, own: Own, unsaid: Sequence[object]) -> Facts:
    return {
        name: OWN if facts[name] in unsaid or facts[name] == known else facts[name]
        for name, known in vars(own).items()
        if name in facts
    }


def _metadata(holder: HistoryEvent | WorkflowCommand) -> Facts:
    told = holder.user_metadata
    if isinstance(holder, HistoryEvent) and holder.HasField("timer_canceled_event_attributes"):
        told = UserMetadata()  # the engine repeats what the timer's start said, the command does not
    return {
        "summary": payload(told.summary) if told.HasField("summary") else None,
        "details": payload(told.details) if told.HasField("details") else None,
    }
