"""`yangguang review`: ask for, hold, show and list joint reviews (联席会审)."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import review_sealed as sealed
from cli import review_steps as steps
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
from cli.review_steps import KIND
from cli.steps import NumberArgument, OpinionOption, ReasonOption
from readmodel.query import Filters
from schemas.intake import IntakeReceipt
from schemas.matters import Channel
from schemas.review import ReviewRequest
from starter.reviews import start_review

app = typer.Typer(help="联席会审、集体决策 / joint reviews and their votes.", no_args_is_help=True)
for name, command in (
    ("convene", steps.convene),
    ("attend", steps.attend),
    ("recuse", steps.recuse),
    ("vote", steps.vote),
    ("close", steps.close),
    ("minutes", steps.minutes),
    ("sign", steps.sign),
    ("seal", sealed.seal),
    ("end-sale", sealed.end_sale),
    ("unseal", sealed.unseal),
):
    app.command(name)(command)


@app.command()
def start(
    matters: Annotated[
        list[str], typer.Option("--matter", help="会审事项 / type of matter; may be repeated.")
    ],
    officer: AsOption,
    key: KeyOption,
    case: Annotated[str, typer.Option(help="等待决议的办件 / number of the case that waits for it.")] = "",
    post: PostOption = "",
    profile: ProfileOption = "current",
    received: Annotated[str | None, typer.Option(help="时间 / time of the request, with offset.")] = None,
    late_reason: Annotated[str, typer.Option(help="补录原因代码 / reason code of a late entry.")] = "",
    as_json: JsonOption = False,
) -> None:
    """提请会审 / put a question to a joint review."""
    request = checked(
        ReviewRequest,
        {
            "business_key": key,
            "profile": profile,
            "channel": Channel.INTERNAL,
            "officer": officer,
            "post": post_for(profile, officer, post),
            "matters": matters,
            "case": case,
            "received_at": parsed_time(received),
            "late_reason": late_reason,
        },
    )

    async def send() -> IntakeReceipt:
        async with clients() as client:
            return await start_review(client, request)

    print_receipt(run(send()), as_json)


@app.command()
def act(
    number: NumberArgument,
    name: Annotated[str, typer.Argument(help="操作 / act, as override, execute, withdraw.")],
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
    """办理 / do any act of a review: it is recorded, or refused with the reason."""
    stated = {"officer": officer, "post": post_for(profile, officer, post)}
    stated |= {"opinion": opinion, "reason": reason, "id": act_id}
    send_act(KIND, number, name, fields_of(settings or [], data, stated), as_json)


@app.command("show")
def show_command(number: NumberArgument, viewer: ViewerOption = "", as_json: JsonOption = False) -> None:
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
    """列表 / list reviews."""
    filters = Filters(kind=KIND, state=state, owner=owner, open_only=open_only, after=after, limit=limit)
    list_rows(KIND, filters, as_json, viewer)
