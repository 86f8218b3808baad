"""`yangguang fault`: register leads, act on, show and list fault cases (过错责任追究)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli import fault_steps as steps
from cli.context import clients, run
from cli.fault_steps import KIND, FileOption, NumberArgument, ReasonOption, read_text
from cli.matter import (
    AsOption,
    KeyOption,
    PostOption,
    ProfileOption,
    ViewerOption,
    applicant_of,
    checked,
    fields_of,
    list_rows,
    parsed_day,
    parsed_time,
    post_for,
    print_receipt,
    send_act,
    show,
)
from cli.output import JsonOption
from readmodel.query import Filters
from schemas.errors import UsageError
from schemas.fault import FaultRequest
from schemas.intake import IntakeReceipt
from schemas.matters import Channel
from starter.faults import start_fault

app = typer.Typer(help="过错追究 / fault cases: leads, inquiry, decision, remedies.", no_args_is_help=True)
app.command("screen")(steps.screen)
app.command("accept")(steps.accept)
app.command("reject")(steps.reject)
app.command("appoint")(steps.appoint)
app.command("report")(steps.report)
app.command("notice")(steps.notice)
app.command("defend")(steps.defend)
app.command("serve")(steps.serve)
app.command("decide")(steps.decide)
app.command("remedy")(steps.remedy)
app.command("file")(steps.file_command)


@app.command()
def start(
    source: Annotated[str, typer.Option(help="线索来源 / source: audit, court, self_report, media …")],
    officer: AsOption,
    key: KeyOption,
    code: Annotated[list[str] | None, typer.Option(help="过错情形 / fault code, as F04.")] = None,
    accused: Annotated[list[str] | None, typer.Option(help="被反映人工号 / staff number accused.")] = None,
    about: Annotated[str, typer.Option(help="所涉事项 / matter it is about, as case/BJ-2026-000001.")] = "",
    text: Annotated[str, typer.Option(help="内容 / what is reported (sealed).")] = "",
    happened: Annotated[str | None, typer.Option(help="发生日期 / day it happened.")] = None,
    ongoing: Annotated[bool, typer.Option("--ongoing", help="仍在继续 / it goes on still.")] = False,
    name: Annotated[str, typer.Option(help="举报人 / who reports it (sealed); may be left out.")] = "",
    phone: Annotated[str, typer.Option(help="电话 / phone (sealed).")] = "",
    post: PostOption = "",
    profile: ProfileOption = "current",
    received: Annotated[str | None, typer.Option(help="时间 / time of receipt, with offset.")] = None,
    late_reason: Annotated[str, typer.Option(help="补录原因代码 / reason code of a late entry.")] = "",
    as_json: JsonOption = False,
) -> None:
    """登记线索 / register a lead; it goes to whoever it is not about."""
    kind, slash, number = about.partition("/")
    if about and not (slash and kind and number):
        raise UsageError(f"--about 写作 种类/编号 / --about is kind/number, not {about!r}", code="bad_about")
    lead = {
        "source": source,
        "codes": code or [],
        "accused": accused or [],
        "about": {"kind": kind, "number": number} if about else None,
        "text": text,
        "occurred_on": parsed_day(happened),
        "ongoing": ongoing,
    }
    stated: dict[str, Any] = {"business_key": key, "profile": profile, "lead": lead}
    stated |= {"channel": Channel.INTERNAL}
    stated |= {"officer": officer, "post": post_for(profile, officer, post), "late_reason": late_reason}
    stated |= {"applicant": applicant_of(name, "", phone, ""), "received_at": parsed_time(received)}
    request = checked(FaultRequest, stated)

    async def send() -> IntakeReceipt:
        async with clients() as client:
            return await start_fault(client, request)

    print_receipt(run(send()), as_json)


@app.command()
def act(
    number: NumberArgument,
    name: Annotated[str, typer.Argument(help="操作 / act, as verify, decide, register_sanction.")],
    officer: AsOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    opinion: Annotated[str, typer.Option(help="意见 / opinion.")] = "",
    reason: ReasonOption = "",
    act_id: Annotated[str, typer.Option("--id", help="操作编号 / act id.")] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="其他字段 key=value / further fields.")
    ] = None,
    data: Annotated[str, typer.Option(help="其他字段 JSON / further fields as a JSON object.")] = "",
    file: FileOption = None,
    as_json: JsonOption = False,
) -> None:
    """办理 / do any act in a fault case: it is recorded, or refused with the reason."""
    if data and file:
        raise UsageError("--data 与 --file 只能用一个 / give --data or --file, not both", code="clash")
    stated = {"officer": officer, "post": post_for(profile, officer, post)}
    stated |= {"opinion": opinion, "reason": reason, "id": act_id}
    fields = fields_of(settings or [], data or read_text(file), stated)
    send_act(KIND, number, name, fields, as_json)


@app.command("show")
def show_command(number: NumberArgument, viewer: ViewerOption = "", as_json: JsonOption = False) -> None:
    """查看 / state, clocks, duty chain and timeline, as far as one may see them."""
    show(KIND, number, as_json, viewer)


@app.command("list")
def list_command(
    state: Annotated[str | None, typer.Option(help="状态 / state.")] = None,
    owner: Annotated[str | None, typer.Option(help="责任人工号 / who answers for it.")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="只看未结 / open ones only.")] = False,
    after: Annotated[str | None, typer.Option(help="下一页 / continue after this cursor.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    viewer: ViewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """列表 / list fault cases that one may see."""
    filters = Filters(kind=KIND, state=state, owner=owner, open_only=open_only, after=after, limit=limit)
    list_rows(KIND, filters, as_json, viewer)
