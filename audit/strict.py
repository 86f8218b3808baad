"""Strict replay: not only the same kinds of steps in the same order, but the very same steps.

The replayer compares types and order alone: forged arguments, results, timers and time-outs replay green.
Here every command that the procedures give again is compared with the event it became, in order, over
everything the command says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import zip_longest
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History, HistoryEvent

from audit.facts import Facts
from audit.regenerate import QUEUE, Commands, Replayed
from audit.steps import Own, Step, by_the_sdk, own_of, step_of_command, step_of_event, without_undone
from audit.verdicts import Finding

TASK_DONE = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


def differences(replayed: Replayed) -> Iterator[Finding]:
    """Where the steps that were taken again differ from those on record."""
    own = own_of(replayed.history)
    on_record = tasks_of(replayed.history, own)
    for started, (done, recorded) in on_record.items():
        again = [step_of_command(each, own.again(QUEUE)) for each in _commands(replayed.commands, started)]
        if replayed.failure is not None and started not in replayed.commands:
            return  # the replay stopped before
        yield from _compare(done, recorded, again)
    yield from _unasked(replayed.history, on_record, own)


def tasks_of(history: History, own: Own) -> dict[int, tuple[int, list[tuple[int, Step]]]]:
    """By the start of each completed workflow task: its completion, and its steps with their ids."""
    tasks: dict[int, tuple[int, list[tuple[int, Step]]]] = {}
    steps: list[tuple[int, Step]] | None = None
    for event in history.events:
        if event.event_type == TASK_DONE:
            steps = []
            started = event.workflow_task_completed_event_attributes.started_event_id
            tasks[started] = (event.event_id, steps)
        elif steps is not None and (step := step_of_event(event, own)):
            steps.append((event.event_id, step))
        elif not by_the_sdk(event):
            steps = None  # what a task led to stands right behind it
    return tasks


def scheduled_activities(replayed: Replayed) -> Iterator[tuple[HistoryEvent, Any]]:
    """Each event of an activity on record with the command that was given again at its place."""
    on_record = tasks_of(replayed.history, own_of(replayed.history))
    events = {event.event_id: event for event in replayed.history.events}
    for started, (_, recorded) in on_record.items():
        again = _commands(replayed.commands, started)
        for (event_id, _), command in zip(recorded, again, strict=False):
            if command.HasField("schedule_activity"):
                yield events[event_id], command.schedule_activity


def _commands(commands: Commands, started: int) -> list[Any]:
    return without_undone(commands.get(started, ()))


def _compare(done: int, recorded: list[tuple[int, Step]], again: list[Step]) -> Iterator[Finding]:
    for there, step in zip_longest(recorded, again):
        if there is None:
            said = f"{step.name}: 重放得出，历史中没有 / given again, but not on record"
            yield Finding(said=said, event=recorded[-1][0] if recorded else done)
        elif step is None:
            said = f"{there[1].name}: 历史中有，重放未得出 / on record, but not given again"
            yield Finding(said=said, event=there[0])
        elif there[1].name != step.name:
            said = (
                f"历史为 {there[1].name}，重放为 {step.name} / on record {there[1].name}, again {step.name}"
            )
            yield Finding(said=said, event=there[0])
            return  # what follows is shifted
        else:
            yield from _different(there[0], there[1], step.facts)


def _different(event_id: int, there: Step, again: Facts) -> Iterator[Finding]:
    for name in sorted({*there.facts, *again}):
        if there.facts.get(name) != again.get(name):
            told = f"历史 / on record {_told(there.facts.get(name))}, 重放 / again {_told(again.get(name))}"
            path = _place(there.facts.get(name), again.get(name))
            yield Finding(said=f"{there.name} {name}{path}: {told}", event=event_id)


def _unasked(history: History, on_record: Mapping[int, tuple[int, Any]], own: Own) -> Iterator[Finding]:
    """Steps that stand behind no workflow task."""
    known = {event_id for _, steps in on_record.values() for event_id, _ in steps}
    for event in history.events:
        if event.event_id not in known and (step := step_of_event(event, own)):
            said = f"{step.name}: 不出自任何任务 / no workflow task led to it"
            yield Finding(said=said, event=event.event_id)


def _told(value: object) -> str:
    """A value for people: short ones as they are, long ones by their hash."""
    text = repr(value)
    return text if len(text) <= 60 else f"sha256 {sha256(text.encode()).hexdigest()[:16]}"


def _place(one: object, other: object) -> str:
    """Where two JSON payloads part, as `[entries.0.actor]`; empty where they cannot be read."""
    try:
        first, second = json.loads(one[0][1]), json.loads(other[0][1])  # type: ignore[index]
    except (ValueError, TypeError, LookupError, RecursionError):
        return ""
    path: list[str] = []
    while type(first) is type(second) and isinstance(first, dict | list):
        parts = _pairs(first, second)
        at = next((name for name, left, right in parts if left != right), None)
        if at is None:
            break
        path.append(str(at))
        first, second = next((left, right) for name, left, right in parts if name == at)
    return f" [{'.'.join(path)}]" if path else ""


def _pairs(first: Any, second: Any) -> list[tuple[object, Any, Any]]:
    if isinstance(first, dict):
        names = [*first, *(name for name in second if name not in first)]
        return [(name, first.get(name), second.get(name)) for name in names]
    return [(n, *pair) for n, pair in enumerate(zip_longest(first, second))]
