"""The audit of a matter's histories: five checks a run, each with its verdict.

Integrity, structure and completeness are judged here, on parsed bytes; plain and strict replay in children,
and only of histories whose structure holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import Engine

from audit.archived import integrity
from audit.calls import heads_of
from audit.children import Children
from audit.completeness import completeness
from audit.gather import (
    Matter,
    Reach,
    Stored,
    archived_runs,
    gather,
    is_matter,
    read_stored,
    strangers,
    with_cited,
)
from audit.history import Held, worked
from audit.job import Job
from audit.leaves import Beside
from audit.structure import structure
from audit.verdicts import Check, Finding, Kind, RunAudit, Source, Verdict, failed, judged, skipped
from ledger.entry import Entry
from schemas.errors import NotFoundError

LATER = (Kind.COMPLETENESS, Kind.REPLAY, Kind.STRICT)
"""What is not asked of a history that is not whole."""


async def audit_case(engine: Engine, case: str, reach: Reach, children: Children) -> list[RunAudit]:
    """Audit every run of a matter. Raises NotFoundError where nothing is known of it."""
    stored = await asyncio.to_thread(read_stored, engine, case)
    matter = await gather(stored, reach)
    if not matter.runs and not matter.stored.runs:
        raise NotFoundError(f"没有 {case} 的总账记录与历史 / neither ledger nor engine knows of {case}")
    matter = await asyncio.to_thread(with_cited, engine, matter)
    return await asyncio.to_thread(judge, matter, children)


async def audit_all(
    engine: Engine, cases: Sequence[str], reach: Reach, children: Children, advance: Callable[[int], None]
) -> list[RunAudit]:
    """Audit every run of these cases, a few at a time, in the order of the cases. Raises like `gather`."""
    found: dict[int, list[RunAudit]] = {}
    waiting = iter(enumerate(cases))
    at_once = children.processes + 1  # one more, so that no child waits for the database
    loop = asyncio.get_running_loop()

    async def work(threads: ThreadPoolExecutor) -> None:
        for place, case in waiting:
            stored = await loop.run_in_executor(threads, read_stored, engine, case)
            if is_matter(stored):
                matter = await gather(stored, reach)
                matter = await loop.run_in_executor(threads, with_cited, engine, matter)
                found[place] = await loop.run_in_executor(threads, judge, matter, children)
            advance(1)

    with ThreadPoolExecutor(at_once) as threads:
        tasks = [asyncio.create_task(work(threads)) for _ in range(at_once)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:  # where one failed, nobody waits for the others
                task.cancel()
    return [each for _, runs in sorted(found.items()) for each in runs]


def audit_file(held: Held, stored: Stored | None, children: Children) -> RunAudit:
    """Audit a history from a file, beside the ledger at hand where that knows its run."""
    if stored is None or held.run_id not in {*stored.runs, *stored.exports}:
        return _run(held, None, {held.run_id: held}, None, children)
    known = {**archived_runs(stored)[0], held.run_id: held}
    spaces = {
        str(entry.event.get("wfnamespace"))
        for entry in stored.chain
        if entry.event.get("wfrunid") == held.run_id
    }
    return _run(replace(held, namespace=min(spaces, default="")), stored, known, None, children)


def judge(matter: Matter, children: Children) -> list[RunAudit]:
    """The audits of all runs of a matter, those included whose history is nowhere."""
    audits = [_run(held, matter.stored, matter.runs, matter.runs, children) for held in matter.runs.values()]
    lost = dict(strangers(matter))
    for run_id in matter.unreadable:
        lost.setdefault(run_id, [])
    return [*audits, *(_lost(matter, run_id, entries) for run_id, entries in lost.items())]


def _run(
    held: Held,
    stored: Stored | None,
    known: Mapping[str, Held],
    others: Mapping[str, Held] | None,
    children: Children,
) -> RunAudit:
    """All checks of one run; receipts of the `known` tell of the chain, `others` are the whole matter."""
    archived = stored.archived.get(held.run_id) if stored else None
    export = stored.exports.get(held.run_id) if stored else None
    checks = [integrity(held, archived, export), structure(held, others)]
    if checks[-1].verdict is Verdict.FAIL:
        checks += [skipped(kind, "结构不成立 / the structure does not hold") for kind in LATER]
    else:
        heads = {seq: head for each in known.values() for seq, head in heads_of(each.history).items()}
        chain = stored.chain if stored else None
        real, whole = stored is not None and stored.real, others is not None
        cited = stored.cited if stored else None
        checks.append(completeness(held, chain, heads, cited, real=real, whole=whole))
        checks += _replayed(held, stored, heads, children)
    return RunAudit(
        workflow_id=held.workflow_id,
        run_id=held.run_id,
        workflow_type=held.workflow_type,
        case=held.case,
        source=held.source,
        open=held.open,
        events=len(held.history.events),
        checks=tuple(checks),
    )


def _replayed(held: Held, stored: Stored | None, heads: Mapping[int, str], children: Children) -> list[Check]:
    if not worked(held.history):
        nothing = "没有已完成的任务 / no workflow task is completed: nothing to replay"
        return [skipped(Kind.REPLAY, nothing), skipped(Kind.STRICT, nothing)]
    beside = None
    if stored is not None:
        leaves = {entry.id: entry.leaf for entry in stored.chain}
        beside = Beside(stored.origin.name, held.namespace, leaves, heads)
    return children.judge(Job(held.history.SerializeToString(), beside))


def _lost(matter: Matter, run_id: str, entries: Sequence[Entry]) -> RunAudit:
    """What can be said of a run without a history."""
    why = matter.unreadable.get(
        run_id, "历史不在引擎也不在档案 / neither engine nor archive holds its history"
    )
    workflow_id = matter.stored.runs.get(run_id, "")
    findings = [Finding(said=f"{entry.type}: {why}", entry=entry.id, seq=entry.seq) for entry in entries]
    unreadable = run_id in matter.unreadable
    first = failed(Kind.INTEGRITY, why) if unreadable else skipped(Kind.INTEGRITY, why)
    complete = judged(Kind.COMPLETENESS, findings) if findings else skipped(Kind.COMPLETENESS, why)
    others = [skipped(kind, why) for kind in (Kind.STRUCTURE, Kind.REPLAY, Kind.STRICT)]
    return RunAudit(
        workflow_id=workflow_id,
        run_id=run_id,
        workflow_type="",
        case=matter.stored.case,
        source=Source.MISSING,
        open=False,
        events=0,
        checks=(first, others[0], complete, *others[1:]),
    )
