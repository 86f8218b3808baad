"""`yangguang import`: a recorded event log through the same workflows on the same engine."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.context import keep_now, run, session
from cli.matter import ProfileOption
from cli.output import JsonOption, print_json, print_table, progress
from schemas.errors import VerificationError
from schemas.profile import Profile
from starter import importing
from starter.assessment import Assessment, assess
from starter.assessment_tables import (
    FIGURES,
    Count,
    by_officer,
    by_unit,
    check_ending,
    document,
    named,
    write_out,
)
from starter.importing import Prepared, Rejected, Summary
from starter.logs.runner import LogClient
from starter.rulebook import load_profile

PATIENCE = timedelta(minutes=2)
"""How long one case may take while dozens of others are with the engine."""

SHOWN = 20
"""Rejected rows told to a person; `--json` tells all."""

_LONGEST_PROMISE = 3660

_FIGURES = {
    "late": "超时件",
    "irregular": "异常件",
    "yellow": "黄牌",
    "red": "红牌",
    "proposed": "待确认牌",
    "D": "直接",
    "M": "主要领导",
    "I": "重要领导",
    "none": "无责",
    "open": "待查",
}


def import_log(
    file: Annotated[Path, typer.Argument(help="日志文件 / event log: CSV or XES, plain or .gz.")],
    mapping: Annotated[
        str, typer.Option(help="映射：自带名称或 YAML 文件 / mapping: a shipped name or a YAML file.")
    ],
    promise: Annotated[
        int | None,
        typer.Option(
            min=0, max=_LONGEST_PROMISE, help="承诺工作日 / promised working days; else the mapping's."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="每件一行的 CSV；评估时为评估表 / one row a case; with --liability its result."),
    ] = None,
    liability: Annotated[
        bool, typer.Option("--liability", help="评估：应发的牌与责任建议 / cards and rows that would follow.")
    ] = False,
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """导入历史日志 / run every case of a recorded log through the same workflows."""
    if out is not None:
        importing.check_out(out)
        if liability:
            check_ending(out)
    rules = load_profile(profile)
    prepared = importing.prepare(file, mapping, promise)
    _tell_rejected([Rejected(line=bad.line, reason=bad.reason) for bad in prepared.log.bad])
    summary, assessment = run(_import(prepared, None if liability else out, rules if liability else None))
    if assessment is not None and out is not None:
        write_out(out, assessment)
    if as_json:
        print_json(summary if assessment is None else {"import": summary, "liability": document(assessment)})
    else:
        print_table(("项目 what", "数 number"), _rows(summary))
        if assessment is not None:
            _print_assessment(assessment)
    if not summary.ledger.verified:
        if as_json:
            raise typer.Exit(VerificationError.exit_code)
        raise VerificationError("总账核对不通过 / the ledger does not hold: see `yangguang ledger verify`")


async def _import(
    prepared: Prepared, out: Path | None, rules: Profile | None
) -> tuple[Summary, Assessment | None]:
    async with session() as opened:
        client = LogClient(opened.client, opened.ledger, patience=PATIENCE)
        total = prepared.acts + len(prepared.submissions)
        with progress("导入与存档 / importing and archiving", total) as advance:
            summary = await importing.run(client, prepared, advance, out, keep_now)
        if rules is None:
            return summary, None
        with progress("评估 / assessing", len(prepared.submissions)) as advance:
            return summary, await asyncio.to_thread(assess, opened.ledger, prepared, rules, advance)


def _tell_rejected(rejected: list[Rejected]) -> None:
    for bad in rejected[:SHOWN]:
        print(f"第 {bad.line} 行未导入 / line {bad.line} left out: {bad.reason}", file=sys.stderr)
    if len(rejected) > SHOWN:
        print(f"… 共 {len(rejected)} 行 / {len(rejected)} rows in all", file=sys.stderr)


def _print_assessment(assessment: Assessment) -> None:
    print_table(
        ("评估 assessed", "数 number"),
        [
            ("规则 / profile", f"{assessment.profile}@{assessment.profile_version}"),
            ("件 / cases", assessment.cases),
            ("有时限超时 / late", assessment.late),
            ("有异常 / irregular", assessment.irregular),
        ],
    )
    _print_counts("科室 unit", by_unit(assessment))
    _print_counts("人员 officer", by_officer(assessment))
    print("以上为线索与建议，未发牌、立案或通知 / leads and proposals; nothing was begun or sent")


def _print_counts(what: str, counts: Iterable[Count]) -> None:
    columns = (what, *(f"{_FIGURES[figure]} {figure}" for figure in FIGURES))
    print_table(columns, [(named(each.name), *(each.figures[f] for f in FIGURES)) for each in counts])


def _rows(summary: Summary) -> list[tuple[str, object]]:
    names = {
        "four_eyes": "一人兼审核与决定 / four eyes: one person checked and determined",
        "out_of_order": "次序颠倒 / out of order",
        "repeated": "重复 / repeated",
        "after_end": "办结之后 / after the end",
    }
    return [
        ("件 / cases", summary.cases),
        ("操作 / acts", summary.acts),
        ("本次新增 / new acts of this run", summary.new),
        ("承诺守约 / promise kept", summary.promise.kept),
        ("承诺逾期 / promise overdue", summary.promise.overdue),
        ("未办结 / unfinished", summary.promise.unfinished),
        ("过法定期限 / after the deadline", summary.after_deadline),
        *((names.get(code, code), number) for code, number in summary.irregularities.items()),
        ("未导入的行 / rows left out", len(summary.rejected)),
        ("重复的行 / repeated rows", summary.repeated_rows),
        ("总账条数 / ledger entries", summary.ledger.entries),
        ("总账核对 / ledger verified", "通过 / yes" if summary.ledger.verified else "不通过 / NO"),
        ("秒 / seconds", summary.seconds),
    ]
