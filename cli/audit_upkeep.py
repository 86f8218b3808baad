"""`yangguang audit archive` and `audit reconcile`: the bureau's standing chores, done by hand.

The worker of `up` does both by itself, every ten minutes and every night; here an operator sees how far
they have come, and does them now.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from temporalio.service import RPCError

from audit.incidents import key_of
from audit.matters import count_cases
from audit.reconcile import reconcile as compared
from cli.context import Session, run, session
from cli.output import JsonOption, print_json, print_table, progress
from ledger.db import snapshot
from schemas.errors import UnavailableError, VerificationError
from schemas.upkeep import ArchiveState, Reconciliation
from starter.client import YangguangClient
from starter.faults import start_for_incidents
from starter.upkeep import archive_limit, archive_of

SHOWN = 20
"""Differences told to a person; `--json` tells up to a thousand."""


def archive(
    status: Annotated[
        bool, typer.Option("--status", help="只看不存 / tell how far it is, keep nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """保存已结束流程的历史 / keep the histories of closed runs; exit code 3 when one is in danger."""
    archive_limit()  # a wrong setting is told before an engine is started
    state = run(_archive(status))
    if as_json:
        print_json(state)
    else:
        print_table(("项目 what", "值 value"), _state_rows(state))
    if state.behind:
        _fail(f"历史存档滞后 / histories wait for too long: {state.pending} pending", as_json)


def reconcile(
    no_record: Annotated[
        bool, typer.Option("--no-record", help="不写入总账 / record no incident entries.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """总账与历史双向核对 / compare ledger and histories both ways; exit code 3 when they differ."""
    outcome = run(_reconcile(record=not no_record))
    if as_json:
        print_json(outcome)
    else:
        _print(outcome)
    if not outcome.agrees:
        total = sum(outcome.counts.values())
        _fail(f"总账与历史不符 / ledger and histories differ: {total} 处 / differences", as_json)


@asynccontextmanager
async def _opened() -> AsyncIterator[Session]:
    """A session whose engine may go away meanwhile: that is told in one sentence."""
    try:
        async with session() as opened:
            yield opened
    except RPCError as error:
        raise UnavailableError(f"引擎没有回应 / the engine does not answer: {error.message}") from error


async def _archive(only_look: bool) -> ArchiveState:
    async with _opened() as opened:
        kept = archive_of(opened.client, opened.ledger)
        if only_look:
            return await kept.state()
        with progress("存档 / archiving") as advance:
            return await kept.sweep(advance)


async def _reconcile(*, record: bool) -> Reconciliation:
    async with _opened() as opened:
        with progress("核对 / reconciling", _cases(opened)) as advance:
            return await _compared(opened, record, advance)


async def _compared(opened: Session, record: bool, advance: Callable[[int], None]) -> Reconciliation:
    limit = archive_limit()
    outcome = await compared(opened.ledger, opened.client, record=record, advance=advance, limit=limit)
    if record:
        found = [(key_of(each), each.workflow, each.kind) for each in outcome.differences]
        await start_for_incidents(YangguangClient(opened.client, opened.ledger), found)
    return outcome


def _cases(opened: Session) -> int:
    with snapshot(opened.ledger.engine) as connection:
        return count_cases(connection)


def _fail(said: str, as_json: bool) -> None:
    """The document is the answer to a program; a person gets a sentence as well."""
    if as_json:
        raise typer.Exit(VerificationError.exit_code)
    raise VerificationError(said)


def _state_rows(state: ArchiveState) -> list[tuple[str, object]]:
    return [
        ("状态 / state", "■ 滞后 / BEHIND" if state.behind else "● 正常 / up to date"),
        ("已存历史 / histories kept", state.kept),
        ("本次新存 / kept now", state.added),
        ("待存 / pending", state.pending),
        ("最早待存的结束时间 / oldest pending closed", state.oldest_pending),
        ("滞后秒数 / lag in seconds", state.lag_seconds),
        ("上次清扫 / last sweep", state.last_sweep),
        ("引擎保留秒数 / engine keeps, seconds", state.retention_seconds),
    ]


def _print(outcome: Reconciliation) -> None:
    verdict = "✓ 相符 / agree" if outcome.agrees else "✗ 不符 / DIFFER"
    print(
        f"{verdict}: {outcome.matters} 件 / matters, {outcome.entries} 条记录 / entries,"
        f" {outcome.runs} 次运行 / runs; {outcome.recorded} 项新入账 / new on record"
    )
    if outcome.counts:
        print_table(("差异 difference", "数 number"), list(outcome.counts.items()))
        columns = ("差异 kind", "流程 workflow", "运行 run", "位置 place", "应为 expected", "实为 found")
        rows = [tuple(each.model_dump().values()) for each in outcome.differences[:SHOWN]]
        print_table(columns, rows)
