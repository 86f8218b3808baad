"""`yangguang demo`: the bureau's own story on the real engine, with skipped time, checked at its end.

The demonstration has a home of its own, below the user's, made anew for every run: a simulation
and real work never share a ledger, and what the environment names (a cluster, a database) is
left alone. The story is told in `starter.story`, what must come of it in `starter.story_checks`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import context
from cli.matter import parsed_day
from cli.output import JsonOption, print_json
from cli.telling import console, print_checks, print_commands, print_duties, print_rows, rows_of
from ledger.db import Origin, OriginKind, connect, snapshot
from ledger.entry import Entry
from ledger.read import stream
from ledger.report import Report
from ledger.verify import verify_url
from rules.procedures import PROCEDURES
from schemas.errors import ConflictError, YangguangError
from starter.home import home_path, open_home, try_lock
from starter.simulation import SimulatedClient
from starter.stock import StockTool
from starter.story_chapters import CHAPTERS, LAST
from starter.story_checks import Chapter, Check, check, of_ledger
from starter.story_setting import Setting, setting_from
from starter.story_teller import Teller, ToldMatter

app = typer.Typer(
    help="演示：本局的故事 / demonstration: the bureau's own story.", invoke_without_command=True
)

FOLDER = "demo"
"""The demonstration's home, inside the user's."""


@dataclass(frozen=True)
class Outcome:
    """What a run of the story came to."""

    setting: Setting
    matters: dict[str, ToldMatter]
    """By the key of the chapter; one that broke off before it had a number is missing."""
    checks: dict[str, list[Check]]
    """By the key of the chapter; those of the ledger under `ledger`."""
    report: Report
    origin: Origin

    @property
    def as_told(self) -> bool:
        """Whether everything came as told."""
        return all(each.holds for checks in self.checks.values() for each in checks)


@app.callback()
def demo(
    ctx: typer.Context,
    start: Annotated[
        str | None,
        typer.Option("--from", help="故事起始日，今天或以后 / day the story starts, today or later."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="保留演示数据目录 / keep the demonstration's home to look at.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """演示：真实引擎、模拟时间 / the bureau's story on the real engine, in simulated time."""
    setting = setting_from(parsed_day(start), datetime.now(UTC))
    chosen: Path | None = ctx.find_root().params.get("home")
    with own_home(home_path(chosen) / FOLDER) as here:
        _note(f"演示数据目录 / home of the demonstration: {here}")
        outcome = context.run(tell(setting))
        kept = keep or not outcome.as_told
        (_print_json if json else _print)(outcome)
        if not kept:
            shutil.rmtree(here)
    _note(f"已保留 / kept: yangguang --home {here} ledger verify" if kept else f"已删除 / removed: {here}")
    if not outcome.as_told:
        raise typer.Exit(1)


