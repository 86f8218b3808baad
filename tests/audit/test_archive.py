"""Histories are kept: every closed run once, in the engine's own bytes, whatever ended it, whoever sweeps."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete, select, update
from structlog.testing import capture_logs
from temporalio.api.history.v1 import History
from temporalio.client import ScheduleActionExecutionStartWorkflow, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

import workflows
import workflows.sandbox
from ledger.db import Ledger, open_database, snapshot
from ledger.histories import stream_of
from ledger.history_checks import check_histories
from ledger.read import entries
from ledger.tables import ledger_entry, ledger_history
from schemas.errors import UsageError
from schemas.upkeep import Chore
from starter.schedules import schedule_id
from starter.upkeep import archive_limit, archive_matters, archive_of
from tests.audit.bureau import Bureau, as_owner, bureau
from tests.ledger.fixtures import SAMPLE, new_schema
from worker import run_worker

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bureau]:
    """One bureau for all tests; each keeps histories in a ledger of its own."""
    async with bureau(tmp_path_factory.mktemp("home")) as opened:
        await opened.imported("kept-1", "kept-2")
        yield opened


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger that holds nothing yet."""
    opened = open_database(f"sqlite:///{tmp_path / 'own.db'}", SAMPLE)
    yield opened
    opened.close()


def rows(ledger: Ledger, case: str) -> list[Any]:
    """What is kept of a case."""
    with snapshot(ledger.engine) as connection:
        return list(connection.execute(select(ledger_history).where(ledger_history.c.case_id == case)))


def told(ledger: Ledger, case: str) -> list[dict[str, Any]]:
    """What the ledger says of it."""
    with snapshot(ledger.engine) as connection:
        return [entry.data for entry in entries(connection, stream_of(case))]


def wrong(ledger: Ledger) -> list[tuple[str, str]]:
    """What does not hold: check and run."""
    with snapshot(ledger.engine) as connection:
        return [(failure.check, failure.run) for failure in check_histories(connection)]


def ahead_of_time(ahead: timedelta) -> Callable[[], datetime]:
    """A clock that is this much fast."""
    return lambda: datetime.now(UTC) + ahead


async def test_a_closed_run_is_kept_in_the_bytes_of_the_engine(house: Bureau, own: Ledger) -> None:
    """Protobuf as the engine serves it, JSON as the stock tool writes it, hashes of both on record."""
    state = await archive_of(house.client, own).sweep()
    assert (state.pending, state.behind, state.oldest_pending) == (0, False, None)
    assert state.added == state.kept >= 2
    (row,) = rows(own, "kept-1")
    handle = house.client.get_workflow_handle("case/kept-1")
    assert History.FromString(row.protobuf) == History(events=(await handle.fetch_history()).events)
    stock = await house.tool("workflow", "show", "--output", "json", "--workflow-id", "case/kept-1")
    kept = gzip.decompress(row.json_gzip)
    assert json.loads(kept) == json.loads(stock)
    read = WorkflowHistory.from_json("case/kept-1", kept.decode())
    assert History(events=read.events) == History.FromString(row.protobuf)
    (entry,) = told(own, "kept-1")
    (run,) = await house.runs("kept-1")
    closed = (await handle.describe()).close_time
    assert closed is not None
    assert entry == {
        "run": run,
        "workflow": "case/kept-1",
        "protobuf_sha256": sha256(row.protobuf).hexdigest(),
        "json_sha256": sha256(kept).hexdigest(),
        "bytes": len(row.protobuf),
        "closed": closed.astimezone(UTC).isoformat(timespec="microseconds"),
        "business_key": run,
    }
    assert wrong(own) == []


async def test_what_is_kept_replays(house: Bureau, own: Ledger) -> None:
    """The stock replayer takes the kept bytes."""
    await archive_of(house.client, own).sweep()
    (row,) = rows(own, "kept-2")
    replayer = Replayer(
        workflows=workflows.ALL,
        workflow_runner=workflows.sandbox.runner(),
        data_converter=pydantic_data_converter,
    )
    history = WorkflowHistory("case/kept-2", list(History.FromString(row.protobuf).events))
    result = await replayer.replay_workflow(history)
    assert result.replay_failure is None


