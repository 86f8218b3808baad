"""Ledger and histories, compared both ways over all matters.

The ledger is in the bureau's database, the histories are the engine's: who changes one contradicts the other.
Every case of the ledger is held against its runs, then every run of the engine and of the archive against the
ledger, in portions, so that memory does not grow with the bureau. Matters go on meanwhile: what differs is
looked at a second time, and only what differs still is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio.client import Client

from activities.archive import LIMIT
from activities.runs import Run, all_runs, each_of, read_history, retention, runs_of
from audit.begun import cases_beside, unmatched
from audit.compare import Matter, Side, compare, parsed
from audit.incidents import Incidents, key_of
from audit.matters import add_kept, archived_strangers, matters_of, next_cases, unknown_cases
from audit.recorded import neighbours
from ledger.db import Ledger, OriginKind, snapshot
from ledger.histories import case_of
from ledger.history_checks import check_histories
from schemas.upkeep import Difference, Reconciliation
from workflows import MATTERS

EARLY = timedelta(hours=1)
"""Clocks of engine and ledger may differ by this before a run counts as deleted too early."""

UNDER_WAY = timedelta(hours=1)
"""So long a matter may take to begin another; what is due for longer is lost, or refused."""

Listed = dict[str, list[Run]]
"""Runs by case."""


async def reconcile(
    ledger: Ledger,
    client: Client,
    *,
    record: bool = True,
    advance: Callable[[int], None] = lambda n: None,
    limit: timedelta = LIMIT,
) -> Reconciliation:
    """Compare all matters; `record` makes every difference that is new an incident entry.

    `advance` is told of every matter. A closed run that is not kept after `limit` is a difference as well.
    Raises UnavailableError or RPCError where ledger or engine are out of reach.
    """
    incidents = Incidents(ledger, record=record)
    work = _Comparison(ledger, client, incidents, await retention(client), limit)
    last = ""
    while cases := await asyncio.to_thread(next_cases, ledger, last):
        await work.look(cases, {})
        advance(len(cases))
        last = cases[-1]
    async for strangers in _strangers(ledger, client):
        await work.look(list(strangers), strangers)
    await asyncio.to_thread(_check_archive, ledger, incidents)
    return incidents.outcome(work.matters, work.entries, work.runs)


@dataclass(slots=True)
class _Comparison:
    """One reconciliation under way."""

    ledger: Ledger
    client: Client
    incidents: Incidents
    retention: timedelta
    limit: timedelta
    matters: int = field(default=0, init=False)
    entries: int = field(default=0, init=False)
    runs: int = field(default=0, init=False)

    async def look(self, cases: Sequence[str], listed: Listed) -> None:
        """Compare these cases; `listed` are runs of cases that the ledger does not know."""
        found = await self._gathered(cases, listed)
        self.matters += len(found)
        self.entries += sum(len(matter.entries) for matter in found)
        self.runs += sum(len(matter.sides) for matter in found)
        differing = await self._differing(found)
        if differing:
            again = await self._differing(await self._gathered(list(differing), listed))
            await asyncio.to_thread(self.incidents.add, list(_twice(differing, again)))

    async def _differing(self, found: Sequence[Matter]) -> dict[str, list[Difference]]:
        """What differs in each of these matters, and between it and those that it names."""
        beside = await asyncio.to_thread(matters_of, self.ledger, sorted(cases_beside(found)))
        overdue = self._now() - UNDER_WAY if self._is_real else None
        differences = {each.case: [*compare(each), *unmatched(each, beside, overdue)] for each in found}
        return {case: each for case, each in differences.items() if each}

    async def _gathered(self, cases: Sequence[str], listed: Listed) -> list[Matter]:
        """Entries first, histories after: what is recorded was asked for before."""
        matters = await asyncio.to_thread(matters_of, self.ledger, cases)
        workflows = sorted({side.workflow for each in matters.values() for side in each.sides.values()})
        runs = await runs_of(self.client, workflows) if workflows else []
        for run in (*runs, *(run for case in cases for run in listed.get(case, ()))):
            side = matters[case_of(run.workflow_id)].side(run.workflow_id, run.run_id)
            side.overdue = self._overdue(run)
        await asyncio.to_thread(add_kept, self.ledger, matters, self._kept)
        await each_of(matters.values(), self._read)
        return list(matters.values())

    def _kept(self, side: Side, closed: datetime) -> None:
        side.overdue = False
        side.deleted_early = self._is_real and self._now() < closed + self.retention - EARLY

    async def _read(self, matter: Matter) -> None:
        """Histories of all runs at the engine, and of those that they came from or went on in."""
        waiting = list(matter.sides.values())
        namespaces = {entry.run: entry.namespace for entry in matter.entries}
        while waiting:
            side = waiting.pop()
            namespace = namespaces.get(side.run, "")
            side.live = await read_history(self.client, side.workflow, side.run, namespace)
            side.deleted_early = side.deleted_early and side.live is None
            for run in _neighbours(side):
                if run not in matter.sides:
                    waiting.append(matter.side(side.workflow, run))

    def _overdue(self, run: Run) -> bool:
        return self._is_real and run.closed is not None and self._now() - run.closed > self.limit

    @property
    def _is_real(self) -> bool:
        """Times of a simulation are not the world's, and say nothing of retention and lag."""
        return self.ledger.origin.kind is not OriginKind.SIMULATION

    def _now(self) -> datetime:
        return self.ledger.clock().astimezone(UTC)


def _twice(
    differing: dict[str, list[Difference]], again: dict[str, list[Difference]]
) -> Iterator[Difference]:
    for case, differences in again.items():
        before = {key_of(difference) for difference in differing[case]}
        yield from (each for each in differences if key_of(each) in before)


def _neighbours(side: Side) -> list[str]:
    raw = side.kept if side.live is None else side.live
    history = None if raw is None else parsed(raw)
    return [] if history is None else list(neighbours(history))


async def _strangers(ledger: Ledger, client: Client) -> AsyncIterator[Listed]:
    """Runs of the engine and of the archive whose case is not in the ledger, each case once."""
    seen: set[str] = set()
    async for portion in all_runs(client, MATTERS):
        found = await asyncio.to_thread(unknown_cases, ledger, portion)
        yield {case: runs for case, runs in found.items() if case not in seen}
        seen.update(found)
    found = await asyncio.to_thread(archived_strangers, ledger)
    yield {case: runs for case, runs in found.items() if case not in seen}


def _check_archive(ledger: Ledger, incidents: Incidents) -> None:
    """Kept histories against their entries."""
    with snapshot(ledger.engine) as connection:
        for failure in check_histories(connection):
            difference = Difference(
                kind=failure.check,
                workflow=failure.workflow,
                run=failure.run,
                expected="a kept history and its entry, one as the other says",
                found=failure.detail,
            )
            incidents.add([difference])