@contextmanager
def own_home(path: Path) -> Iterator[Path]:
    """A fresh simulation home at `path`, and an environment that names no other engine or database.

    Raises ConflictError where another demonstration runs there, or where `path` holds something else.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = try_lock(path.with_name(f"{path.name}.lock"))
    if lock is None:
        raise ConflictError(f"另一个演示正在运行 / another demonstration is running in {path}")
    try:
        _clear(path)
        context.choose_home(path)
        context.home(OriginKind.SIMULATION)
        with _on_its_own():
            yield path
    finally:
        os.close(lock)


def _clear(path: Path) -> None:
    """Remove what an earlier demonstration left; never anything else."""
    if not path.exists():
        return
    if not (path / "home.toml").exists() or open_home(path).kind is not OriginKind.SIMULATION:
        raise ConflictError(f"{path} 不是演示留下的，不予删除 / is not a demonstration's; remove it yourself")
    shutil.rmtree(path)


@contextmanager
def _on_its_own() -> Iterator[None]:
    names = [name for name in os.environ if name.startswith("TEMPORAL_") or name == "YANGGUANG_DATABASE_URL"]
    taken = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(taken)


async def tell(setting: Setting) -> Outcome:
    """Tell all chapters at the same time, each at its own simulated one, then verify the signed ledger."""
    async with context.session() as opened:
        _note(f"引擎已启动 / engine up; 第 0 日 / day 0 is {setting.day(0)}")
        client = SimulatedClient(opened.client, opened.ledger)
        tool = StockTool(opened.engine, opened.home.path)

        async def chapter(each: Chapter) -> tuple[ToldMatter | None, list[Check]]:
            return await _chapter(each, Teller(client, setting, tool, each.key))

        keys = [each.key for each in (*CHAPTERS, LAST)]
        told = [*await asyncio.gather(*map(chapter, CHAPTERS)), await chapter(LAST)]
    report = await asyncio.to_thread(verify_url, context.database_url())
    matters = {key: matter for key, (matter, _) in zip(keys, told, strict=True) if matter}
    checks = {key: found for key, (_, found) in zip(keys, told, strict=True)}
    numbers = {each.number for matter in matters.values() for each in (matter, *matter.kin)}
    kind = opened.ledger.origin.kind.value
    checks["ledger"] = list(of_ledger(setting, numbers, _entries(), kind, report))
    return Outcome(setting, matters, checks, report, opened.ledger.origin)


def _entries() -> list[Entry]:
    """Everything on record."""
    engine = connect(context.database_url(), read_only=True)
    try:
        with snapshot(engine) as connection:
            return [entry for portion in stream(connection) for entry in portion]
    finally:
        engine.dispose()


async def _chapter(chapter: Chapter, teller: Teller) -> tuple[ToldMatter | None, list[Check]]:
    """A chapter that breaks off is a check that failed; the others go on."""
    broken = ""
    try:
        await chapter.tell(teller)
    except YangguangError as problem:
        broken = problem.message
    matter = await teller.told() if teller.number else None
    _note(f"{chapter.zh} / {chapter.en}: {teller.number} {broken}")
    if matter is None or broken:
        return matter, [check("讲完 / told to its end", "", broken)]
    return matter, list(chapter.checks(teller.setting, matter))


def _print(outcome: Outcome) -> None:
    out, setting = console(), outcome.setting
    for chapter in (*CHAPTERS, LAST):
        if matter := outcome.matters.get(chapter.key):
            out.rule(f"{chapter.zh} / {chapter.en}  {matter.number}", align="left")
            for each in (matter, *matter.kin):
                _print_matter(out, setting, each)
    out.rule("核对 / told and found", align="left")
    titles = {chapter.key: f"{chapter.zh} / {chapter.en}" for chapter in (*CHAPTERS, LAST)}
    for key, checks in outcome.checks.items():
        out.print(titles.get(key, f"总账 / ledger {outcome.origin.name}"), style="bold")
        print_checks(out, checks)
    found = [each for checks in outcome.checks.values() for each in checks]
    wrong = sum(not each.holds for each in found)
    verdict = "全部属实 / all as told" if outcome.as_told else f"{wrong} 项不符 / not as told"
    out.print(
        f"{len(found)} 项核对 / checks: {verdict}", style="bold green" if outcome.as_told else "bold red"
    )


def _print_matter(out: Console, setting: Setting, matter: ToldMatter) -> None:
    out.print(f"{PROCEDURES[matter.kind].zh} / {PROCEDURES[matter.kind].en}  {matter.number}", style="bold")
    print_commands(out, matter.commands)
    print_rows(out, setting, rows_of(setting, matter.kind, matter.entries))
    out.print("责任链 / duty chain")
    print_duties(out, setting, matter.status.duties)
    out.print()


def _print_json(outcome: Outcome) -> None:
    setting = outcome.setting
    matters = [
        {
            "chapter": chapter.key,
            "title_zh": chapter.zh,
            "title_en": chapter.en,
            "number": matter.number,
            "state": matter.status.state,
            "duties": matter.status.duties,
            "cards": matter.status.cards,
            "commands": matter.commands,
            "timeline": rows_of(setting, matter.kind, matter.entries),
        }
        for chapter in (*CHAPTERS, LAST)
        if (told := outcome.matters.get(chapter.key))
        for matter in (told, *told.kin)
    ]
    ledger = {**outcome.report.model_dump(mode="json"), "kind": outcome.origin.kind}
    print_json(
        {
            "as_told": outcome.as_told,
            "start": setting.start,
            "matters": matters,
            "checks": outcome.checks,
            "ledger": ledger,
        }
    )


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
