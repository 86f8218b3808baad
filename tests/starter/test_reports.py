"""Reports by the calendar: the schedules of a worker begin what is due, once, on the head's account."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from temporalio.client import ScheduleActionExecutionStartWorkflow

from ledger.db import Ledger, open_database, snapshot
from ledger.read import entries
from readmodel.query import Filters, list_matters
from rules.report.periods import before, ended, number_of
from schemas.report import PeriodKind
from schemas.upkeep import Chore
from starter.reports import begin_due, document_of, is_generated, start_report
from starter.schedules import schedule_id
from tests.audit.bureau import Bureau, bureau
from tests.workflows.house import ZONE
from worker import run_worker

CHORES = {
    PeriodKind.WEEK: Chore.REPORT_WEEK,
    PeriodKind.MONTH: Chore.REPORT_MONTH,
    PeriodKind.QUARTER: Chore.REPORT_QUARTER,
}


async def turn(house: Bureau, chore: Chore, turns: int) -> dict[str, Any]:
    """Let the schedule call its duty now; what the duty says."""
    handle = house.client.get_schedule_handle(schedule_id(chore))
    await handle.trigger()
    while len((await handle.describe()).info.recent_actions) < turns:
        await asyncio.sleep(0.1)
    action = (await handle.describe()).info.recent_actions[-1].action
    assert isinstance(action, ScheduleActionExecutionStartWorkflow)
    done = house.client.get_workflow_handle(action.workflow_id, run_id=action.first_execution_run_id)
    result: dict[str, Any] = await done.result()
    return result


def reports(ledger: Ledger) -> set[str]:
    """Numbers of all reports."""
    with snapshot(ledger.engine) as connection:
        return {row.case_id for row in list_matters(connection, Filters(kind="report")).rows}


async def test_the_schedules_begin_each_report_once(tmp_path: Path) -> None:
    """A week, a month and a quarter that ended last; then, after a standstill, all that are missing."""
    async with bureau(tmp_path, worker=False) as house:
        stop, mine = asyncio.Event(), open_database(house.home.database_url, house.home.origin)
        folder = house.home.reports
        working = asyncio.create_task(run_worker(house.client, mine, stop, reports=folder))
        today = datetime.now(ZONE).date()
        last = {kind: next(ended(kind, today)) for kind in PeriodKind}
        while not await there(house):
            await asyncio.sleep(0.1)
        for kind, chore in CHORES.items():
            assert (await turn(house, chore, 1))["begun"] == [number_of(last[kind])]
            assert (await turn(house, chore, 2))["begun"] == []
        numbers = {number_of(period) for period in last.values()}
        assert reports(house.ledger) == numbers
        for number in sorted(numbers):
            await generated(house.ledger, number)
            found, made = document_of(house.ledger, folder, number)
            assert (folder / f"{made.digest}.json").is_file()
            assert found["number"] == number
            with snapshot(house.ledger.engine) as connection:
                first = entries(connection, number, limit=1)[0].event
            assert (first["actor"], first["onbehalfof"]) == ("system", "1901")
        stop.set()
        await working


async def there(house: Bureau) -> bool:
    """Whether the worker has made its schedules."""
    made = {each.id async for each in await house.client.list_schedules()}
    return {schedule_id(chore) for chore in CHORES.values()} <= made


async def generated(ledger: Ledger, number: str) -> None:
    """Wait for the first version."""
    while True:
        with snapshot(ledger.engine) as connection:
            if is_generated(connection, number):
                return
        await asyncio.sleep(0.1)


async def test_after_a_standstill_no_period_is_left_out(tmp_path: Path) -> None:
    """From the last report on; in a new home only the period that ended last."""
    async with bureau(tmp_path, worker=False) as house:
        stop, mine = asyncio.Event(), open_database(house.home.database_url, house.home.origin)
        working = asyncio.create_task(run_worker(house.client, mine, stop))
        desk, now = house.desk(), datetime.now(UTC)
        today = now.astimezone(ZONE).date()
        newest_first = list(islice(ended(PeriodKind.WEEK, today), 4))
        await start_report(desk, newest_first[3])
        begun = await begin_due(desk, PeriodKind.WEEK, now)
        assert begun == tuple(number_of(period) for period in reversed(newest_first[:3]))
        assert await begin_due(desk, PeriodKind.WEEK, now) == ()
        assert await begin_due(desk, PeriodKind.WEEK, now - timedelta(days=7)) == ()
        assert await begin_due(desk, PeriodKind.MONTH, now) == (
            number_of(next(ended(PeriodKind.MONTH, today))),
        )
        assert number_of(before(newest_first[3])) not in reports(house.ledger)
        stop.set()
        await working
