"""`yangguang supervision`: propose, act on, show and list supervision matters (督查事项)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli import supervision_steps as steps
from cli.context import clients, run
from cli.matter import (
    AsOption,
    KeyOption,
    PostOption,
    ProfileOption,
    ViewerOption,
    checked,
    fields_of,
    list_rows,
    parsed_time,
    post_for,
    print_receipt,
    send_act,
    show,
)
from cli.output import JsonOption
from cli.steps import DocumentOption, NumberArgument, OpinionOption, ReasonOption
from cli.supervision_steps import KIND
from readmodel.query import Filters
from schemas.intake import IntakeReceipt
from schemas.matters import Channel
from schemas.supervision import SupervisionRequest
from starter.complaints import start_supervision

app = typer.Typer(help="督查事项 / supervision matters and chase sheets.", no_args_is_help=True)
app.command("enter")(steps.enter)
app.command("assign")(steps.assign)
app.command("take")(steps.take)
app.command("report")(steps.report)
app.command("chase")(steps.chase)
app.command("verify")(steps.verify)
app.command("reopen")(steps.reopen)
app.command("close")(steps.close)


@app.command()
def start(
    kind: Annotated[
        str,
        typer.Option("--type", help="document, minutes, instruction, instruction_urgent, instruction_hard …"),
    ],
    instruction: Annotated[str, typer.Option(help="督查内容 / what is to be done.")],
    officer: AsOption,
    key: KeyOption,
    document: DocumentOption = "",
    days: Annotated[int | None, typer.Option(help="限期 (日) / limit as stated, in days.")] = None,
    post: PostOption = "",
    profile: ProfileOption = "current",
    received: Annotated[str | None, typer.Option(help="时间 / time of the instruction, with offset.")] = None,
    late_reason: Annotated[str, typer.Option(help="补录原因代码 / reason code of a late entry.")] = "",
    as_json: JsonOption = False,
) -> None:
    """提出 / propose a supervision matter."""
    stated: dict[str, Any] = {"business_key": key, "profile": profile, "type": kind, "days": days}
    stated |= {"instruction": instruction, "document": document, "channel": Channel.INTERNAL}
    stated |= {"officer": officer, "post": post_for(profile, officer, post), "late_reason": late_reason}
    request = checked(SupervisionRequest, {**stated, "received_at": parsed_time(received)})

    async def send() -> IntakeReceipt:
        async with clients() as client:
            return await start_supervision(client, request)

    print_receipt(run(send()), as_json)


@app.command()
def act(
    number: NumberArgument,
    name: Annotated[str, typer.Argument(help="操作 / act, as contribute, report_progress.")],
    officer: AsOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    opinion: OpinionOption = "",
    reason: ReasonOption = "",
    act_id: Annotated[str, typer.Option("--id", help="操作编号 / act id.")] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="其他字段 key=value / further fields.")
    ] = None,
    data: Annotated[str, typer.Option(help="其他字段 JSON / further fields as a JSON object.")] = "",
    as_json: JsonOption = False,
) -> None:
    """办理 / do any act in a supervision matter: it is recorded, or refused with the reason."""
    stated = {"officer": officer, "post": post_for(profile, officer, post)}
    stated |= {"opinion": opinion, "reason": reason, "id": act_id}
    send_act(KIND, number, name, fields_of(settings or [], data, stated), as_json)


@app.command("show")
def show_command(number: NumberArgument, viewer: ViewerOption = "", as_json: JsonOption = False) -> None:
    """查看 / state, clocks, sheets, duty chain and timeline, as far as one may see them."""
    show(KIND, number, as_json, viewer)


@app.command("list")
def list_command(
    kind: Annotated[str | None, typer.Option("--type", help="类型 / type.")] = None,
    state: Annotated[str | None, typer.Option(help="状态 / state.")] = None,
    owner: Annotated[str | None, typer.Option(help="责任人工号 / who answers for it.")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="只看未结 / open ones only.")] = False,
    after: Annotated[str | None, typer.Option(help="下一页 / continue after this cursor.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    viewer: ViewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """列表 / list supervision matters that one may see."""
    filters = Filters(
        kind=KIND, item=kind, state=state, owner=owner, open_only=open_only, after=after, limit=limit
    )
    list_rows(KIND, filters, as_json, viewer)
