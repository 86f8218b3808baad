"""Kept histories: the archive's hash holds what no replay can judge, and what both sides agree to forge."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from temporalio.api.history.v1 import History

from audit.gather import Matter, read_stored
from audit.history import Held, run_of
from audit.replay import audit_file, judge
from audit.verdicts import Kind, Source, Verdict
from ledger.db import Ledger, snapshot
from ledger.merkle import leaf_hash as tree_leaf
from ledger.merkle import root_of
from ledger.tables import ledger_entry, ledger_history
from tests.audit.desks import Desk, archived, history_in
from tests.audit.forgery import content, copied, failures, forged, nth, swap, verdicts
from tests.audit.forging_both import fit

pytestmark = pytest.mark.asyncio(loop_scope="session")


# -- the archive ----------------------------------------------------------------------------------


async def test_archived_bytes_are_what_the_ledger_hashed(thief: Desk, numbers: dict[str, str]) -> None:
    run_id = await archived(thief, numbers["delivered"])
    (audit,) = await thief.audit(numbers["delivered"])
    assert (audit.run_id, audit.source) == (run_id, Source.ARCHIVE)
    assert verdicts(audit.checks) == dict.fromkeys(Kind, Verdict.PASS)


def somebody_else(history: History) -> None:
    content(history, "WorkflowExecutionUpdateAccepted", 1)
    history.events[30].event_time.nanos += 1
    for event in history.events:
        if event.HasField("workflow_task_completed_event_attributes"):
            event.workflow_task_completed_event_attributes.identity = "somebody else"


async def test_a_changed_archive_fails_by_its_hash_alone(thief: Desk, numbers: dict[str, str]) -> None:
    """Identities and times that no replay looks at."""
    case = numbers["delivered"]
    run_id = await archived(thief, case)
    history = forged(await history_in(thief, case), somebody_else)
    with thief.ledger.engine.begin() as connection:
        connection.execute(
            update(ledger_history)
            .where(ledger_history.c.run_id == run_id)
            .values(protobuf=history.SerializeToString())
        )
    (audit,) = await thief.audit(case)
    assert set(failures(audit)) == {Kind.INTEGRITY}


async def test_a_file_differs_from_the_archive_at_its_event(thief: Desk, numbers: dict[str, str]) -> None:
    case = numbers["delivered"]
    await archived(thief, case)
    history = await history_in(thief, case)
    stored = read_stored(thief.ledger.engine, case)
    held = Held(forged(history, somebody_else), Source.FILE, run_of(history))
    audit = await asyncio.to_thread(audit_file, held, stored, thief.children)
    first = nth(history, "WorkflowTaskCompleted").event_id
    assert failures(audit) == {Kind.INTEGRITY: (first,)}


@pytest.mark.parametrize("which", ["row", "entry", "broken"])
async def test_an_archive_of_which_a_part_is_gone(which: str, thief: Desk, numbers: dict[str, str]) -> None:
    case = numbers["delivered"]
    run_id = await archived(thief, case)
    with thief.ledger.engine.begin() as connection:
        if which == "row":
            connection.execute(delete(ledger_history))
        elif which == "entry":
            connection.execute(delete(ledger_entry).where(ledger_entry.c.case_id == f"history/{case}"))
        else:
            connection.execute(update(ledger_history).values(protobuf=b"\x0a\xff\xff"))
    told = await thief.audit(case)
    assert {kind for audit in told for kind in failures(audit)} >= {Kind.INTEGRITY}
    assert all(audit.run_id == run_id for audit in told)


# -- both sides -----------------------------------------------------------------------------------


async def test_both_sides_changed_in_agreement(thief: Desk, numbers: dict[str, str]) -> None:
    """Nothing inside contradicts it: what convicts is a hash kept elsewhere, of history or of log."""
    case = numbers["delivered"]
    root = await asyncio.to_thread(_root, thief.ledger)
    genuine = await history_in(thief, case)
    run_id = await archived(thief, case)
    kept = read_stored(thief.ledger.engine, case)

    history = copied(genuine)
    swap(
        content(history, "WorkflowExecutionUpdateAccepted", 3).accepted_request.input.args.payloads,
        "申请人来电",
        "申请人从未来电",
    )
    await fit(thief.ledger, case, history)
    stored = replace(read_stored(thief.ledger.engine, case), archived={}, exports={})
    assert [each.leaf for each in stored.chain] != [each.leaf for each in kept.chain]
    held = Held(history, Source.ENGINE, run_id, "default")

    (alone,) = await asyncio.to_thread(judge, Matter(stored, {run_id: held}), thief.children)
    assert verdicts(alone.checks) == dict.fromkeys(Kind, Verdict.PASS) | {
        Kind.INTEGRITY: Verdict.NOT_APPLICABLE
    }
    exported = replace(stored, archived=kept.archived, exports=kept.exports)
    (beside,) = await asyncio.to_thread(judge, Matter(exported, {run_id: held}), thief.children)
    assert set(failures(beside)) == {Kind.INTEGRITY}
    assert await asyncio.to_thread(_root, thief.ledger) != root


def _root(ledger: Ledger) -> Any:
    """Root of the log over all leaves of matters, in their order: what a checkpoint kept elsewhere holds."""
    columns = ledger_entry.c
    with snapshot(ledger.engine) as connection:
        query = select(columns.leaf).where(columns.type != "case.history").order_by(columns.pos)
        return root_of([tree_leaf(bytes(leaf)) for leaf in connection.scalars(query)])
