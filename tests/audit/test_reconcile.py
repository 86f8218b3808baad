"""Ledger and histories, compared both ways: an honest bureau agrees, every interference has its name."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from sqlalchemy import delete, select, update

from audit.reconcile import reconcile
from ledger.append import append
from ledger.canonical import canonical, leaf_hash
from ledger.db import snapshot
from ledger.entry import Entry, Provenance
from ledger.read import entries
from ledger.tables import ledger_entry, ledger_history
from schemas.entries import EntryDraft, RecordRequest
from schemas.errors import NotPermittedError
from schemas.upkeep import Difference
from starter.upkeep import archive_matters
from tests.audit.bureau import Bureau, as_owner, bureau
from tests.workflows.house import ITEMS, application

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bureau]:
    """One bureau for all tests; each interferes with matters of its own."""
    async with bureau(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def forgotten(house: Bureau) -> Bureau:
    """With three cases that were kept and then deleted at the engine, which takes its time for each."""
    numbers = ("deleted", "emptied", "illegible")
    await house.imported(*numbers)
    await kept(house, *numbers)
    await asyncio.gather(*(house.gone(number) for number in numbers))
    return house


async def found(house: Bureau, number: str, **options: Any) -> list[Difference]:
    """What differs in one matter."""
    outcome = await reconcile(house.ledger, house.client, record=False, **options)
    return [each for each in outcome.differences if each.workflow == f"case/{number}"]


async def kinds(house: Bureau, number: str, **options: Any) -> set[str]:
    """Names of what differs in one matter."""
    return {each.kind for each in await found(house, number, **options)}


async def kept(house: Bureau, *numbers: str) -> None:
    """The histories of these matters, in the archive."""
    await archive_matters(house.client, house.ledger, [f"case/{number}" for number in numbers])


def chain(house: Bureau, case: str) -> list[Entry]:
    """The entries of a case, or of a stream."""
    with snapshot(house.ledger.engine) as connection:
        return entries(connection, case)


def of(entry: Entry) -> Any:
    """The row of an entry."""
    return ledger_entry.c.id == entry.id


def slipped_in(house: Bureau, number: str, **changed: Any) -> None:
    """An entry that the bureau's own code wrote, for a call that no workflow made."""
    event = chain(house, number)[-1].event
    real = Provenance(
        namespace=event["wfnamespace"],
        workflow_id=event["wfid"],
        run_id=event["wfrunid"],
        workflow_type=event["wftype"],
        activity_id="999",
        activity_type="record",
        attempt=1,
        input_hash="ab" * 32,
        app_version="1.0",
    )
    now = datetime.now(UTC)
    draft = EntryDraft(type="case.noted", time=now, actor="1101", role="window", data={"opinion": "补记"})
    made = Provenance(**{**{name: getattr(real, name) for name in real.__slots__}, **changed})
    with house.ledger.engine.begin() as connection:
        request = RecordRequest(matter=number, now=now, entries=(draft,))
        append(house.ledger, connection, request, made)


async def test_an_honest_bureau_agrees(house: Bureau) -> None:
    """Closed and open matters, kept and not, a chain of runs, a submission that was turned away."""
    await house.imported("honest-1", "honest-2")
    await kept(house, "honest-1", "honest-2")
    chained, going_on = await house.delivered(history_limit=40), await house.opened()
    with pytest.raises(NotPermittedError):
        await house.desk().start_case(application(ITEMS["LX-LS-01"], officer="9999"))
    outcome = await reconcile(house.ledger, house.client)
    assert outcome.agrees, outcome.differences
    assert (outcome.matters, outcome.recorded) == (5, 0)
    runs = await house.runs(chained)
    assert outcome.runs == 4 + len(runs)
    assert outcome.entries >= len(chain(house, chained)) + len(chain(house, going_on))
    assert chain(house, "ledger.incident") == []


async def test_acts_meanwhile_are_no_differences(house: Bureau) -> None:
    """What is recorded while both sides are read is on one of them first, and on both soon."""
    number = await house.opened()

    async def busy() -> None:
        for n in range(30):
            await house.noted(number, f"busy-{n}")

    acting = asyncio.create_task(busy())
    while not acting.done():
        assert await found(house, number) == []
    await acting


