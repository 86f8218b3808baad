"""An auditor's desk: a ledger to look at, an engine to ask, processes to replay in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from temporalio.api.history.v1 import History
from temporalio.client import Client

from activities.runs import Run, history_from, read_history
from audit.children import Children
from audit.gather import Matter, gather, read_stored, with_cited
from audit.history import content_of, name_of
from audit.replay import audit_case, judge
from audit.verdicts import Kind, RunAudit, Source
from ledger.db import Ledger
from ledger.entry import Entry
from ledger.histories import keep
from tests.audit.forgery import copied
from tests.workflows.house import House

SCHEDULED = "ActivityTaskScheduled"


@dataclass(frozen=True)
class Desk:
    """An auditor's desk: a ledger to look at, an engine to ask, processes to replay in."""

    house: House
    ledger: Ledger
    children: Children

    async def reach(self) -> Client:
        """The engine."""
        return self.house.client

    async def audit(self, case: str) -> list[RunAudit]:
        """All runs of a matter."""
        return await audit_case(self.ledger.engine, case, self.reach, self.children)

    async def matter(self, case: str) -> Matter:
        """Everything there is of a matter."""
        matter = await gather(read_stored(self.ledger.engine, case), self.reach)
        return with_cited(self.ledger.engine, matter)

    async def forged(self, case: str, history: History, *, source: Source = Source.ENGINE) -> RunAudit:
        """The audit of a matter whose only run has this history."""
        matter = await self.matter(case)
        (run_id,) = matter.runs
        held = replace(matter.runs[run_id], history=history, source=source)
        (audit,) = await asyncio.to_thread(judge, replace(matter, runs={run_id: held}), self.children)
        return audit


async def history_in(desk: Desk, case: str) -> History:
    """The history of a matter's only run."""
    (held,) = (await desk.matter(case)).runs.values()
    return copied(held.history)


def event_of(history: History, entry: Entry) -> int:
    """The event of the call that made an entry."""
    return next(
        event.event_id
        for event in history.events
        if name_of(event) == SCHEDULED and content_of(event)[1].activity_id == entry.event["activityid"]
    )


def named(audit: RunAudit, kind: Kind) -> list[tuple[int | None, int | None]]:
    """(event, place in the chain) of a check's findings."""
    check = next(each for each in audit.checks if each.check is kind)
    return [(each.event, each.seq) for each in check.findings]


async def archived(desk: Desk, case: str) -> str:
    """Keep the history of a matter's only run; gives the run's id."""
    workflow_id = (await desk.matter(case)).stored.runs
    (run_id,) = workflow_id
    described = await desk.house.client.get_workflow_handle(workflow_id[run_id], run_id=run_id).describe()
    raw = await read_history(desk.house.client, workflow_id[run_id], run_id)
    assert raw is not None
    run = Run(described.id, run_id, described.workflow_type, described.status, described.close_time)
    with desk.ledger.engine.begin() as connection:
        keep(desk.ledger, connection, [history_from(run, desk.house.client.namespace, raw)])
    return run_id
