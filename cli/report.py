"""`yangguang report`: the supervision office's weekly, monthly and quarterly reports (M07)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from audit.report import Regeneration
from audit.report import regenerate as regenerated
from cli import context, report_acts
from cli.context import stored
from cli.matter import PostOption, ProfileOption, ViewerOption, post_for
from cli.output import JsonOption, print_json, print_table, progress
from cli.report_acts import KIND, NumberArgument
from cli.report_files import Format, FormatOption, OutOption, PublicOption, told_total, write_files
from cli.report_making import wait_for
from readmodel.query import Filters, MatterRow
from rules.procedures import state_name
from rules.report.document import Document, figure_of
from rules.report.names import figure_name
from rules.report.periods import period_of
from rules.report.rows import COLUMNS
from schemas.errors import UsageError, VerificationError
from schemas.report import PeriodKind, ReportMade
from starter.reports import document_of, made_of, seen_by
from starter.sight import look, seen_page

app = typer.Typer(help="督查周报、月报、季报 / reports of the supervision office.", no_args_is_help=True)

app.command()(report_acts.generate)
app.command()(report_acts.review)
app.command()(report_acts.sign)
app.command()(report_acts.distribute)
app.command()(report_acts.supersede)


@app.command()
def make(
    period: Annotated[PeriodKind, typer.Option(help="周期 / how long it reaches.")],
    of: Annotated[str, typer.Option(help="2026-W25、2026-06、2026-Q2，或其中一日 / or a day in it.")],
    formats: FormatOption = None,
    out: OutOption = None,
    public: PublicOption = False,
    officer: Annotated[
        str, typer.Option("--as", help="工号；不填即由系统代督查室主任 / who begins it; else the calendar.")
    ] = "",
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """生成 / begin the report of a period that has ended, or meet the one there is, and write it."""
    wanted = period_of(period, of)
    acting = post_for(profile, officer, post) if officer else ""
    number = context.run(wait_for(wanted, officer, acting, profile))
    _give(number, "", formats, out, public, as_json)


@app.command("show")
def show_command(
    number: NumberArgument,
    figure: Annotated[
        str, typer.Option(help="指标：列出所依据的事项 / list the matters behind a figure.")
    ] = "",
    formats: FormatOption = None,
    out: OutOption = None,
    public: PublicOption = False,
    viewer: ViewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """查看 / the figures of a report, or with --figure the matters and entries behind one."""
    if figure:
        _list_figure(number, figure, viewer, as_json)
    else:
        _give(number, viewer, formats, out, public, as_json)


@app.command("list")
def list_command(
    state: Annotated[str | None, typer.Option(help="状态 / state.")] = None,
    after: Annotated[str | None, typer.Option(help="下一页 / continue after this cursor.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    viewer: ViewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """列表 / list reports."""
    filters = Filters(kind=KIND, state=state, after=after, limit=limit)
    with context.looking(viewer, "report list") as eyes, stored() as connection:
        page = seen_page(connection, eyes, filters)
    if as_json:
        print_json({"rows": page.rows, "next": page.next, "seen_as": viewer or "house"})
        return
    columns = ("编号 number", "报告期 period", "状态 state", "到期 due", "责任人 owner")
    print_table(columns, [_cells(row) for row in page.rows])


@app.command()
def regenerate(number: NumberArgument, as_json: JsonOption = False) -> None:
    """重新计算核对 / compute it again from the ledger; exit code 3 unless every byte is the same."""
    with stored() as connection:
        total = made_of(connection, number).range.last + 1
        with progress("重新计算 / computing", total) as advance:
            outcome = regenerated(connection, number, context.home().reports, advance)
    if as_json:
        print_json(outcome)
    else:
        _print_outcome(outcome)
    if not outcome.identical:
        if as_json:
            raise typer.Exit(VerificationError.exit_code)
        raise VerificationError(f"{number} 与总账不符 / {number} is not what the ledger says")


def _give(
    number: str, viewer: str, formats: list[Format] | None, out: Path | None, public: bool, as_json: bool
) -> None:
    """The report as files where a folder is named, else as a table."""
    if formats and out is None:
        raise UsageError("--format 须与 --out 同用 / --format takes --out, the folder to write to")
    found, made, row = _seen_document(number, viewer)
    files = write_files(out, formats, found, row.state or "", public) if out else ()
    if as_json:
        print_json({"number": number, "state": row.state, "made": made, "files": files, "report": found})
        return
    print(f"{number}  {state_name(KIND, row.state or '')}  {made.digest}")
    print(f"总账 / ledger: 0–{made.range.last}  {made.range.root[:16]}…  补录 / late: {made.late}")
    for file in files:
        print(file)
    if not files:
        _print_figures(found)


def _seen_document(number: str, viewer: str) -> tuple[Document, ReportMade, MatterRow]:
    """The document, without the matters that the viewer may not see."""
    ledger = context.open_ledger()
    try:
        with context.looking(viewer, "report show", number) as eyes, stored() as connection:
            row = look(connection, eyes, KIND, number)
            total = made_of(connection, number).range.last + 1
            with progress("读取 / reading", total) as advance:
                found, made = document_of(ledger, context.home().reports, number, advance)
            return seen_by(connection, eyes, found), made, row
    finally:
        ledger.close()


def _list_figure(number: str, figure: str, viewer: str, as_json: bool) -> None:
    found, _, _ = _seen_document(number, viewer)
    chosen = figure_of(found, figure)
    if as_json:
        print_json({"number": number, "columns": COLUMNS, **chosen})
        return
    zh, en = figure_name(figure)
    print(f"{zh} / {en}: {told_total(chosen['total'])}")
    rows = [(*row[:4], ",".join(row[4]), *row[5:7], "补录 late" if row[7] else "") for row in chosen["rows"]]
    print_table(
        ("件号 matter", "#", "科室 section", "事项 item", "工号 officer", "类 label", "日 days", ""), rows
    )


def _print_figures(found: Document) -> None:
    rows = [
        (each["name"], " / ".join(figure_name(each["name"])), told_total(each["total"]))
        for each in found["figures"]
    ]
    rows += [(name, " / ".join(figure_name(name)), "未保存 / not kept") for name in found["not_kept"]]
    print_table(("指标 figure", "名称 name", "数 number"), rows)


def _cells(row: MatterRow) -> tuple[object, ...]:
    state = state_name(KIND, row.state or "")
    return row.case_id, row.business_key, state, row.promise_due, row.owner


def _print_outcome(outcome: Regeneration) -> None:
    verdict = "✓ 逐字节相同 / identical" if outcome.identical else "✗ 不同 / DIFFERENT"
    print(
        f"{verdict}: {outcome.number}, {outcome.versions} 版 / versions, {outcome.entries} 条 / entries,"
        f" {outcome.files} 份文件 / files"
    )
    print(outcome.digest)
    if outcome.divergences:
        columns = ("差异 what", "版 version", "应为 expected", "实为 found")
        print_table(columns, [tuple(each.model_dump().values()) for each in outcome.divergences])
