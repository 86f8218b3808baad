"""Replay that keeps what it sees: every command the procedures give again, by workflow task.

A `WorkflowRunner` hands each activation to the workflow and takes its completion back, so one that stands
around the real runner sees what no interceptor sees: durations of timers, every payload, every update's
answer, exactly as they would go to the engine, before any codec.

The workflows run without the sandbox. Our own pure modules pass through it anyway (workflows/sandbox.py), so
it would guard nothing here and cost half the time. Nor does the SDK's two-second deadlock detector run
(`debug_mode`): on a busy machine it would call a slow replay a failed one, and what hangs is killed anyway.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.history.v1 import History
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
)
from temporalio.workflow import Info

from audit.history import begun_of, run_of

_BUILD = "audit"
QUEUE = f"replay-{_BUILD}"
"""The queue that a replayed workflow believes to be its own."""

Commands = dict[int, list[WorkflowCommand]]
"""Commands by the id of the event with which their workflow task started, in their order."""


@dataclass(frozen=True)
class Replayed:
    """What became of one replay."""

    history: History
    failure: Exception | None
    """Why the history does not replay."""
    commands: Commands


async def regenerate(
    procedures: Sequence[type], histories: AsyncIterator[History]
) -> AsyncIterator[Replayed]:
    """Replay histories one after the other with one replayer. A replay may hang: see `audit.children`."""
    runner = _Watching()
    replayer = Replayer(
        workflows=procedures,
        workflow_runner=runner,
        data_converter=pydantic_data_converter,
        build_id=_BUILD,
        debug_mode=True,
    )
    async with replayer.workflow_replay_iterator(_replayable(histories)) as results:
        async for result in results:
            commands, runner.commands = runner.commands, defaultdict(list)
            yield Replayed(History(events=result.history.events), result.replay_failure, commands)


async def _replayable(histories: AsyncIterator[History]) -> AsyncIterator[WorkflowHistory]:
    async for history in histories:
        begun = begun_of(history).workflow_execution_started_event_attributes
        yield WorkflowHistory(begun.workflow_id or run_of(history), list(history.events))


class _Watching(UnsandboxedWorkflowRunner):
    """Makes instances that are watched."""

    def __init__(self) -> None:
        self.commands: Commands = defaultdict(list)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Watched(super().create_instance(det), self)


class _Watched(WorkflowInstance):
    """Passes everything on, and keeps the commands of each completion."""

    def __init__(self, inner: WorkflowInstance, watching: _Watching) -> None:
        self._inner = inner
        self._watching = watching

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        completion = self._inner.activate(act)
        evicted = any(job.HasField("remove_from_cache") for job in act.jobs)
        if completion.HasField("successful") and not evicted:
            self._keep(act.history_length, completion.successful.commands)
        return completion

    def _keep(self, task: int, commands: Iterable[WorkflowCommand]) -> None:
        kept = self._watching.commands[task]
        for command in commands:
            copy = WorkflowCommand()
            copy.CopyFrom(command)  # the worker encodes payloads in place
            kept.append(copy)

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        return self._inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        return self._inner.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()
