"""What the ledger holds of cases: which acts are in, and how a closed case came out.

The importer asks before it sends anything, and again when it is done: its summary is what was
recorded, never what was read from the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import select

from ledger.db import Ledger, snapshot
from ledger.tables import ledger_entry

_CASES_AT_ONCE = 500
_END = "end_of_log"


@dataclass(frozen=True, slots=True)
class DoneAct:
    """An act of a log as it is recorded."""

    officer: str
    at: datetime
    activity: str


@dataclass(frozen=True, slots=True)
class Irregular:
    """What the rules would have refused in a case, who did it, and how often."""

    code: str
    people: tuple[str, ...]
    times: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case came out, from its closing entry. Days are local days of the log's place."""

    promise: str
    """`kept`, `overdue` or `unfinished`."""
    after_deadline: bool
    received_day: date
    promise_due: date | None
    ready_day: date | None
    last_act: datetime
    irregularities: tuple[Irregular, ...]


@dataclass(slots=True)
class Recorded:
    """What is in the ledger of one case."""

    digest: str = ""
    entries: int = 0
    acts: dict[str, DoneAct] = field(default_factory=dict)
    """By act id; the end of the log is not counted."""
    outcome: Outcome | None = None
    """None while the case is open."""


def recorded(ledger: Ledger, numbers: Sequence[str]) -> dict[str, Recorded]:
    """What the ledger holds of these cases; those it does not know are left out."""
    found: dict[str, Recorded] = {}
    for event in _events(ledger, numbers):
        _add(found.setdefault(event["subject"], Recorded()), event)
    return found


def _events(ledger: Ledger, numbers: Sequence[str]) -> Iterator[dict[str, Any]]:
    columns = ledger_entry.c
    with snapshot(ledger.engine) as connection:
        for start in range(0, len(numbers), _CASES_AT_ONCE):
            part = numbers[start : start + _CASES_AT_ONCE]
            query = select(columns.leaf).where(columns.case_id.in_(part)).order_by(columns.pos)
            for leaf in connection.execute(query).scalars():
                yield orjson.loads(leaf)


def _add(case: Recorded, event: dict[str, Any]) -> None:
    case.entries += 1
    data, kind = event["data"], event["type"]
    if kind == "case.registered":
        case.digest = data.get("digest", "")
    elif kind == "case.closed" and data.get("act") == _END:
        case.outcome = _outcome(data)
    elif kind != "act.refused" and "actid" in data:
        at = datetime.fromisoformat(event["time"])
        case.acts[data["actid"]] = DoneAct(event["actor"], at, data.get("reason", ""))


def _outcome(data: dict[str, Any]) -> Outcome:
    late = {clock["clock"]: clock["breached"] for clock in data["clocks"]}
    ready, view = _day(data["ready_day"]), data["view"]
    return Outcome(
        promise="unfinished" if ready is None else "overdue" if late.get("promise") else "kept",
        after_deadline=late.get("statutory", False),
        received_day=date.fromisoformat(view["received_day"]),
        promise_due=_day(view["promise_due"]),
        ready_day=ready,
        last_act=datetime.fromisoformat(data["last_act"]),
        irregularities=tuple(
            Irregular(found["code"], tuple(found["people"]), found["times"])
            for found in data["irregularities"]
        ),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
