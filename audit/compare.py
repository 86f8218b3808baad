"""One matter, held against its histories both ways.

Every receipt that a history holds must be an entry, and every entry must have a history that asked for it.
What one side has and the other has not is a difference with a stable name and place: it is told once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import DecodeError
from pydantic import ValidationError
from temporalio.api.history.v1 import History

from audit.recorded import Call, calls, marks
from ledger.canonical import leaf_hash
from ledger.entry import Event
from ledger.histories import case_of
from rules.procedures import has_ended
from schemas.entries import Receipt
from schemas.kin import BEGINS, EntryRef, named_in
from schemas.upkeep import Difference


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry, as far as a history can tell of it."""

    id: str
    seq: int
    leaf_hash: str
    workflow: str
    """Empty for an entry that no workflow made."""
    run: str
    namespace: str
    activity_id: str
    input_hash: str
    ends: bool
    """The matter is over after it."""
    recorded: str
    refused: bool
    """It tells of a refusal."""
    begins: tuple[str, ...]
    """Workflow ids of the matters that it begins."""
    because: EntryRef | None
    """The entry of another matter that it rests on."""


@dataclass(slots=True)
class Side:
    """One run: what the engine and the archive hold of it."""

    workflow: str
    run: str
    live: bytes | None = None
    """History (protobuf) at the engine; None where it has none."""
    kept: bytes | None = None
    """History (protobuf) in the archive."""
    overdue: bool = False
    """Closed for longer than its history may wait to be kept, and not kept."""
    deleted_early: bool = False
    """Kept, and gone from the engine before its retention was over."""


@dataclass(slots=True)
class Matter:
    """One matter: its entries, and its runs by id."""

    case: str
    entries: list[Entered] = field(default_factory=list)
    sides: dict[str, Side] = field(default_factory=dict)

    def side(self, workflow: str, run: str) -> Side:
        """The run of that id, known from now on."""
        return self.sides.setdefault(run, Side(workflow, run))


def entered(event: Event, leaf: bytes) -> Entered:
    """What is compared of an entry; its hash is computed from its bytes."""
    data = event["data"] if isinstance(event.get("data"), dict) else {}
    return Entered(
        id=str(event.get("id")),
        seq=int(event.get("caseseq", 0)),
        leaf_hash=leaf_hash(leaf),
        workflow=str(event.get("wfid", "")),
        run=str(event.get("wfrunid", "")),
        namespace=str(event.get("wfnamespace", "")),
        activity_id=str(event.get("activityid", "")),
        input_hash=str(event.get("inputhash", "")),
        ends=_ends(data),
        recorded=str(event.get("recordedtime", "")),
        refused=event.get("type") == "act.refused",
        begins=named_in(data, BEGINS),
        because=ref_in(data.get("because")),
    )


def ref_in(because: object) -> EntryRef | None:
    """The entry that is pointed to; None where nothing is, or not in a way that can be read."""
    try:
        return EntryRef.model_validate(because) if because else None
    except ValidationError:
        return None


def _ends(data: dict[str, Any]) -> bool:
    view = data.get("view")
    return isinstance(view, dict) and has_ended(str(view.get("kind")), str(view.get("state")))


def compare(matter: Matter) -> Iterator[Difference]:
    """All differences between a matter's entries and its histories."""
    by_id = {entry.id: entry for entry in matter.entries}
    for entry in matter.entries:
        if not entry.run or case_of(entry.workflow) != matter.case:
            asked = f"a run of {matter.case}"
            yield _difference("entry_extra", entry, expected=asked, found=entry.workflow or "no workflow")
    for side in matter.sides.values():
        own = [entry for entry in matter.entries if (entry.workflow, entry.run) == (side.workflow, side.run)]
        yield from _of_run(side, own, by_id)


