"""`yangguang inquiry`: start, act on, show and list inquiries (首问负责制)."""

from __future__ import annotations

from typing import Annotated

import typer

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
from readmodel.query import Filters
from schemas.intake import InquiryRequest, IntakeReceipt
from schemas.matters import Channel

app = typer.Typer(help="咨询 / inquiries under first-inquiry responsibility.", no_args_is_help=True)

KIND = "inquiry"


@app.command()
def start(
    topic: Annotated[str, typer.Option(help="事由 / what is asked (sealed).")],
    officer: AsOption,
    key: KeyOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    channel: Annotated[Channel, typer.Option(help="渠道 / channel.")] = Channel.VISIT,
    name: Annotated[str, typer.Option(help="来访人 / who asks (sealed); may be left out.")] = "",
    phone: Annotated[str, typer.Option(help="电话 / phone (sealed).")] = "",
    received: Annotated[str | None, typer.Option(help="时间 / time of the contact, with offset.")] = None,
    late_reason: Annotated[str, typer.Option(help="补录原因代码 / reason code of a late entry.")] = "",
    as_json: JsonOption = False,
) -> None:
    """首问登记 / register an inquiry; the first officer asked is responsible from now on."""
    request = checked(
        InquiryRequest,
        {
            "business_key": key,
            "profile": profile,
            "channel": channel,
            "officer": officer,
            "post": post_for(profile, officer, post),
            "applicant": applicant_of(name, "", phone, ""),
            "topic": topic,
            "received_at": parsed_time(received),
            "late_reason": late_reason,
        },
    )

    async def send() -> IntakeReceipt:
        async with clients() as client:
            return await client.start_inquiry(request)

    print_receipt(run(send()), as_json)


@app.command()
def act(
    number: Annotated[str, typer.Argument(help="编号 / inquiry number.")],
    name: Annotated[str, typer.Argument(help="操作 / act, as answer, hand_over, take_over.")],
    officer: AsOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    opinion: Annotated[str, typer.Option(help="意见、答复 / opinion or answer.")] = "",
    reason: Annotated[str, typer.Option(help="理由 / reason.")] = "",
    to_post: Annotated[str, typer.Option("--to", help="移交给 / post to hand over to.")] = "",
    act_id: Annotated[str, typer.Option("--id", help="操作编号 / act id.")] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="其他字段 key=value / further fields.")
    ] = None,
    data: Annotated[str, typer.Option(help="其他字段 JSON / further fields as a JSON object.")] = "",
    as_json: JsonOption = False,
) -> None:
    """办理 / do an act in an inquiry: it is recorded, or refused with the reason."""
    stated = {"officer": officer, "post": post_for(profile, officer, post)}
    stated |= {"opinion": opinion, "reason": reason, "to_post": to_post, "id": act_id}
    fields = fields_of(settings or [], data, stated)
    send_act(KIND, number, name, fields, as_json)


@app.command("show")
def show_command(
    number: Annotated[str, typer.Argument(help="编号 / inquiry number.")],
    viewer: ViewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """查看 / state, clocks, duty chain and timeline."""
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
    """列表 / list inquiries."""
    filters = Filters(kind=KIND, state=state, owner=owner, open_only=open_only, after=after, limit=limit)
    list_rows(KIND, filters, as_json, viewer)
