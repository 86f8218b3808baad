"""Histories of a real engine beside a real ledger: who changes either side contradicts the other."""

from __future__ import annotations

import asyncio
import re
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update
from temporalio.api.history.v1 import History

from audit.calls import heads_of
from audit.completeness import completeness
from audit.gather import read_stored
from audit.history import Held, from_file
from audit.replay import audit_all, audit_file, judge
from audit.verdicts import Check, Kind, Source, Verdict
from ledger.entry import Entry
from ledger.tables import ledger_entry
from schemas.errors import NotFoundError, VerificationError
from starter.server import binary
from tests.audit.desks import SCHEDULED, Desk, event_of, history_in, named
from tests.audit.forgery import content, failures, forged, nth, swap, verdicts
from tests.ledger.tampering import at as entry_at
from tests.ledger.tampering import edit, rewrite

pytestmark = pytest.mark.asyncio(loop_scope="session")


# -- what is as it should be ----------------------------------------------------------------------


async def test_every_course_is_green_beside_its_ledger(desk: Desk, numbers: dict[str, str]) -> None:
    told = await audit_all(
        desk.ledger.engine, list(numbers.values()), desk.reach, desk.children, lambda _: None
    )
    assert len(told) > len(numbers), "one of them went on in new runs"
    assert {run.case for run in told} == set(numbers.values())
    for run in told:
        green = dict.fromkeys(Kind, Verdict.PASS) | {Kind.INTEGRITY: run.checks[0].verdict}
        assert verdicts(run.checks) == green, run
        assert run.checks[0].verdict is not Verdict.FAIL
        assert run.open == (run.case == numbers["untouched"])