def _of_run(side: Side, own: list[Entered], by_id: dict[str, Entered]) -> Iterator[Difference]:
    raw = side.kept if side.live is None else side.live
    if raw is None:
        if own:
            found = "neither the engine nor the archive has it"
            yield _at(side, "run_lost", expected=f"the history of {len(own)} entries", found=found)
        return
    history, kept = parsed(raw), parsed(side.kept) if side.kept is not None else None
    if history is None or not history.events:
        yield _at(side, "history_unreadable", expected="a history", found=f"{len(raw)} bytes")
        return
    if side.live is not None and side.kept is not None and history != kept:
        yield _at(side, "archive_differs", expected="what the engine holds", found="another history")
    if side.deleted_early:
        yield _at(side, "run_deleted", expected="kept by the engine until its retention ends", found="gone")
    if side.overdue:
        yield _at(side, "not_archived", expected="kept since it was closed", found="not kept")
    yield from _interfered(side, history, own)
    yield from _entries_of(side, calls(history), own, by_id)


def parsed(raw: bytes) -> History | None:
    """The history in these bytes; None where there is none."""
    try:
        return History.FromString(raw)
    except DecodeError:
        return None


def _interfered(side: Side, history: History, own: list[Entered]) -> Iterator[Difference]:
    """A failure is lawful for a submission that was turned away on record; nothing else is."""
    ended = bool(own) and max(own, key=lambda entry: entry.seq).ends
    for mark in marks(history):
        if not (mark.kind == "failed" and ended):
            asked = "an end of the procedure's own" if mark.kind != "reset" else "one course of events"
            yield _at(side, mark.kind, f"event {mark.event}", expected=asked, found=mark.said)


def _entries_of(
    side: Side, asked: list[Call], own: list[Entered], by_id: dict[str, Entered]
) -> Iterator[Difference]:
    receipts = [receipt for call in asked for receipt in call.receipts or ()]
    if receipts and not own and not any(receipt.id in by_id for receipt in receipts):
        yield _at(side, "run_without_entries", expected=f"{len(receipts)} entries", found="none")
        return
    for call in asked:
        if call.completed and call.receipts is None:
            yield _at(side, "receipt_unreadable", f"event {call.event}", expected="receipts", found="none")
        for receipt in call.receipts or ():
            yield from _receipt(side, call, receipt, by_id.get(receipt.id))
    yield from _extra(side, asked, own)


def _receipt(side: Side, call: Call, receipt: Receipt, entry: Entered | None) -> Iterator[Difference]:
    expected = f"seq {receipt.caseseq} {receipt.leaf_hash}"
    if entry is None:
        yield _at(side, "entry_missing", receipt.id, expected=expected, found="no such entry")
    elif (entry.seq, entry.leaf_hash) != (receipt.caseseq, receipt.leaf_hash):
        found = f"seq {entry.seq} {entry.leaf_hash}"
        yield _at(side, "entry_different", receipt.id, expected=expected, found=found)
    elif entry.input_hash != call.input_hash:
        said = f"input {call.input_hash}"
        yield _at(side, "entry_different", receipt.id, expected=said, found=f"input {entry.input_hash}")


def _extra(side: Side, asked: list[Call], own: list[Entered]) -> Iterator[Difference]:
    """Entries nobody asked for. A call still under way may have its entry before it has its result."""
    by_activity = {call.activity_id: call for call in asked if call.run == side.run}
    for entry in own:
        call = by_activity.get(entry.activity_id)
        if call is None:
            said = f"no call of the recorder with activity id {entry.activity_id}"
            yield _difference("entry_extra", entry, expected="a call that asked for it", found=said)
        elif call.receipts is not None and entry.id not in {receipt.id for receipt in call.receipts}:
            said = f"event {call.event} got other receipts"
            yield _difference("entry_extra", entry, expected="a receipt for it", found=said)


def _at(side: Side, kind: str, place: str = "", *, expected: str, found: str) -> Difference:
    return Difference(
        kind=kind, workflow=side.workflow, run=side.run, place=place, expected=expected, found=found
    )


def _difference(kind: str, entry: Entered, *, expected: str, found: str) -> Difference:
    return Difference(
        kind=kind, workflow=entry.workflow, run=entry.run, place=entry.id, expected=expected, found=found
    )