async def test_swept_again_nothing_is_kept_twice(house: Bureau, own: Ledger) -> None:
    """The second sweep adds nothing, not even when it looks at everything."""
    first = await archive_of(house.client, own).sweep()
    for everything in (False, True):
        again = await archive_of(house.client, own).sweep(everything=everything)
        assert (again.added, again.kept, again.pending) == (0, first.kept, 0)
    assert len(told(own, "kept-1")) == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_two_sweeps_at_once_keep_each_run_once(
    house: Bureau, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Two workers whose sweeps meet: one row and one entry a run, on both databases."""
    sqlite = f"sqlite:///{tmp_path / 'two.db'}"
    url = sqlite if kind == "sqlite" else new_schema(request.getfixturevalue("postgresql"))
    ledgers = [open_database(url, SAMPLE) for _ in range(3)]
    states = await asyncio.gather(*(archive_of(house.client, each).sweep() for each in ledgers))
    kept = {state.kept for state in states}
    assert sum(state.added for state in states) == max(kept) >= 2
    assert [state.pending for state in states] == [0, 0, 0]
    for case in ("kept-1", "kept-2"):
        assert (len(rows(ledgers[0], case)), len(told(ledgers[0], case))) == (1, 1)
    assert wrong(ledgers[0]) == []
    for each in ledgers:
        each.close()


async def test_every_run_of_a_chain_is_kept(house: Bureau, own: Ledger) -> None:
    """A case that went on in new runs: all of them, and each names the one before."""
    number = await house.delivered(history_limit=40)
    await archive_of(house.client, own).sweep()
    runs = await house.runs(number)
    assert len(runs) > 1, "it never went on in a new run"
    assert {row.run_id for row in rows(own, number)} == set(runs)
    assert {entry["run"] for entry in told(own, number)} == set(runs)


async def test_a_terminated_run_is_kept_and_an_open_one_is_not(house: Bureau, own: Ledger) -> None:
    """However it ended, it ended; what goes on is for another day."""
    ended, going_on = await house.opened(), await house.opened()
    await house.client.get_workflow_handle(f"case/{ended}").terminate(reason="by mistake")
    await archive_matters(house.client, own, [f"case/{ended}", f"case/{going_on}"])
    (row,) = rows(own, ended)
    last = History.FromString(row.protobuf).events[-1]
    assert last.workflow_execution_terminated_event_attributes.reason == "by mistake"
    assert rows(own, going_on) == []


async def test_a_sweep_killed_in_the_middle_is_done_again(house: Bureau) -> None:
    """SIGKILL after the first history: the next sweep keeps the rest, and the first one once."""
    await house.imported("killed-1", "killed-2", "killed-3")
    arguments = (str(house.home.path), house.engine.address, house.engine.namespace)
    sweeping = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.audit.sweeping", *arguments),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert sweeping.stdout is not None
    assert (await sweeping.stdout.readline()).strip() == b"kept"
    sweeping.kill()
    await sweeping.wait()
    archive = archive_of(house.client, house.ledger)
    state = await archive.state()
    assert state.kept == 1
    assert state.pending >= 2
    state = await archive.sweep()
    assert state.pending == 0
    for case in ("killed-1", "killed-2", "killed-3"):
        assert (len(rows(house.ledger, case)), len(told(house.ledger, case))) == (1, 1)
    assert wrong(house.ledger) == []


async def test_what_waits_is_measured_and_told(house: Bureau, own: Ledger) -> None:
    """Number, oldest and lag; an alarm past the limit, and when the engine is about to forget."""
    archive = archive_of(house.client, own)
    waiting = await archive.state()
    assert waiting.pending >= 2
    assert waiting.oldest_pending is not None
    assert (waiting.kept, waiting.behind, waiting.last_sweep) == (0, False, None)
    assert waiting.retention_seconds == timedelta(days=90).total_seconds()
    archive.limit = timedelta(0)
    with capture_logs() as logs:
        assert (await archive.state()).behind
    assert [each["event"] for each in logs if each["log_level"] == "error"] == ["archive_behind"]
    for days, behind in ((80, False), (84, True)):
        ahead = timedelta(days=days)
        archive = archive_of(house.client, replace(own, clock=ahead_of_time(ahead)))
        archive.limit = timedelta(days=100)
        state = await archive.state()
        assert (state.behind, state.lag_seconds >= ahead.total_seconds()) == (behind, True)


async def test_the_limit_is_a_number_of_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment, else a day; nonsense is refused."""
    assert archive_limit() == timedelta(days=1)
    monkeypatch.setenv("YANGGUANG_ARCHIVE_LIMIT_HOURS", "6")
    assert archive_limit() == timedelta(hours=6)
    for nonsense in ("0", "-1", "a day", "9" * 30, "８"):
        monkeypatch.setenv("YANGGUANG_ARCHIVE_LIMIT_HOURS", nonsense)
        with pytest.raises(UsageError, match="YANGGUANG_ARCHIVE_LIMIT_HOURS"):
            archive_limit()


async def test_a_row_that_was_removed_is_told_of_and_never_replaced(house: Bureau, own: Ledger) -> None:
    """The entry says that it was kept: nobody makes it anew in silence."""
    await archive_of(house.client, own).sweep()
    (row,) = rows(own, "kept-1")
    as_owner(own, lambda db: db.execute(delete(ledger_history).where(ledger_history.c.run_id == row.run_id)))
    state = await archive_of(house.client, own).sweep(everything=True)
    assert (state.added, state.pending) == (0, 0)
    assert wrong(own) == [("history_missing", row.run_id)]


@pytest.mark.parametrize("column", ["protobuf", "json_gzip", "closed", "workflow_id", "json_sha256"])
async def test_a_kept_history_that_was_changed_is_found(house: Bureau, own: Ledger, column: str) -> None:
    """Every column that says something, with its own hash repaired or not."""
    await archive_of(house.client, own).sweep()
    (row,) = rows(own, "kept-1")
    changed: dict[str, Any] = {column: "changed"}
    if column == "protobuf":
        changed = {column: row.protobuf[:-1], "protobuf_sha256": sha256(row.protobuf[:-1]).hexdigest()}
    if column == "json_gzip":
        changed = {column: row.json_gzip[:-9]}
    mine = ledger_history.c.run_id == row.run_id
    as_owner(own, lambda db: db.execute(update(ledger_history).where(mine).values(**changed)))
    assert wrong(own) == [("history_changed", row.run_id)]


async def test_a_row_without_an_entry_is_found(house: Bureau, own: Ledger) -> None:
    """A history slipped into the archive is in no log."""
    await archive_of(house.client, own).sweep()
    (row,) = rows(own, "kept-1")
    slipped = {**row._mapping, "run_id": "slipped-in"}
    as_owner(own, lambda db: db.execute(ledger_history.insert().values(**slipped)))
    assert wrong(own) == [("history_unrecorded", "slipped-in")]
    gone = (ledger_entry.c.business_key == row.run_id) & (ledger_entry.c.type == "case.history")
    as_owner(own, lambda db: db.execute(delete(ledger_entry).where(gone)))
    assert sorted(wrong(own)) == sorted(
        [("history_unrecorded", "slipped-in"), ("history_unrecorded", row.run_id)]
    )


async def test_a_worker_keeps_what_ends_and_is_called_by_schedules(tmp_path: Path) -> None:
    """Nobody asks: the worker sees the end, the schedule calls it, and upkeep leaves no trace of its own."""
    async with bureau(tmp_path, worker=False) as own_house:
        stop, mine = asyncio.Event(), open_database(own_house.home.database_url, own_house.home.origin)
        working = asyncio.create_task(run_worker(own_house.client, mine, stop))
        await own_house.imported("ended-1")
        while not rows(own_house.ledger, "ended-1"):
            await asyncio.sleep(0.1)
        for chore in (Chore.ARCHIVE, Chore.RECONCILE):
            handle = own_house.client.get_schedule_handle(schedule_id(chore))
            await handle.trigger()
            while not (await handle.describe()).info.recent_actions:
                await asyncio.sleep(0.1)
            action = (await handle.describe()).info.recent_actions[0].action
            assert isinstance(action, ScheduleActionExecutionStartWorkflow)
            done = own_house.client.get_workflow_handle(
                action.workflow_id, run_id=action.first_execution_run_id
            )
            result = await done.result()
            assert result["kept" if chore is Chore.ARCHIVE else "matters"] == 1
        stop.set()
        await working
        with snapshot(own_house.ledger.engine) as connection:
            assert {row.workflow_type for row in connection.execute(select(ledger_history))} == {
                "CaseWorkflow"
            }
        assert wrong(own_house.ledger) == []
