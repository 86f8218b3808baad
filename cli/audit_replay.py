"""`yangguang audit replay`: are the histories what happened, and is the ledger what they say?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine, make_url
from temporalio.client import Client

from audit.children import SECONDS, Children
from audit.gather import Reach, Stored, cases_in, origin_of, read_stored
from audit.history import Held, from_file
from audit.replay import audit_all, audit_case, audit_file
from audit.verdicts import AuditReport, Check, RunAudit, Verdict
from cli import context
from cli.output import JsonOption, print_json, print_table, progress
from ledger.db import OriginKind, connect, snapshot
from schemas.errors import UsageError, VerificationError
from starter.connect import connect as connect_engine
from starter.engine import engine

LAMPS = {
    Verdict.PASS: "● 通过 pass",
    Verdict.FAIL: "▲ 不符 FAIL",
    Verdict.NOT_APPLICABLE: "○ 不适用 n/a",
}

Case = Annotated[str | None, typer.Argument(help="件号 / number of the matter.")]
File = Annotated[
    Path | None,
    typer.Option("--file", help="历史文件 / a history as `temporal workflow show --output json` writes it."),
]
All = Annotated[bool, typer.Option("--all", help="总账与档案中的全部 / all matters of ledger and archive.")]
Open = Annotated[
    bool, typer.Option("--open", help="文件中的运行尚未结束 / the file's run has not ended yet.")
]
Processes = Annotated[
    int, typer.Option(min=0, max=256, help="进程数，0 为全部核心 / processes; 0: all cores.")
]
Seconds = Annotated[
    float, typer.Option("--timeout", min=1, max=3600, help="每份历史限时（秒） / seconds for one history.")
]


def replay(
    case: Case = None,
    file: File = None,
    everything: All = False,
    unfinished: Open = False,
    processes: Processes = 0,
    seconds: Seconds = SECONDS,
    as_json: JsonOption = False,
) -> None:
    """重放审计 / audit histories: are they whole, do they replay, is the ledger what they say? 3 when not."""
    if sum((case is not None, file is not None, everything)) != 1:
        raise UsageError("件号、--file、--all 三者择一 / give a number, --file or --all, and only one")
    if unfinished and file is None:
        raise UsageError("--open 只与 --file 合用 / --open goes with --file only")
    with Children(processes, seconds) as children:
        if file is not None:
            report = _file(from_file(file, open_run=unfinished), children)
        else:
            report = context.run(_matters(case, children))
    _tell(report, as_json=as_json)


def _file(held: Held, children: Children) -> AuditReport:
    """A file needs no ledger; where one is at hand that knows the run, it is compared."""
    stored = _stored(held)
    return _report(stored.origin.name if stored else "", [audit_file(held, stored, children)])


def _stored(held: Held) -> Stored | None:
    """What this home's ledger holds of a history's case; None where there is no such ledger yet."""
    opened = connect(context.database_url(), read_only=True)
    try:
        return None if _absent(context.database_url()) else read_stored(opened, held.case, [held])
    finally:
        opened.dispose()


def _absent(url: str) -> bool:
    address = make_url(url)
    return address.get_backend_name() == "sqlite" and not Path(str(address.database)).exists()


async def _matters(case: str | None, children: Children) -> AuditReport:
    opened = connect(context.database_url(), read_only=True)
    try:
        async with _reaching() as reach:
            return await _audited(opened, case, reach, children)
    finally:
        opened.dispose()


async def _audited(opened: Engine, case: str | None, reach: Reach, children: Children) -> AuditReport:
    with snapshot(opened) as connection:
        origin = origin_of(connection).name
    if case is not None:
        return _report(origin, await audit_case(opened, case, reach, children))
    cases = cases_in(opened)
    with progress("审计 / auditing", len(cases)) as advance:
        return _report(origin, await audit_all(opened, cases, reach, children, advance))


@asynccontextmanager
async def _reaching() -> AsyncIterator[Reach]:
    """The engine, reached on first use only, and never with a worker: an audit acts on nothing."""
    async with AsyncExitStack() as stack:
        once, clients = asyncio.Lock(), list[Client]()

        async def reach() -> Client:
            async with once:
                if not clients:
                    here = context.home()
                    simulated = here.kind is OriginKind.SIMULATION
                    reached = await stack.enter_async_context(engine(here, time_skipping=simulated))
                    clients.append(await connect_engine(reached))
            return clients[0]

        yield reach


def _report(origin: str, runs: list[RunAudit]) -> AuditReport:
    return AuditReport(
        origin=origin, passed=bool(runs) and not any(each.failed for each in runs), runs=tuple(runs)
    )


def _tell(report: AuditReport, *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        if not report.passed:
            raise typer.Exit(VerificationError.exit_code)
        return
    columns = (
        "件号 case",
        "运行 run",
        "来源 source",
        "事件 events",
        "检查 check",
        "结论 verdict",
        "说明 said",
    )
    print_table(columns, [line for run in report.runs for line in _lines(run)])
    if not report.passed:
        failures = sum(each.failed for each in report.runs)
        raise VerificationError(
            f"审计不通过 / the audit fails: {failures} / {len(report.runs)} 份历史 / histories"
        )


def _lines(run: RunAudit) -> list[tuple[object, ...]]:
    state = f"{run.source}{' 在办 open' if run.open else ''}"
    head = (run.case, run.run_id, state, run.events)
    lines: list[tuple[object, ...]] = []
    for check in run.checks:
        for said in _said(check):
            lines.append((*head, check.check, LAMPS[check.verdict], said))
    return lines


def _said(check: Check) -> list[str]:
    """One line a finding: where, then what."""
    told = []
    for each in check.findings:
        places = [
            f"事件 event {each.event}" if each.event else "",
            f"序 seq {each.seq}" if each.seq else "",
            f"记录 entry {each.entry[:16]}" if each.entry else "",
        ]
        told.append(f"{', '.join(filter(None, places)) or '-'}: {each.said}")
    if check.count > len(told):
        told.append(f"另有 {check.count - len(told)} 处 / and {check.count - len(told)} more")
    return told or [check.said]
