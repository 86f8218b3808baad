"""A matter's kept histories beside its entries: which activity of which run asked for which entry.

Shown as the two are stored. Whether they agree in every respect is the replay's question, which is asked on
a page of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from audit.archived import archived_of
from audit.history import RECORD, BadHistoryError
from ledger.entry import Entry

SHOWN = 1000
"""Events of one run that are listed."""


@dataclass(frozen=True)
class Step:
    """An event of a history, with the entries it asked for."""

    n: int
    type: str
    time: datetime
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Run:
    """One run of the matter's workflow."""

    run_id: str
    workflow_id: str
    kept: bool
    """Its history is in the archive; the engine alone has it otherwise, or nobody."""
    events: int
    steps: tuple[Step, ...]
    lost: tuple[Entry, ...]
    """Entries of this run that no event of the history asked for."""
    problem: str = ""


def runs_beside(connection: Connection, number: str, timeline: Sequence[Entry]) -> tuple[Run, ...]:
    """Every run that archive or entries tell of, in the order of their first entry."""
    archived = archived_of(connection, number)
    named = dict.fromkeys(str(each.event.get("wfrunid") or "") for each in timeline)
    runs: list[Run] = []
    for run_id in dict.fromkeys([*named, *archived]):
        if not run_id:
            continue
        own = [each for each in timeline if each.event.get("wfrunid") == run_id]
        workflow_id = str(own[0].event.get("wfid", "")) if own else archived[run_id].workflow_id
        if run_id not in archived:
            runs.append(Run(run_id, workflow_id, False, 0, (), ()))
            continue
        try:
            events = list(archived[run_id].held().history.events)
        except BadHistoryError as error:
            runs.append(Run(run_id, workflow_id, True, 0, (), tuple(own), error.message))
            continue
        steps = tuple(_steps(events, own))
        shown = {entry.id for step in steps for entry in step.entries}
        lost = tuple(each for each in own if each.id not in shown) if len(events) <= SHOWN else ()
        runs.append(Run(run_id, workflow_id, True, len(events), steps, lost))
    return tuple(runs)


def _steps(events: Sequence[HistoryEvent], own: Iterable[Entry]) -> Iterator[Step]:
    asked: dict[str, list[Entry]] = {}
    for entry in own:
        asked.setdefault(str(entry.event.get("activityid")), []).append(entry)
    for event in events[:SHOWN]:
        found: list[Entry] = []
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_type.name == RECORD:
                found = asked.get(scheduled.activity_id, [])
        yield Step(event.event_id, _name(event), _time(event), tuple(found))


def _name(event: HistoryEvent) -> str:
    name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
    return name.replace("_", " ").capitalize()


def _time(event: HistoryEvent) -> datetime:
    return event.event_time.ToDatetime(tzinfo=UTC)
