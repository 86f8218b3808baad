"""The ledger's side of a reconciliation: cases, their entries, and what is kept of their runs, in portions.

Every portion is a look of its own at the database: a comparison that takes an hour holds up nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import orjson
from sqlalchemy import ColumnElement, Connection, func, not_, or_, select

from activities.runs import Run
from audit.compare import Matter, Side, entered
from ledger.db import Ledger, snapshot
from ledger.histories import STREAM_PREFIX, case_of
from ledger.tables import ledger_entry, ledger_history

OWN_STREAMS = ("attempts", "denials", "ledger.conflict", "ledger.incident", "ledger.key", "ledger.redaction")
"""Streams that no workflow writes, beside those of the kept histories."""

PORTION = 20
"""Matters looked at together."""

_ENTRY, _HISTORY = ledger_entry.c, ledger_history.c


def count_cases(connection: Connection) -> int:
    """How many matters there are to look at."""
    cases = select(_ENTRY.case_id).where(_is_matter()).distinct().subquery()
    return connection.scalar(select(func.count()).select_from(cases)) or 0


def next_cases(ledger: Ledger, last: str) -> list[str]:
    """The cases after `last`, in their order."""
    query = select(_ENTRY.case_id).where(_ENTRY.case_id > last, _is_matter()).distinct()
    with snapshot(ledger.engine) as connection:
        return list(connection.scalars(query.order_by(_ENTRY.case_id).limit(PORTION)))


def matters_of(ledger: Ledger, cases: Sequence[str]) -> dict[str, Matter]:
    """These cases with their entries, and the runs the entries name."""
    matters = {case: Matter(case) for case in cases}
    query = select(_ENTRY.case_id, _ENTRY.leaf).where(_ENTRY.case_id.in_(cases))
    with snapshot(ledger.engine) as connection:
        for row in connection.execute(query.order_by(_ENTRY.case_id, _ENTRY.seq)):
            entry = entered(orjson.loads(row.leaf), bytes(row.leaf))
            matters[row.case_id].entries.append(entry)
            if entry.run and case_of(entry.workflow) == row.case_id:
                matters[row.case_id].side(entry.workflow, entry.run)
    return matters


def add_kept(ledger: Ledger, matters: dict[str, Matter], found: Callable[[Side, datetime], None]) -> None:
    """Add the kept histories of these matters; `found` is told of each, and when its run was closed."""
    query = select(ledger_history).where(_HISTORY.case_id.in_(list(matters)))
    with snapshot(ledger.engine) as connection:
        for row in connection.execute(query.execution_options(yield_per=PORTION)):
            side = matters[row.case_id].side(row.workflow_id, row.run_id)
            side.kept = bytes(row.protobuf)
            found(side, datetime.fromisoformat(row.closed))


def unknown_cases(ledger: Ledger, runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Those of these runs whose case has no entry at all, by case."""
    cases = {case_of(run.workflow_id) for run in runs}
    query = select(_ENTRY.case_id).where(_ENTRY.case_id.in_(cases)).distinct()
    with snapshot(ledger.engine) as connection:
        known = set(connection.scalars(query))
    return _by_case(run for run in runs if case_of(run.workflow_id) not in known)


def archived_strangers(ledger: Ledger) -> dict[str, list[Run]]:
    """Kept runs whose case has no entry at all, by case."""
    there = select(_ENTRY.id).where(_ENTRY.case_id == _HISTORY.case_id).exists()
    query = select(_HISTORY.workflow_id, _HISTORY.run_id).where(~there)
    with snapshot(ledger.engine) as connection:
        return _by_case(Run(row.workflow_id, row.run_id) for row in connection.execute(query))


def _by_case(runs: Iterable[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(case_of(run.workflow_id), []).append(run)
    return found


def _is_matter() -> ColumnElement[bool]:
    own = _ENTRY.case_id.startswith(STREAM_PREFIX, autoescape=True)
    return not_(or_(_ENTRY.case_id.in_(OWN_STREAMS), own))
