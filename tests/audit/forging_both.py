"""A forger who owns history and ledger, and makes both sides fit each other again."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, select, text, update
from temporalio.api.history.v1 import History

import workflows
from audit.calls import Call, calls_of, request_in
from audit.history import content_of
from audit.leaves import provenance_of
from audit.regenerate import Replayed, regenerate
from audit.steps import own_of, without_undone
from audit.strict import tasks_of
from ledger.canonical import canonical, leaf_hash
from ledger.db import Ledger, open_database
from ledger.entry import NO_HASH, Entry, describe
from ledger.rows import row_of
from ledger.tables import ledger_case, ledger_entry
from schemas.entries import Receipt, Receipts

ENTRY, CASE = ledger_entry.c, ledger_case.c


def stolen(ledger: Ledger, folder: Path) -> Ledger:
    """A copy of an SQLite ledger in the hands of somebody who may do anything with it."""
    target = folder / "stolen.db"
    with (
        closing(sqlite3.connect(str(ledger.engine.url.database))) as there,
        closing(sqlite3.connect(target)) as here,
    ):
        there.backup(here)
    copy = open_database(f"sqlite:///{target}")
    disarm(copy)
    return copy


def disarm(ledger: Ledger) -> None:
    """Whoever owns a database owns its triggers."""
    with ledger.engine.begin() as connection:
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
        for name in names:
            connection.execute(text(f'DROP TRIGGER "{name}"'))


async def fit(ledger: Ledger, case: str, history: History) -> None:
    """Make a changed history of one run replay again, and the ledger agree with it.

    Answers hold receipts, which come back in the next round only.
    """
    for _ in range(3):
        _give_again(history, await _replayed(history))
        with ledger.engine.begin() as connection:
            _rewrite(connection, ledger, case, history)


async def _replayed(history: History) -> Replayed:
    async def one() -> AsyncIterator[History]:
        yield history

    return [each async for each in regenerate(workflows.ALL, one())][0]


def _give_again(history: History, replayed: Replayed) -> None:
    """Put what the replay gives into the events that tell of it."""
    for started, (_, steps) in tasks_of(history, own_of(history)).items():
        for (event_id, _), command in zip(
            steps, without_undone(replayed.commands.get(started, ())), strict=True
        ):
            event = content_of(history.events[event_id - 1])[1]
            for given, kept in _payloads(command, event):
                del kept[:]
                kept.extend(given)


def _payloads(command: Any, event: Any) -> Iterator[tuple[Any, Any]]:
    if command.HasField("schedule_activity"):
        yield command.schedule_activity.arguments, event.input.payloads
    elif command.HasField("update_response") and command.update_response.HasField("completed"):
        yield [command.update_response.completed], event.outcome.success.payloads
    elif command.HasField("complete_workflow_execution"):
        yield [command.complete_workflow_execution.result], event.result.payloads


def _rewrite(connection: Connection, ledger: Ledger, case: str, history: History) -> None:
    """The leaves the history now asks for, with everything that follows from them, and their receipts."""
    query = select(ENTRY.pos, ENTRY.leaf).where(ENTRY.case_id == case).order_by(ENTRY.seq)
    rows, prev = iter(connection.execute(query).all()), NO_HASH
    for call in calls_of(history):
        receipts = []
        for stable in _described(ledger, history, call):
            row = next(rows)
            kept = orjson.loads(row.leaf)
            names = ("recordedtime", "caseseq", "attempt", "appversion")
            event = stable | {name: kept[name] for name in names} | {"prevhash": prev}
            leaf = canonical(event)
            prev = leaf_hash(leaf)
            receipts.append(Receipt(id=event["id"], caseseq=event["caseseq"], leaf_hash=prev))
            connection.execute(
                update(ledger_entry).where(ENTRY.pos == row.pos).values(row_of(Entry(event, leaf, prev)))
            )
        assert call.ended is not None
        result = call.ended.activity_task_completed_event_attributes.result.payloads[0]
        result.data = Receipts(receipts=tuple(receipts)).model_dump_json().encode()
    connection.execute(update(ledger_case).where(CASE.case_id == case).values(head=prev))


def _described(ledger: Ledger, history: History, call: Call) -> list[dict[str, Any]]:
    request = request_in(call.argument)
    assert request is not None
    provenance = provenance_of(history, call, call.argument, "default")
    return [describe(ledger.origin.name, request, n, provenance) for n in range(len(request.entries))]
