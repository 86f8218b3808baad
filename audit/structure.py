"""Structure: is this a whole history at all? Asked before any replay.

The replayer takes an incomplete history without a word, and never comes back from one that holds
its first event alone; so what is not whole is refused here. Ids without gap, links that hold, one
start, one end, each task and activity ended once, runs that continue one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from audit.history import CLOSING, Held, begun_of, content_of, name_of, worked
from audit.verdicts import Check, Finding, Kind, judged

STARTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
TERMINATED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED
CONTINUED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW

LINKS = {
    "workflow_task_completed_event_id": "WorkflowTaskCompleted",
    "accepted_event_id": "WorkflowExecutionUpdateAccepted",
}
"""Fields that name an earlier event, and the type it must have."""

FAMILIES = ("WorkflowTask", "ActivityTask", "Timer")
"""Events of one family end what an event of the same family began."""

ROLES = {"scheduled_event_id": "Scheduled", "started_event_id": "Started"}


def structure(held: Held, others: Mapping[str, Held] | None = None) -> Check:
    """Judge the structure of a history; `others` are the matter's runs by id, None where they are unknown."""
    events = held.history.events
    findings = [*_numbers(events), *_shapes(events), *_ends(held)]
    if not findings:
        findings = sorted((*_links(events), *_once(events)), key=lambda each: each.event or 0)
    if not findings and others is not None:
        findings = list(_chain(held, others))
    alone = "" if others is not None else _continues(held)
    return judged(Kind.STRUCTURE, findings, alone)


def _numbers(events: Iterable[HistoryEvent]) -> Iterator[Finding]:
    for place, event in enumerate(events, 1):
        if event.event_id != place:
            said = f"第 {place} 个事件编号为 {event.event_id} / event {place} bears the id {event.event_id}"
            yield Finding(said=said, event=place)
            return


def _shapes(events: Iterable[HistoryEvent]) -> Iterator[Finding]:
    """Type and content of each event belong together."""
    for event in events:
        kind, _ = content_of(event)
        if kind.replace("_", "") != name_of(event).lower():
            said = f"事件类型与内容不符 / called {name_of(event)}, but holds {kind or 'nothing'}"
            yield Finding(said=said, event=event.event_id)


def _ends(held: Held) -> Iterator[Finding]:
    """It begins with its start, ends with an end unless labelled open, and has work in between."""
    events = held.history.events
    starts = [event.event_id for event in events if event.event_type == STARTED]
    if not events or events[0].event_type != STARTED:
        yield Finding(said="首个事件不是开始 / the first event is no start", event=1)
    for again in starts[1:]:
        yield Finding(said="再次开始 / starts once more", event=again)
    if not held.workflow_id or not held.run_id:
        yield Finding(said="没有流程编号 / the start names no workflow and run", event=1)
    for event in events[:-1]:
        if event.event_type in CLOSING:
            yield Finding(said=f"{name_of(event)} 之后仍有事件 / events follow the end", event=event.event_id)
    yield from _last(held)


def _last(held: Held) -> Iterator[Finding]:
    last, closed = held.history.events[-1], held.history.events[-1].event_type in CLOSING
    if not closed and not held.open:
        said = "没有结束，也未标明在办 / the last event ends nothing, and the run is not labelled open"
        yield Finding(said=f"{said} ({name_of(last)})", event=last.event_id)
    if closed and held.open:
        yield Finding(said="标明在办，却已结束 / labelled open, but it has ended", event=last.event_id)
    if closed and not worked(held.history) and last.event_type != TERMINATED:
        yield Finding(said="没有任何任务完成 / no workflow task was ever completed", event=last.event_id)


def _links(events: Iterable[HistoryEvent]) -> Iterator[Finding]:
    """Every event named by another lies before it and is of the kind that belongs there."""
    names: dict[int, str] = {}
    for event in events:
        for field, target in content_of(event)[1].ListFields():
            if field.name in (*LINKS, *ROLES) and not _fits(name_of(event), field.name, names.get(target)):
                said = f"{field.name} 指向 {target} / {field.name} {target} is no such event before it"
                yield Finding(said=said, event=event.event_id)
        names[event.event_id] = name_of(event)


def _fits(name: str, field: str, target: str | None) -> bool:
    if target is None or field in LINKS:
        return target == LINKS.get(field, "")
    family = next((each for each in FAMILIES if name.startswith(each)), "")
    return target == f"{family}{ROLES[field]}" if family else target.endswith(ROLES[field])


def _once(events: Iterable[HistoryEvent]) -> Iterator[Finding]:
    """Whatever was scheduled starts once and ends once; whatever was accepted is answered once."""
    seen: dict[tuple[str, object], int] = {}
    for event in events:
        for key in _claims(event):
            if key in seen:
                said = (
                    f"与事件 {seen[key]} 重复 / does once more what event {seen[key]} did: {name_of(event)}"
                )
                yield Finding(said=said, event=event.event_id)
            seen.setdefault(key, event.event_id)


def _claims(event: HistoryEvent) -> Iterator[tuple[str, object]]:
    name = name_of(event)
    values = {field.name: value for field, value in content_of(event)[1].ListFields()}
    if name.endswith("Scheduled") and name.startswith("Activity"):
        yield "activity", values.get("activity_id")
    elif name.endswith("TaskStarted"):
        yield "started", values.get("scheduled_event_id")
    elif "scheduled_event_id" in values and name.startswith(("WorkflowTask", "ActivityTask")):
        if name != "ActivityTaskCancelRequested":
            yield "ended", values["scheduled_event_id"]
    elif name == "TimerStarted":
        yield "timer", values.get("timer_id")
    elif name in ("TimerFired", "TimerCanceled"):
        yield "timer ended", values.get("started_event_id")
    elif name == "WorkflowExecutionUpdateAccepted":
        yield "accepted", values.get("protocol_instance_id")
    elif name == "WorkflowExecutionUpdateCompleted":
        yield "answered", values.get("accepted_event_id")


def _chain(held: Held, others: Mapping[str, Held]) -> Iterator[Finding]:
    """The run it goes on from is there and led here; the run it led to is there and came from here."""
    begun = begun_of(held.history).workflow_execution_started_event_attributes
    last = held.history.events[-1]
    if before := begun.continued_execution_run_id:
        found = others.get(before)
        led_to = found and found.history.events[-1].workflow_execution_continued_as_new_event_attributes
        if not led_to or led_to.new_execution_run_id != held.run_id:
            yield Finding(
                said=f"前一运行 {before} 不在或未接到此 / the run before, {before}, led not here", event=1
            )
    if last.event_type == CONTINUED:
        after = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
        if after not in others or _before(others[after]) != held.run_id:
            said = f"后一运行 {after} 不在或并非接此 / the run after, {after}, goes not on from here"
            yield Finding(said=said, event=last.event_id)


def _before(held: Held) -> str:
    return begun_of(held.history).workflow_execution_started_event_attributes.continued_execution_run_id


def _continues(held: Held) -> str:
    """What cannot be said of a run whose neighbours are not at hand."""
    parts = []
    if before := _before(held):
        parts.append(f"接续运行 {before} / goes on from run {before}")
    if held.history.events[-1].event_type == CONTINUED:
        parts.append("由后一运行接续 / is continued by another run")
    return f"{'; '.join(parts)}: 未核对 / not looked at" if parts else ""
