"""`yangguang detect`: run the detectors over the ledger and see what they see (异常行为筛查)."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.context import clients, open_ledger, run
from cli.output import JsonOption, print_json, print_table, progress
from schemas.errors import UsageError
from schemas.findings import Detections
from starter.detection import detect, open_leads, recent_weeks
from starter.rulebook import load_profile

_WEEK = re.compile(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])")


def detect_command(
    weeks: Annotated[
        list[str] | None, typer.Option("--week", help="ISO 周，可多次 / ISO week, 2026-W24; may be repeated.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="所有的周 / all weeks there are.")] = False,
    opens: Annotated[
        bool, typer.Option("--open/--dry-run", help="开立线索或只查看 / open leads, or only look.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """异常行为筛查 / what was seen, of whom, how often; each finding opens one lead at most."""
    if everything and weeks:
        raise UsageError("--week 与 --all 不能并用 / give --week or --all, not both")
    found = _look(weeks, everything)
    if opens and any(not each.imported for each in found.findings):
        found = run(_opened(found))
    if as_json:
        print_json(found)
        return
    _print(found)


def _look(weeks: list[str] | None, everything: bool) -> Detections:
    for week in weeks or ():
        if not _WEEK.fullmatch(week):
            raise UsageError(f"不是 ISO 周 / not an ISO week: {week!r:.40} (2026-W24)")
    ledger, profile, now = open_ledger(), load_profile("current"), datetime.now(UTC)
    try:
        chosen = None if everything else weeks or recent_weeks(now, profile)
        with progress("筛查 / looking") as advance:
            return detect(ledger, profile, chosen, now, advance)
    finally:
        ledger.close()


async def _opened(found: Detections) -> Detections:
    profile = await asyncio.to_thread(load_profile, "current")
    async with clients() as client:
        opened = await open_leads(client, found.findings, profile)
    return found.model_copy(update={"opened": opened})


def _print(found: Detections) -> None:
    rows = [
        (each.week, each.officer, each.times, each.text, "导入 imported" if each.imported else "")
        for each in found.findings
    ]
    print_table(("周 week", "工号 who", "次 times", "所见 what was seen", ""), rows)
    print(f"查看 {found.entries} 条记录 / entries looked at; 周 / weeks: {', '.join(found.weeks) or '-'}")
    print(f"新开线索 / leads opened: {', '.join(found.opened) or '无 / none'}")
