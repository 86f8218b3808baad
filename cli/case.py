"""`yangguang case`: start, act on, show and list approval cases."""

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
    parsed_day,
    parsed_time,
    post_for,
    print_receipt,
    send_act,
    show,
)
from cli.output import JsonOption
from readmodel.query import Filters
from schemas.intake import CaseRequest, IntakeReceipt
from schemas.matters import Channel
from starter.rulebook import item_of, load_profile

app = typer.Typer(help="办件 / approval cases.", no_args_is_help=True)

KIND = "case"


@app.command()
def start(
    item: Annotated[str, typer.Option(help="事项编码 / item code, as LX-DJ-01.")],
    officer: AsOption,
    key: KeyOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    channel: Annotated[Channel, typer.Option(help="来件渠道 / channel.")] = Channel.WINDOW,
    name: Annotated[str, typer.Option(help="申请人 / applicant's name (sealed).")] = "",
    id_number: Annotated[str, typer.Option(help="证件号 / identity number (sealed).")] = "",
    phone: Annotated[str, typer.Option(help="电话 / phone (sealed).")] = "",
    address: Annotated[str, typer.Option(help="地址 / address (sealed).")] = "",
    material: Annotated[
        list[str] | None,
        typer.Option(help="材料 CODE 或 CODE:页数；all=全部 / material CODE[:PAGES], or all."),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="延续件：原证到期日 / a renewal: last day of the permit.")
    ] = None,
    received: Annotated[str | None, typer.Option(help="收件时间 / time of receipt, with offset.")] = None,
    late_reason: Annotated[str, typer.Option(help="补录原因代码 / reason code of a late entry.")] = "",
    as_json: JsonOption = False,
) -> None:
    """收件 / receive an application; prints number, lookup code and promised date."""
    rules = load_profile(profile)
    codes = [m.code for m in item_of(rules, item).materials]
    request = checked(
        CaseRequest,
        {
            "business_key": key,
            "profile": profile,
            "item": item,
            "channel": channel,
            "officer": officer,
            "post": post_for(profile, officer, post),
            "applicant": applicant_of(name, id_number, phone, address),
            "materials": _pieces(material or [], codes),
            "expires_on": parsed_day(expires),
            "received_at": parsed_time(received),
            "late_reason": late_reason,
        },
    )

    async def send() -> IntakeReceipt:
        async with clients() as client:
            return await client.start_case(request)

    print_receipt(run(send()), as_json)


def _pieces(typed: list[str], codes: list[str]) -> list[dict[str, str]]:
    if typed == ["all"]:
        typed = codes
    pieces = []
    for each in typed:
        code, _, pages = each.partition(":")
        pieces.append({"code": code, "pages": pages or "1"})
    return pieces


@app.command()
def act(
    number: Annotated[str, typer.Argument(help="件号 / case number.")],
    name: Annotated[str, typer.Argument(help="操作 / act, as accept, sign_stage, decide.")],
    officer: AsOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    opinion: Annotated[str, typer.Option(help="意见 / opinion.")] = "",
    reason: Annotated[str, typer.Option(help="理由 / reason.")] = "",
    act_id: Annotated[
        str, typer.Option("--id", help="操作编号，重发不重复 / act id; a repetition has no second effect.")
    ] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="其他字段 key=value / further fields of the act.")
    ] = None,
    data: Annotated[str, typer.Option(help="其他字段 JSON / further fields as a JSON object.")] = "",
    as_json: JsonOption = False,
) -> None:
    """办理 / do an act in a case: it is recorded, or refused with the reason."""
    stated = {"officer": officer, "post": post_for(profile, officer, post)}
    stated |= {"opinion": opinion, "reason": reason, "id": act_id}
    fields = fields_of(settings or [], data, stated)
    send_act(KIND, number, name, fields, as_json)


@app.command("show")
def show_command(
    number: Annotated[str, typer.Argument(help="件号 / case number.")],
    viewer: ViewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """查看 / state, clocks, cards, duty and timeline."""
    show(KIND, number, as_json, viewer)


@app.command("list")
def list_command(
    state: Annotated[str | None, typer.Option(help="状态 / state.")] = None,
    item: Annotated[str | None, typer.Option(help="事项 / item.")] = None,
    owner: Annotated[str | None, typer.Option(help="责任人工号 / who answers for it.")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="只看未结 / open ones only.")] = False,
    overdue: Annotated[str | None, typer.Option(help="到该日已逾期 / overdue as of this day.")] = None,
    after: Annotated[str | None, typer.Option(help="下一页 / continue after this cursor.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    viewer: ViewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """列表 / list cases."""
    filters = Filters(
        kind=KIND,
        state=state,
        item=item,
        owner=owner,
        open_only=open_only,
        overdue_on=parsed_day(overdue),
        after=after,
        limit=limit,
    )
    list_rows(KIND, filters, as_json, viewer)
