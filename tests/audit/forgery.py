"""How histories are forged: stored ones with a change in them, and what an audit says of the result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import History, HistoryEvent

from audit.history import Held, content_of, from_json, name_of, run_of
from audit.verdicts import Check, Kind, RunAudit, Source, Verdict
from tests.replay.replaying import HISTORIES

Forge = Callable[[History], None]


def golden(name: str) -> History:
    """A stored history."""
    return from_json((HISTORIES / f"{name}.json").read_bytes(), name)


def copied(history: History) -> History:
    """The same again, to be changed."""
    copy = History()
    copy.CopyFrom(history)
    return copy


def forged(history: History, change: Forge) -> History:
    """A copy with a change in it."""
    copy = copied(history)
    change(copy)
    return copy


def held(history: History, *, open_run: bool = False) -> Held:
    """A history as if it came from a file."""
    return Held(history, Source.FILE, run_of(history), open=open_run)


def nth(history: History, name: str, n: int = 0) -> HistoryEvent:
    """The n-th event of a type, from 0; negative ones from the end."""
    return [event for event in history.events if name_of(event) == name][n]


def content(history: History, name: str, n: int = 0) -> Any:
    """Its content."""
    return content_of(nth(history, name, n))[1]


def swap(payloads: Iterable[Payload], old: str, new: str) -> None:
    """Put `new` for `old` in a payload, which must hold it."""
    payload = next(iter(payloads))
    assert old.encode() in payload.data, payload.data[:300]
    payload.data = payload.data.replace(old.encode(), new.encode())


def renumbered(history: History) -> None:
    """Give the events their ids anew; links go to the same events as before, or nowhere."""
    places = {event.event_id: place for place, event in enumerate(history.events, 1)}
    for place, event in enumerate(history.events, 1):
        event.event_id = place
        kept = content_of(event)[1]
        for field, value in kept.ListFields():
            if field.name.endswith("_event_id"):
                setattr(kept, field.name, places.get(value, value))


def verdicts(checks: Iterable[Check]) -> dict[Kind, Verdict]:
    """Kinds and verdicts of checks."""
    return {each.check: each.verdict for each in checks}


def failures(audit: RunAudit | Iterable[Check]) -> dict[Kind, tuple[int | None, ...]]:
    """For each check that failed the events it names."""
    checks = audit.checks if isinstance(audit, RunAudit) else audit
    return {
        each.check: tuple(found.event for found in each.findings)
        for each in checks
        if each.verdict is Verdict.FAIL
    }