async def test_a_run_deleted_before_it_was_kept_is_lost(house: Bureau) -> None:
    """The ledger tells of a run that nobody has any more."""
    number = await house.opened()
    (run,) = await house.runs(number)
    await house.gone(number)
    (difference,) = await found(house, number)
    assert (difference.kind, difference.run) == ("run_lost", run)


async def test_a_run_deleted_after_it_was_kept_is_told(forgotten: Bureau) -> None:
    """The engine should have it for ninety days; what was kept goes on being held against the ledger."""
    ledger = forgotten.ledger
    assert await kinds(forgotten, "deleted") == {"run_deleted"}
    entry = chain(forgotten, "deleted")[1]
    as_owner(ledger, lambda db: db.execute(delete(ledger_entry).where(of(entry))))
    assert await kinds(forgotten, "deleted") == {"run_deleted", "entry_missing"}
    whole = ledger_entry.c.case_id == "emptied"
    as_owner(ledger, lambda db: db.execute(delete(ledger_entry).where(whole)))
    assert await kinds(forgotten, "emptied") == {"run_deleted", "run_without_entries"}
    junk = update(ledger_history).where(ledger_history.c.case_id == "illegible").values(protobuf=b"\xff")
    as_owner(ledger, lambda db: db.execute(junk))
    assert await kinds(forgotten, "illegible") == {"history_changed", "history_unreadable"}


async def test_a_terminated_run_is_told(house: Bureau) -> None:
    """Open or not, kept or not: it did not end by its own procedure."""
    number = await house.opened()
    await house.client.get_workflow_handle(f"case/{number}").terminate(reason="by mistake")
    (difference,) = await found(house, number)
    assert (difference.kind, difference.found) == ("terminated", "Terminated")
    await kept(house, number)
    assert await kinds(house, number) == {"terminated"}


async def test_a_reset_is_told(house: Bureau) -> None:
    """One case, two courses of events."""
    number = await house.opened()
    (before,) = await house.runs(number)
    await house.reset(number)
    differences = await found(house, number)
    assert {each.kind for each in differences} == {"terminated", "reset"}
    assert {each.run == before for each in differences if each.kind == "terminated"} == {True}
    (reset,) = [each for each in differences if each.kind == "reset"]
    assert (reset.run != before, reset.found) == (True, f"reset from run {before}")


async def test_an_entry_that_was_removed_is_missed(house: Bureau) -> None:
    """One entry by its id; all of a case by its run."""
    await house.imported("removed-1", "removed-2")
    gone = chain(house, "removed-1")[2]
    as_owner(house.ledger, lambda db: db.execute(delete(ledger_entry).where(of(gone))))
    whole = ledger_entry.c.case_id == "removed-2"
    as_owner(house.ledger, lambda db: db.execute(delete(ledger_entry).where(whole)))
    (one,) = await found(house, "removed-1")
    assert (one.kind, one.place) == ("entry_missing", gone.id)
    assert one.expected == f"seq 3 {gone.leaf_hash}"
    assert await kinds(house, "removed-2") == {"run_without_entries"}


async def test_an_entry_that_was_changed_differs(house: Bureau) -> None:
    """Its hash repaired as well: the receipt in the history is another copy of it."""
    await house.imported("changed")
    entry = chain(house, "changed")[1]
    event = orjson.loads(entry.leaf)
    event["actor"] = "somebody else"
    leaf = canonical(event)
    values = {"leaf": leaf, "leaf_hash": leaf_hash(leaf), "actor": "somebody else"}
    as_owner(house.ledger, lambda db: db.execute(update(ledger_entry).where(of(entry)).values(**values)))
    (difference,) = await found(house, "changed")
    assert (difference.kind, difference.place) == ("entry_different", entry.id)
    assert difference.found == f"seq 2 {leaf_hash(leaf)}"


async def test_an_entry_that_nobody_asked_for_is_told(house: Bureau) -> None:
    """Slipped into a matter's chain with the bureau's own code: sealed, signed, and still not asked for."""
    await house.imported("added-1", "added-2", "added-3")
    slipped_in(house, "added-1")
    slipped_in(house, "added-2", run_id="01890000-0000-7000-8000-000000000000")
    slipped_in(house, "added-3", workflow_id="case/added-1")
    added = {chain(house, number)[-1].id for number in ("added-1", "added-3")}
    differences = await found(house, "added-1")
    assert {(each.kind, each.place) for each in differences} == {("entry_extra", place) for place in added}
    assert await kinds(house, "added-2") == {"run_lost"}
    assert await kinds(house, "added-3") == set()


