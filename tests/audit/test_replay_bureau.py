"""Histories made on the clock of the world, and what operators do to runs: reset, terminate, delete."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from temporalio.api.history.v1 import History
from temporalio.client import Client
from temporalio.worker import Worker

from audit.children import Children
from audit.job import Job
from audit.replay import audit_case
from audit.verdicts import Kind, RunAudit, Source, Verdict
from tests.audit import patched
from tests.audit.bureau import Bureau, bureau
from tests.audit.forgery import content, copied, failures, nth, swap, verdicts

pytestmark = pytest.mark.asyncio(loop_scope="module")
GREEN = dict.fromkeys(Kind, Verdict.PASS) | {Kind.INTEGRITY: Verdict.NOT_APPLICABLE}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bureau]:
    """A bureau with an engine of its own."""
    async with bureau(tmp_path_factory.mktemp("bureau")) as opened:
        yield opened


async def audited(world: Bureau, case: str, children: Children) -> list[RunAudit]:
    async def reach() -> Client:
        return world.client

    return await audit_case(world.ledger.engine, case, reach, children)


async def test_recorded_times_lie_within_their_calls(world: Bureau, children: Children) -> None:
    """With chains of runs, each entry is judged by the run that made it."""
    case = await world.delivered(history_limit=40)
    told = await audited(world, case, children)
    assert len(told) > 1
    assert [verdicts(run.checks) for run in told] == [GREEN] * len(told), told
    assert not any(check.said for run in told for check in run.checks if check.check is Kind.COMPLETENESS)


async def test_a_run_that_was_reset(world: Bureau, children: Children) -> None:
    """What it took over belongs to the run before; acts that were let in again have their entries."""
    case = await world.opened()
    await world.noted(case, "first")
    await world.reset(case)
    await world.noted(case, "second")
    told = await audited(world, case, children)
    assert [run.open for run in told] in ([True, False], [False, True])
    assert [verdicts(run.checks) for run in told] == [GREEN] * 2, told


async def test_a_terminated_run_is_whole_and_its_acts_are_recorded(world: Bureau, children: Children) -> None:
    case = await world.opened()
    await world.client.get_workflow_handle(f"case/{case}").terminate("test")
    (run,) = await audited(world, case, children)
    assert verdicts(run.checks) == GREEN
    assert not run.open


async def test_a_deleted_history_is_missed_by_its_entries(world: Bureau, children: Children) -> None:
    case = await world.delivered()
    await world.gone(case)
    (run,) = await audited(world, case, children)
    assert (run.source, run.events) == (Source.MISSING, 0)
    assert set(failures(run)) == {Kind.COMPLETENESS}
    assert [found.seq for found in run.checks[2].findings] == list(range(1, run.checks[2].count + 1))


async def test_patches_are_steps_like_any_other(world: Bureau) -> None:
    """Their markers are compared; what the SDK adds to them by itself is not missed."""
    async with Worker(world.client, task_queue="patched", workflows=patched.ALL):
        handle = await world.client.start_workflow("Patched", id="patched", task_queue="patched")
        await handle.result()
    history = History(events=(await handle.fetch_history()).events)
    other = copied(history)
    marker = content(other, "MarkerRecorded").details["patch-data"].payloads
    swap(marker, '"deprecated":false', '"deprecated":true')
    with Children(1, module="tests.audit.patched") as children:
        told = [children.judge(Job(each.SerializeToString(), None)) for each in (history, other)]
    assert not failures(told[0])
    assert failures(told[1]) == {Kind.STRICT: (nth(other, "MarkerRecorded").event_id,)}
