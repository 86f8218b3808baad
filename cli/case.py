"""`yangguang case`: start, act on, show and list approval cases."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.common import add_common
from cli.context import clients, run
from cli.matter import (
    AsOption,
    KeyOption,
    PostOption,
    ProfileOption,
    applicant_of,
    parsed_day,
    parsed_time,
    post_for,
)
from cli.output import JsonOption
from cli.showing import print_receipt
from schemas.intake import CaseRequest, IntakeReceipt
from schemas.matters import Channel
from starter.acting import checked
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


add_common(app, KIND)
