"""`yangguang profile dry-run`: what a draft of the rules would have come to over the cases of a year."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from cli import context
from cli.output import JsonOption, print_json, print_table, progress
from ledger.db import OriginKind, snapshot
from rules.dryrun_counts import Compared
from schemas.errors import UsageError
from starter.dryrun import DryRun, compare, count_cases, draft_in, last_year
from starter.rulebook import load_profile

LOCAL = ZoneInfo("Asia/Shanghai")


def dry_run(
    draft: Annotated[
        Path, typer.Argument(help="草案目录，与规则版本同式 / folder of the draft, written like a profile.")
    ],
    since: Annotated[
        str | None, typer.Option(help="收件起日，缺省一年前 / first day of receipt; a year ago.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="收件止日，缺省今天 / last day of receipt; today.")
    ] = None,
    against: Annotated[str, typer.Option(help="与之比较的规则版本 / profile to compare with.")] = "current",
    instead: Annotated[
        str,
        typer.Option("--as", help="日志中不认识的事项按此事项计 / judge unknown items of a log as this one."),
    ] = "",
    json: JsonOption = False,
) -> None:
    """草案试算 / over the cases of a period: how many would have turned yellow and red under a draft."""
    drafted, in_force = draft_in(draft), load_profile(against)
    now = datetime.now(UTC)
    first, last = last_year(now.astimezone(LOCAL).date())
    period = _day(since, first), _day(until, last)
    ledger = context.open_ledger()
    try:
        at = None if ledger.origin.kind is OriginKind.SIMULATION else now
        with snapshot(ledger.engine) as connection:
            total = count_cases(connection, *period)
            with progress("试算 / comparing", total) as advance:
                root = draft.resolve().parent
                found = compare(
                    connection, in_force, drafted, period, at, root=root, instead=instead, advance=advance
                )
    finally:
        ledger.close()
    if json:
        print_json(found)
    else:
        _print_dry_run(found)


def _day(text: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError:
        raise UsageError(f"不是日期 / not a day, as 2026-01-31: {text!r:.40}", code="bad_day") from None


def _print_dry_run(found: DryRun) -> None:
    print(f"{found.now} → {found.draft}  {found.draft_sha256[:12]}  ({found.since} … {found.until})")
    print_table(
        ("改动 / change", "现行 / in force", "草案 / draft"),
        [(each.key, each.now, each.draft) for each in found.changes],
    )
    columns = (
        "事项 / item",
        "件 / cases",
        "黄 ▲ 记载 / recorded",
        "黄 ▲ 现行 / in force",
        "黄 ▲ 草案 / draft",
        "红 ⬣ 记载 / recorded",
        "红 ⬣ 现行 / in force",
        "红 ⬣ 草案 / draft",
        "无法判断 / cannot be judged",
        "不符环节 / stages",
    )
    total = found.total.model_copy(update={"item": "合计 / all"})
    print_table(columns, [_compared(each) for each in (*found.items, total)])
    if found.not_cases:
        print(
            f"另有 {found.not_cases} 件的事项不在规则中 / {found.not_cases} cases of items that no rules know"
        )


def _compared(row: Compared) -> tuple[object, ...]:
    yellow = (row.recorded.yellow, row.now.yellow, row.draft.yellow)
    red = (row.recorded.red, row.now.red, row.draft.red)
    stages = " ".join(f"{code}×{count}" for code, count in sorted(row.unmatched.items()))
    return f"{row.item} {row.name}".strip(), row.cases, *yellow, *red, row.draft.unjudged, stages
