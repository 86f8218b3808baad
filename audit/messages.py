"""Messages from outside: each update that was accepted and each signal that came must have left an entry.

The one exception is to be told of another matter's entry that changes nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.api.update.v1 import Input

from audit.calls import Call
from audit.history import Held
from audit.verdicts import Finding
from ledger.entry import Entry
from rules.facts import digest_of
from schemas.kin import EntryRef
from workflows.kin import told_id

REGISTER = "register"
PAST = "past_acts"
TOLD = "told"

ID_PART = 80
"""A second, different act under a known id is refused under this much of the id, `~` and its digest."""


def unanswered(held: Held, calls: Sequence[Call], chain: Sequence[Entry]) -> Iterator[Finding]:
    """Messages of a history that no entry of the case tells of.

    Not missed are those whose record the ledger refused for good (the call failed, and is on record with
    that), and in an open run those that may still be under way.
    """
    acts = {str(entry.data.get("actid")) for entry in chain if "actid" in entry.data}
    registered = any(entry.data.get("act") == REGISTER for entry in chain)
    given_up = max((call.ended.event_id for call in calls if call.ended and not call.succeeded), default=0)
    under_way = _under_way(held, calls)
    because = {_key(entry.data["because"]) for entry in chain if "because" in entry.data}
    nothing = set(_changed_nothing(held.history))
    for event in held.history.events:
        if under_way <= event.event_id or event.event_id < given_up or _id(event) in nothing:
            continue
        for wanted in _wanted(event):
            told = registered if wanted == (REGISTER,) else _told(wanted, acts) or wanted[-1] in because
            if not told:
                said = f"{_what(event)}: 总账中没有其记录 / no entry tells of it ({wanted[0]})"
                yield Finding(said=said, event=event.event_id)


def _under_way(held: Held, calls: Sequence[Call]) -> int:
    """The event from which on an open run may not have answered yet; behind the last one for a closed run."""
    events = held.history.events
    if not held.open:
        return len(events) + 1
    done = [event.event_id for event in events if event.HasField("workflow_task_completed_event_attributes")]
    pending = [call.scheduled.event_id for call in calls if call.ended is None]
    answered = {
        event.workflow_execution_update_completed_event_attributes.accepted_event_id for event in events
    }
    waiting = [
        event.event_id
        for event in events
        if event.HasField("workflow_execution_update_accepted_event_attributes")
        and event.event_id not in answered
    ]
    if pending:
        done = [each for each in done if each < pending[0]][:-1]
    return min([done[-1] if done else 0, *waiting])


def _changed_nothing(history: History) -> Iterator[str]:
    """Ids of updates that told of an entry of another matter, and were answered that it changes nothing here.

    What was looked up is compared with the ledger, and strict replay decides once more what follows from it:
    an answer of nothing, where something was to follow, is found there.
    """
    told = {_id(event) for event in history.events if (update := _update(event)) and update.name == TOLD}
    for event in history.events:
        done = event.workflow_execution_update_completed_event_attributes
        if done.meta.update_id in told and done.outcome.HasField("success"):
            answer = _read(b"".join(payload.data for payload in done.outcome.success.payloads))
            if answer.get("receipts") == []:
                yield done.meta.update_id


def _wanted(event: HistoryEvent) -> Iterator[tuple[str, ...]]:
    """For each act in a message the ids under which its entry may stand."""
    if update := _update(event):
        yield from _updated(update.name, update.args.payloads)
    elif event.HasField("workflow_execution_signaled_event_attributes"):
        signal = event.workflow_execution_signaled_event_attributes
        yield _signalled(signal.signal_name, [each.data for each in signal.input.payloads])


def _updated(name: str, arguments: Sequence[Payload]) -> Iterator[tuple[str, ...]]:
    if name == REGISTER:
        yield (REGISTER,)
        return
    if name == TOLD:
        entry = _entry(arguments)
        yield (told_id(entry), _key(entry.model_dump())) if entry else (TOLD,)
        return
    message = _read(arguments[0].data) if arguments else {}
    acts = message.get("acts") if name == PAST else [{"message": message}]
    for each in acts if isinstance(acts, list) else []:
        inner = each.get("message") if isinstance(each, dict) else None
        yield (str((inner or {}).get("id", "")).strip(),)


def _signalled(name: str, arguments: Sequence[bytes]) -> tuple[str, ...]:
    """As an act, under its id; as something nobody can act on, under the digest of its bytes."""
    refused = f"signal/{digest_of([name, [each.hex() for each in arguments]])[:32]}"
    message = _read(arguments[0]) if arguments else {}
    given = message.get("id", message.get("decision_id"))
    return (given.strip(), refused) if isinstance(given, str) else (refused,)


def _told(wanted: Sequence[str], acts: set[str]) -> bool:
    return any(each in acts or any(act.startswith(f"{each[:ID_PART]}~") for act in acts) for each in wanted)


def _what(event: HistoryEvent) -> str:
    update = _update(event)
    return update.name if update else event.workflow_execution_signaled_event_attributes.signal_name


def _update(event: HistoryEvent) -> Input | None:
    """What an update says; after a reset that is told where it is let in again, not where it is accepted."""
    if event.HasField("workflow_execution_update_admitted_event_attributes"):
        return event.workflow_execution_update_admitted_event_attributes.request.input
    accepted = event.workflow_execution_update_accepted_event_attributes
    return accepted.accepted_request.input if accepted.HasField("accepted_request") else None


def _id(event: HistoryEvent) -> str:
    """Id of the update that an event lets in; empty for other events."""
    if event.HasField("workflow_execution_update_admitted_event_attributes"):
        return event.workflow_execution_update_admitted_event_attributes.request.meta.update_id
    return event.workflow_execution_update_accepted_event_attributes.accepted_request.meta.update_id


def _entry(arguments: Sequence[Payload]) -> EntryRef | None:
    try:
        return EntryRef.model_validate_json(arguments[0].data) if arguments else None
    except ValidationError:
        return None


def _key(entry: Any) -> str:
    """An entry of another matter, as one text."""
    return orjson.dumps(entry, option=orjson.OPT_SORT_KEYS).decode()


def _read(data: bytes) -> dict[str, Any]:
    try:
        message = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return message if isinstance(message, dict) else {}
