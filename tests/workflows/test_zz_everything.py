"""What must hold for all matters of the session together; runs last, over everything on record."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import pytest
import pytest_asyncio

from ledger.entry import Entry
from ledger.read import stream
from ledger.verify import verify
from readmodel.query import clocks as clock_rows
from readmodel.query import get_matter
from rules.procedures import PROCEDURES
from schemas.matters import Duty, Status
from tests.workflows.beside import beside
from tests.workflows.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

MANY = 60
"""Courses that make the record complete; with fewer selected there is nothing to conclude."""


@beside
async def test_a_record_of_the_past_is_closed_by_its_end_of_log(house: House) -> None:
    """Nothing is refused that has happened; only the end of the log is final (decision 7)."""
    past = {"source": "import"}
    case = await house.case("LX-LS-01", "06-08 09:00", start=past)
    await case.act("end_of_log", "system", who="system", until="2037-07-01T00:00:00+08:00")
    assert (await case.handle.result())["state"] == "closed"


@beside
async def test_the_end_of_a_log_is_not_for_living_matters(house: House) -> None:
    """Only an imported matter has one."""
    case = await house.case()
    until = {"until": "2037-07-01T00:00:00+08:00"}
    await case.refused("not_imported", "end_of_log", "window-clerk", **until)


@pytest_asyncio.fixture(loop_scope="session")
async def record(house: House, running: dict[Any, asyncio.Task[None]]) -> dict[str, list[Entry]]:
    """All chains of the session, once all courses are through."""
    if len(running) < MANY:
        pytest.skip("needs the whole folder of tests")
    await asyncio.gather(*running.values(), return_exceptions=True)
    chains = defaultdict(list)
    with house.ledger.engine.connect() as connection:
        for portion in stream(connection):
            for entry in portion:
                chains[entry.case_id].append(entry)
    return chains


def matters(record: dict[str, list[Entry]]) -> list[tuple[str, list[Entry]]]:
    """(kind, chain) of each matter."""
    firsts = [(chain[-1].data.get("view", {}).get("kind", ""), chain) for chain in record.values()]
    return [(kind, chain) for kind, chain in firsts if kind]


async def test_every_act_was_done_somewhere_and_refused_somewhere(record: dict[str, list[Entry]]) -> None:
    """Each act of each procedure, on the real engine."""
    done: set[tuple[str, str]] = set()
    refused: set[tuple[str, str]] = set()
    for kind, chain in matters(record):
        for entry in chain:
            act = (kind, str(entry.data.get("act")))
            (refused if entry.type == "act.refused" else done).add(act)
    every = {(kind, name) for kind, each in PROCEDURES.items() for name in each.table}
    assert every - done == set()
    assert every - refused == set()


async def test_every_recorded_step_is_an_arrow_of_the_tables(record: dict[str, list[Entry]]) -> None:
    """No act and no silence led anywhere that the tables do not say."""
    strange = set()
    for kind, chain in matters(record):
        for entry in chain:
            step = str(entry.data.get("before")), str(entry.data.get("after"))
            if step[0] != step[1] and not _foreseen(kind, entry, *step):
                strange.add((entry.type, entry.data.get("act"), *step))
    assert strange == set()


def _foreseen(kind: str, entry: Entry, before: str, after: str) -> bool:
    """An act may take two steps at once: decided, and with it closed."""
    if entry.data.get("act") == "register":
        return before == ""
    if found := PROCEDURES[kind].silences.get(entry.type):
        return before in found.states and after in found.to
    name = entry.data.get("act", "")
    to = PROCEDURES[kind].leads_to.get(name, ())
    return (
        entry.type != "act.refused" and after in to and before in {*PROCEDURES[kind].table[name].states, *to}
    )


async def test_at_every_instant_exactly_one_person_answered(
    house: House, record: dict[str, list[Entry]]
) -> None:
    """The spans of duty join without gap or overlap, and the entries name the person of the span."""
    looked_at = 0
    for kind, chain in matters(record):
        handle = house.client.get_workflow_handle(f"{kind}/{chain[0].case_id}")
        status: Status = await handle.query("get_status", result_type=Status)
        _joined(status.duties)
        owners = [e.data["view"]["owner"] for e in chain if "owner" in e.data.get("view", {})]
        changes = [who for n, who in enumerate(owners) if n == 0 or who != owners[n - 1]]
        persons = [
            duty.officer for n, duty in enumerate(status.duties) if n == 0 or _passed_on(status.duties, n)
        ]
        assert changes == persons, chain[0].case_id
        looked_at += len(status.duties) > 1
    assert looked_at > 20


def _joined(duties: tuple[Duty, ...]) -> None:
    for earlier, later in zip(duties, duties[1:], strict=False):
        assert earlier.until == later.since
        assert earlier.since <= later.since
    assert not duties or duties[-1].until is None


def _passed_on(duties: tuple[Duty, ...], n: int) -> bool:
    return duties[n].officer != duties[n - 1].officer


async def test_lists_show_what_the_matters_say_of_themselves(
    house: House, record: dict[str, list[Entry]]
) -> None:
    """State, stage, person on duty and every clock of the read model, as of the latest entry."""
    for kind, chain in matters(record):
        number = chain[0].case_id
        status: Status = await house.client.get_workflow_handle(f"{kind}/{number}").query(
            "get_status", result_type=Status
        )
        shown = {(c.kind.value, c.ref): (c.due, c.stopped_on is not None, c.breached) for c in status.clocks}
        with house.ledger.engine.connect() as connection:
            row = get_matter(connection, number)
            clocks = {
                (c.clock, c.ref): (c.due, c.stopped, c.breached) for c in clock_rows(connection, number)
            }
        assert row is not None
        assert (row.state, row.owner or "", row.stage or "") == (
            status.state,
            status.officer,
            status.stage,
        ), number
        assert clocks == shown, number


async def test_the_ledger_of_all_of_it_verifies(house: House, record: dict[str, list[Entry]]) -> None:
    """Chains, hashes, openings, heads."""
    assert record
    with house.ledger.engine.connect() as connection:
        report = verify(connection)
    assert report.consistent, report.failures
