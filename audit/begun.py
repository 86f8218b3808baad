"""Matters and the entries that they come from, held against each other.

An entry names the matters it begins (`begins`), and what follows from another matter's entry names that entry
with its hash (`because`). So a matter that was never begun is found from the ledger alone, and an entry that
others rest on cannot be taken away or exchanged, not even by somebody who writes a whole chain anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from temporalio.api.history.v1 import History

from audit.compare import Entered, Matter, Side, parsed
from audit.history import CLOSING
from ledger.histories import case_of
from schemas.kin import EntryRef
from schemas.matters import MatterInput
from schemas.upkeep import Difference

BEGIN = "begin_matter"
"""Name of the activity that begins a matter."""

Begun = tuple[str, int]
"""Workflow id of a matter, and the place of the entry that begins it."""


def cases_beside(matters: Iterable[Matter]) -> set[str]:
    """Numbers of the matters that these begin or rest on."""
    entries = [entry for matter in matters for entry in matter.entries]
    begun = {case_of(other) for entry in entries for other in entry.begins}
    return begun | {each.number for entry in entries if (each := entry.because)}


def unmatched(matter: Matter, beside: dict[str, Matter], overdue: datetime | None) -> Iterator[Difference]:
    """Matters that were never begun, and entries that rest on one that is not there.

    `beside` are the matters named in this one. Of entries recorded after `overdue` the errand may still be
    under way, unless a history says that it has ended; None where recorded times say nothing.
    """
    ended, over = set[Begun](), True
    for side in matter.sides.values():
        history = _history(side)
        ended |= set(_ended(history)) if history else set()
        over = over and history is not None and history.events[-1].event_type in CLOSING
    for entry in matter.entries:
        late = over or (overdue is not None and datetime.fromisoformat(entry.recorded) < overdue)
        for other in entry.begins:
            due = late or (other, entry.seq) in ended
            if due and not _begun_by(entry, beside.get(case_of(other)), other):
                expected = f"{other}, begun because of it"
                yield _difference("missing_matter", entry, other, expected, "no such matter")
        if entry.because and not _there(entry.because, beside):
            expected = f"{entry.because.id} {entry.because.leaf_hash}"
            yield _difference("missing_ground", entry, entry.because.id, expected, "no such entry")


def _history(side: Side) -> History | None:
    raw = side.kept if side.live is None else side.live
    history = None if raw is None else parsed(raw)
    return history if history and history.events else None


def _ended(history: History) -> Iterator[Begun]:
    """What was to be begun, and by now is, or was refused for good."""
    asked: dict[int, Begun] = {}
    for event in history.events:
        scheduled = event.activity_task_scheduled_event_attributes
        if scheduled.activity_type.name == BEGIN and (wanted := _wanted(scheduled)):
            asked[event.event_id] = wanted
        done = event.activity_task_completed_event_attributes.scheduled_event_id
        failed = event.activity_task_failed_event_attributes.scheduled_event_id
        if (done or failed) in asked:
            yield asked[done or failed]


def _wanted(scheduled: Any) -> Begun | None:
    try:
        kind, start = scheduled.input.payloads
        begun = MatterInput.model_validate_json(start.data)
    except (ValueError, ValidationError):
        return None
    name = kind.data.decode(errors="replace").strip('"')
    return (f"{name}/{begun.id}", begun.origin.seq) if begun.origin else None


def _begun_by(entry: Entered, other: Matter | None, workflow: str) -> bool:
    """Whether the other matter's own entries say that it is there because of this one."""
    own = (each for each in other.entries if each.workflow == workflow) if other else ()
    hashes = (each.because.leaf_hash for each in own if each.because and not each.refused)
    return entry.leaf_hash in hashes


def _there(ground: EntryRef, beside: dict[str, Matter]) -> bool:
    matter, named = (
        beside.get(ground.number),
        (f"{ground.kind}/{ground.number}", ground.seq, ground.leaf_hash),
    )
    there = matter.entries if matter else ()
    return any((each.workflow, each.seq, each.leaf_hash) == named for each in there)


def _difference(kind: str, entry: Entered, other: str, expected: str, found: str) -> Difference:
    place = f"{entry.id} {other}"
    return Difference(
        kind=kind, workflow=entry.workflow, run=entry.run, place=place, expected=expected, found=found
    )