async def test_an_archive_that_was_changed_contradicts_entry_and_engine(house: Bureau) -> None:
    """The kept bytes against their entry, and against the engine as long as it has them."""
    await house.imported("archive-1", "archive-2")
    await kept(house, "archive-1", "archive-2")
    rows = ledger_history.c
    with snapshot(house.ledger.engine) as connection:
        other = connection.scalar(select(rows.protobuf).where(rows.case_id == "archive-2"))
    changed = update(ledger_history).where(rows.case_id == "archive-1").values(protobuf=other)
    as_owner(house.ledger, lambda db: db.execute(changed))
    assert await kinds(house, "archive-1") == {"history_changed", "archive_differs"}
    as_owner(house.ledger, lambda db: db.execute(delete(ledger_history).where(rows.case_id == "archive-2")))
    assert await kinds(house, "archive-2") == {"history_missing"}
    junk = update(ledger_history).where(rows.case_id == "archive-1").values(protobuf=b"\xff")
    as_owner(house.ledger, lambda db: db.execute(junk))
    assert await kinds(house, "archive-1") == {"history_changed", "archive_differs"}


async def test_a_closed_run_that_is_kept_by_nobody_is_told(house: Bureau) -> None:
    """Past the limit; before it, it is merely waiting."""
    await house.imported("waiting")
    assert await kinds(house, "waiting") == set()
    assert await kinds(house, "waiting", limit=timedelta(0)) == {"not_archived"}


async def test_each_difference_is_on_record_once(house: Bureau) -> None:
    """The next day's comparison finds them again and records nothing; a new one is added."""
    ended = await house.opened()
    await house.client.get_workflow_handle(f"case/{ended}").terminate(reason="by mistake")
    (terminated,) = await found(house, ended)
    assert chain(house, "ledger.incident") == []
    first = await reconcile(house.ledger, house.client)
    assert first.recorded == sum(first.counts.values()) >= 1
    incidents = chain(house, "ledger.incident")
    assert len(incidents) == first.recorded
    assert {entry.type for entry in incidents} == {"ledger.incident"}
    told = [entry.data for entry in incidents if entry.data["workflow"] == f"case/{ended}"]
    assert [{**each, "business_key": ""} for each in told] == [
        {**terminated.model_dump(), "business_key": ""}
    ]
    again = await reconcile(house.ledger, house.client)
    assert (again.recorded, again.counts) == (0, first.counts)
    both = await asyncio.gather(*(reconcile(house.ledger, house.client) for _ in range(2)))
    assert [each.recorded for each in both] == [0, 0]
    another = await house.opened()
    await house.client.get_workflow_handle(f"case/{another}").terminate(reason="again")
    assert (await reconcile(house.ledger, house.client)).recorded == 1


async def command(house: Bureau, *words: str) -> tuple[int, Any]:
    """Exit code and document of `yangguang audit ...` on the bureau's engine."""
    where = {"TEMPORAL_ADDRESS": house.engine.address, "TEMPORAL_NAMESPACE": house.engine.namespace}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli.main", "--home", str(house.home.path), "audit", *words, "--json"),
        cwd=ROOT,
        env={**os.environ, **where},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, json.loads(said)


async def test_the_command_says_so_with_its_exit_code(house: Bureau, tmp_path: Path) -> None:
    """0 where both agree, 3 where they differ; `--no-record` leaves the ledger alone."""
    async with bureau(tmp_path) as honest:
        await honest.imported("honest-1")
        code, state = await command(honest, "archive", "--status")
        assert (code, state["kept"], state["pending"], state["behind"]) == (0, 0, 1, False)
        code, state = await command(honest, "archive")
        assert (code, state["added"], state["pending"]) == (0, 1, 0)
        code, outcome = await command(honest, "reconcile")
        assert (code, outcome["matters"], outcome["differences"]) == (0, 1, [])
        slipped_in(honest, "honest-1")
        for options, recorded in ((("--no-record",), 0), ((), 1), ((), 0)):
            code, outcome = await command(honest, "reconcile", *options)
            assert (code, outcome["counts"], outcome["recorded"]) == (3, {"entry_extra": 1}, recorded)