async def test_a_number_nobody_knows(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        await desk.audit("LX-2037-999999")


async def test_a_file_of_the_stock_command_line(desk: Desk, numbers: dict[str, str], tmp_path: Path) -> None:
    """`temporal workflow show --output json`, with nothing of ours in between."""
    line = [
        str(binary()),
        "workflow",
        "show",
        "--output",
        "json",
        "--workflow-id",
        f"case/{numbers['delivered']}",
    ]
    where = ["--address", desk.house.client.service_client.config.target_host, "--namespace", "default"]
    file = tmp_path / "history.json"
    with file.open("wb") as output:
        await asyncio.to_thread(subprocess.check_call, [*line, *where], stdout=output)
    held = from_file(file)
    stored = read_stored(desk.ledger.engine, held.case)
    audit = await asyncio.to_thread(audit_file, held, stored, desk.children)
    assert not failures(audit), audit
    assert verdicts(audit.checks)[Kind.COMPLETENESS] is Verdict.PASS
    assert held.history == await history_in(desk, held.case)
    swap(content(held.history, SCHEDULED, 2).input.payloads, "必须写明意见", "不必写明意见")
    again = await asyncio.to_thread(audit_file, held, stored, desk.children)
    assert failures(again)[Kind.STRICT][0] == nth(held.history, SCHEDULED, 2).event_id


# -- a changed ledger -----------------------------------------------------------------------------


async def test_a_changed_leaf_is_named_though_every_hash_fits(thief: Desk, numbers: dict[str, str]) -> None:
    case = numbers["delivered"]
    before = read_stored(thief.ledger.engine, case).chain[3]
    with thief.ledger.engine.begin() as connection:
        rewrite(connection, case, 4, actor="9999")
    (audit,) = await thief.audit(case)
    assert set(failures(audit)) == {Kind.STRICT}
    strict = audit.checks[-1]
    assert named(audit, Kind.STRICT)[0] == (event_of(await history_in(thief, case), before), 4)
    assert "actor" in strict.findings[0].said
    assert strict.findings[0].entry == before.id


async def test_an_entry_under_another_name(thief: Desk, numbers: dict[str, str]) -> None:
    """Its id is not what its call makes it, and the receipt says so."""
    case = numbers["delivered"]
    with thief.ledger.engine.begin() as connection:
        edit(connection, case, 5, id="0" * 64, actor="9999")
    (audit,) = await thief.audit(case)
    assert set(failures(audit)) == {Kind.COMPLETENESS}
    assert (failures(audit)[Kind.COMPLETENESS], named(audit, Kind.COMPLETENESS)[0][1]) == (
        (nth(await history_in(thief, case), "ActivityTaskCompleted", 4).event_id,),
        5,
    )


@pytest.mark.parametrize("leaf", [b"", b"{}", b"[]", b"\xff"])
async def test_a_leaf_that_is_none(leaf: bytes, thief: Desk, numbers: dict[str, str]) -> None:
    case = numbers["delivered"]
    with thief.ledger.engine.begin() as connection:
        connection.execute(update(ledger_entry).where(entry_at(case, 2)).values(leaf=leaf))
    with pytest.raises(VerificationError, match="cannot be read"):
        await thief.audit(case)


async def test_a_lost_entry_is_missed_at_its_call(thief: Desk, numbers: dict[str, str]) -> None:
    """From the middle and from the end."""
    case = numbers["delivered"]
    chain, history = read_stored(thief.ledger.engine, case).chain, await history_in(thief, case)
    with thief.ledger.engine.begin() as connection:
        connection.execute(delete(ledger_entry).where(entry_at(case, 4) | entry_at(case, len(chain))))
    (audit,) = await thief.audit(case)
    lost = (event_of(history, chain[3]), event_of(history, chain[-1]))
    assert set(failures(audit)) == {Kind.COMPLETENESS}
    assert {lost[0], lost[1]} <= set(failures(audit)[Kind.COMPLETENESS])


async def test_a_whole_case_that_is_gone(thief: Desk, numbers: dict[str, str]) -> None:
    case = numbers["asked"]
    with thief.ledger.engine.begin() as connection:
        connection.execute(delete(ledger_entry).where(ledger_entry.c.case_id == case))
    (audit,) = await thief.audit(case)
    assert set(failures(audit)) == {Kind.COMPLETENESS}


@pytest.mark.parametrize(
    ("fields", "run"), [({"activityid": "77"}, "same"), ({"wfrunid": "elsewhere"}, "other")]
)
async def test_an_entry_that_no_call_made(
    fields: dict[str, str], run: str, thief: Desk, numbers: dict[str, str]
) -> None:
    """Added to the end of the chain: under the run's name, or under that of a run that never was."""
    case = numbers["delivered"]
    with thief.ledger.engine.begin() as connection:
        last = connection.execute(
            select(ledger_entry).where(ledger_entry.c.case_id == case).order_by(ledger_entry.c.seq.desc())
        ).first()
        assert last is not None
        row = last._asdict() | {"seq": last.seq + 1, "id": "added", "business_key": None}
        del row["pos"]
        connection.execute(insert(ledger_entry).values(row))
        edit(connection, case, last.seq + 1, caseseq=last.seq + 1, id="added", **fields)
    told = await thief.audit(case)
    failing = [audit for audit in told if audit.failed]
    assert [set(failures(audit)) for audit in failing] == [{Kind.COMPLETENESS}]
    assert named(failing[0], Kind.COMPLETENESS)[-1] == (None, last.seq + 1)
    assert (failing[0].source is Source.MISSING) == (run == "other")


async def test_an_entry_recorded_at_another_time_than_its_call(thief: Desk, numbers: dict[str, str]) -> None:
    """Judged as a ledger on a real clock is; the simulated one keeps the matter's own time."""
    case = numbers["delivered"]
    held = next(iter((await thief.matter(case)).runs.values()))
    heads = heads_of(held.history)

    def check() -> Check:
        return completeness(held, read_stored(thief.ledger.engine, case).chain, heads, real=True)

    assert check().verdict is Verdict.PASS
    entry = read_stored(thief.ledger.engine, case).chain[4]
    moved = _later(entry, timedelta(hours=-2))
    with thief.ledger.engine.begin() as connection:
        edit(connection, case, 5, recordedtime=moved)
    assert failures([check()]) == {Kind.COMPLETENESS: (event_of(held.history, entry),)}


def _later(entry: Entry, span: timedelta) -> str:
    return (datetime.fromisoformat(entry.recorded) + span).isoformat(timespec="microseconds")


# -- a changed history ----------------------------------------------------------------------------


async def test_a_message_without_its_entry(desk: Desk, numbers: dict[str, str]) -> None:
    """An update and a signal that the history holds, and the ledger knows nothing of."""
    case = numbers["delivered"]

    def strangers(history: History) -> None:
        swap(
            content(history, "WorkflowExecutionUpdateAccepted", 1).accepted_request.input.args.payloads,
            '"id":"',
            '"id":"x',
        )
        swap(content(history, "WorkflowExecutionSignaled").input.payloads, "no envelope", "another one")

    history = forged(await history_in(desk, case), strangers)
    audit = await desk.forged(case, history)
    missed = failures(audit)[Kind.COMPLETENESS]
    assert missed == (
        nth(history, "WorkflowExecutionUpdateAccepted", 1).event_id,
        nth(history, "WorkflowExecutionSignaled").event_id,
    )


async def test_a_forged_receipt_that_nothing_in_the_history_contradicts(
    desk: Desk, numbers: dict[str, str]
) -> None:
    """The receipt of what time brought: nobody was told of it, so that only the ledger knows better."""
    case = numbers["untouched"]

    def receipt(history: History) -> None:
        (payload,) = content(history, "ActivityTaskCompleted", 1).result.payloads
        payload.data = re.sub(rb'"leaf_hash":"[0-9a-f]{64}"', b'"leaf_hash":"%s"' % (b"0" * 64), payload.data)

    history = forged(await history_in(desk, case), receipt)
    audit = await desk.forged(case, history)
    assert set(failures(audit)) == {Kind.STRICT}
    assert nth(history, "ActivityTaskCompleted", 1).event_id in failures(audit)[Kind.STRICT]


async def test_a_history_cut_short_and_called_open(desk: Desk, numbers: dict[str, str]) -> None:
    """Wherever it is cut before its last call: the ledger knows how it went on."""
    case = numbers["asked"]
    whole = await history_in(desk, case)
    last = nth(whole, SCHEDULED, -1).event_id
    matter = await desk.matter(case)
    (run_id,) = matter.runs
    for length in range(2, last):
        cut = Held(History(events=whole.events[:length]), Source.ENGINE, run_id, "default", open=True)
        check = completeness(cut, matter.stored.chain, heads_of(cut.history), real=False)
        assert check.verdict is Verdict.FAIL, length


async def test_a_run_of_a_chain_that_is_gone(desk: Desk, numbers: dict[str, str]) -> None:
    """Its neighbours miss it, and its entries have no history."""
    matter = await desk.matter(numbers["resumed"])
    first, second, third, *_ = matter.runs
    without = replace(matter, runs={run: held for run, held in matter.runs.items() if run != second})
    told = {audit.run_id: audit for audit in await asyncio.to_thread(judge, without, desk.children)}
    last = len(matter.runs[first].history.events)
    assert failures(told[first]) == {Kind.STRUCTURE: (last,)}
    assert failures(told[third]) == {Kind.STRUCTURE: (1,)}
    assert set(failures(told[second])) == {Kind.COMPLETENESS}
