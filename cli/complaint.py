"""`yangguang complaint`: register, act on, show and list complaints (投诉, 信访, 行风热线)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli import complaint_steps as steps
from cli.complaint_steps import KIND
from cli.context import clients, run
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
    parsed_time,
    post_for,
    print_receipt,
    send_act,
    show,
)
from cli.output import JsonOption
from cli.steps import NumberArgument, OpinionOption, ReasonOption
from readmodel.query import Filters
from schemas.complaint import ComplaintRequest
from schemas.intake import IntakeReceipt
from schemas.matters import Channel
from starter.complaints import start_complaint

app = typer.Typer(help="投诉、信访、热线 / complaints, petitions, hotline.", no_args_is_help=True)
app.command("accept")(steps.accept)
app.command("refuse")(steps.refuse)
app.command("assign")(steps.assign)
app.command("handle")(steps.handle)
app.command("reply")(steps.reply)
app.command("call-back")(steps.call_back)
app.command("close")(steps.close)
app.command("read-identity")(steps.read_identity)
app.command("read-content")(steps.read_content)


@app.command()
def start(
    kind: Annotated[
        str, typer.Option("--type", help="hotline, e_monitoring, petition, bad_rating, fault_report.")
    ],
    topic: Annotated[str, typer.Option(help="事由 / what it is about (sealed).")],
    officer: AsOption,
    key: KeyOption,
    accused: Annotated[list[str] | None, typer.Option(help="被投诉人工号 / whom it is about.")] = None,
    section: Annotated[list[str] | None, typer.Option(help="被投诉科室 / section it is about.")] = None,
    about: Annotated[str, typer.Option(help="所涉件号 / number of the case it is about.")] = "",
    elsewhere: Annotated[
        str, typer.Option(help="已在别处处理 / known to belong elsewhere: litigation, finished …")
    ] = "",
    name: Annotated[str, typer.Option(help="投诉人 / who complains (sealed); may be left out.")] = "",
    phone: Annotated[str, typer.Option(help="电话 / phone (sealed).")] = "",
    address: Annotated[str, typer.Option(help="地址 / address (sealed).")] = "",
    channel: Annotated[Channel, typer.Option(help="渠道 / channel.")] = Channel.PHONE,
    post: PostOption = "",
    profile: ProfileOption = "current",
    received: Annotated[str | None, typer.Option(help="时间 / time of receipt, with offset.")] = None,
    late_reason: Annotated[str, typer.Option(help="补录原因代码 / reason code of a late entry.")] = "",
    as_json: JsonOption = False,
) -> None:
    """登记 / register a complaint; an anonymous one too."""
    stated: dict[str, Any] = {"business_key": key, "profile": profile, "type": kind, "topic": topic}
    stated |= {"accused": accused or [], "sections": section or [], "about": about, "elsewhere": elsewhere}
    stated |= {"officer": officer, "post": post_for(profile, officer, post), "channel": channel}
    stated |= {"applicant": applicant_of(name, "", phone, address), "late_reason": late_reason}
    request = checked(ComplaintRequest, {**stated, "received_at": parsed_time(received)})

    async def send() -> IntakeReceipt:
        async with clients() as client:
            return await start_complaint(client, request)

    print_receipt(run(send()), as_json)


@app.command()
def act(
    number: NumberArgument,
    name: Annotated[str, typer.Argument(help="操作 / act, as dispute, extend, request_review.")],
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
    """办理 / do any act in a complaint: it is recorded, or refused with the reason."""
    stated = {"officer": officer, "post": post_for(profile, officer, post)}
    stated |= {"opinion": opinion, "reason": reason, "id": act_id}
    send_act(KIND, number, name, fields_of(settings or [], data, stated), as_json)


@app.command("show")
def show_command(number: NumberArgument, viewer: ViewerOption = "", as_json: JsonOption = False) -> None:
    """查看 / state, clocks, duty chain and timeline, as far as one may see them."""
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
    """列表 / list complaints that one may see."""
    filters = Filters(
        kind=KIND, item=kind, state=state, owner=owner, open_only=open_only, after=after, limit=limit
    )
    list_rows(KIND, filters, as_json, viewer)
