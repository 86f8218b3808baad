"""Testimonies: what a history says that other matters' entries hold, against the ledger that holds them.

A matter believes what it looked up, and replay believes the history: an altered answer replays green, with
all that follows from it. So every answer is read in the ledger once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson
from pydantic import ValidationError
from sqlalchemy import Connection
from temporalio.api.history.v1 import History, HistoryEvent

from audit.history import Held
from audit.verdicts import Finding
from ledger.entry import Entry
from ledger.read import entries
from ledger.testimony import acted_in, testimony
from schemas.kin import EntryRef, Testimony

TOLERANCE = timedelta(seconds=60)
"""How far the clocks of engine and ledger may lie apart."""

ENTRY, PEOPLE = "look_up", "acted_in"
"""Names of the activities that read of other matters: an entry, and who acted."""


@dataclass(frozen=True)
class LookUp:
    """One time that a matter looked something up."""

    event: int
    at: datetime
    what: str
    """Name of the activity."""
    asked: bytes
    """What it asked for, as JSON."""
    ended: HistoryEvent | None = None

    @property
    def entry(self) -> EntryRef | None:
        """The entry that was asked for; None where it cannot be read."""
        try:
            return EntryRef.model_validate_json(self.asked)
        except ValidationError:
            return None

    @property
    def succeeded(self) -> bool:
        """Whether there was an answer."""
        return self.ended is not None and self.ended.HasField("activity_task_completed_event_attributes")

    @property
    def answer(self) -> object:
        """The answer, as JSON says it; None where there is none, or none that can be read."""
        return (
            _json(self.ended.activity_task_completed_event_attributes.result.payloads) if self.ended else None
        )


@dataclass(frozen=True)
class Cited:
    """What the ledger holds where histories point to it."""

    entries: Mapping[EntryRef, Testimony | None]
    """None where it holds nothing of the kind."""
    chains: Mapping[str, Sequence[Entry]]
    """Of the matters of which it was asked who acted in them, by number."""


def look_ups_of(history: History) -> list[LookUp]:
    """All of them, in their order."""
    found: dict[int, LookUp] = {}
    for event in history.events:
        asked = event.activity_task_scheduled_event_attributes
        if asked.activity_type.name in (ENTRY, PEOPLE):
            said = b"".join(payload.data for payload in asked.input.payloads)
            at, name = event.event_time.ToDatetime(tzinfo=UTC), asked.activity_type.name
            found[event.event_id] = LookUp(event.event_id, at, name, said)
        done = event.activity_task_completed_event_attributes.scheduled_event_id
        failed = event.activity_task_failed_event_attributes.scheduled_event_id
        begun = found.get(done or failed)
        if begun is not None:
            found[begun.event] = replace(begun, ended=event)
    return list(found.values())


def cited(connection: Connection, histories: Iterable[Held]) -> Cited:
    """What the ledger holds of everything that these histories looked up."""
    asked = [each for held in histories for each in look_ups_of(held.history)]
    refs = {each.entry for each in asked if each.what == ENTRY and each.entry}
    numbers = {_number(each) for each in asked if each.what == PEOPLE}
    return Cited(
        {entry: testimony(connection, entry) for entry in refs},
        {number: entries(connection, number) for number in numbers},
    )


def false_testimonies(held: Held, known: Cited, *, real: bool = True) -> Iterator[Finding]:
    """Answers other than the ledger's: another content, an entry that is not there, one that was denied.

    `real` says that history and ledger keep the same time.
    """
    for each in look_ups_of(held.history):
        if each.ended is not None:
            wrong = _entry_wrong(each, known) if each.what == ENTRY else _people_wrong(each, known, real=real)
            if wrong:
                said = f"查询结果与总账不符 / not what the ledger says: {wrong}"
                yield Finding(said=said, event=each.ended.event_id)


def _entry_wrong(each: LookUp, known: Cited) -> str:
    """What differs, in words; empty where nothing does."""
    there = known.entries.get(each.entry) if each.entry else None
    where = each.entry.id if each.entry else "unreadable"
    if each.succeeded and there is None:
        return f"{where}: no such entry"
    if not each.succeeded:
        return f"{where}: the ledger holds it" if there else ""
    told = there.model_dump(mode="json") if there else {}
    said = each.answer if isinstance(each.answer, dict) else {}
    differing = sorted(name for name in {*told, *said} if said.get(name) != told.get(name))
    return f"{where}: {', '.join(differing)}" if differing else ""


def _people_wrong(each: LookUp, known: Cited, *, real: bool) -> str:
    """More may have acted since; nobody who acted before is left out, or put in."""
    number, answer = _number(each), each.answer
    chain = known.chains.get(number, ())
    before = [
        entry for entry in chain if real and datetime.fromisoformat(entry.recorded) < each.at - TOLERANCE
    ]
    there = [list(who) for who in acted_in(chain)]
    right = (
        isinstance(answer, list) and answer == there[: len(answer)] and len(answer) >= len(acted_in(before))
    )
    return "" if right or not each.succeeded else f"{number}: who acted in it"


def _number(each: LookUp) -> str:
    try:
        return str(orjson.loads(each.asked))
    except orjson.JSONDecodeError:
        return ""


def _json(payloads: Iterable[object]) -> object:
    try:
        return orjson.loads(b"".join(getattr(payload, "data", b"") for payload in payloads))
    except orjson.JSONDecodeError:
        return None
