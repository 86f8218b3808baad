"""`yangguang fault`: register leads, act on, show and list fault cases (过错责任追究)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli import fault_steps as steps
from cli.common import add_common
from cli.context import clients, run
from cli.fault_steps import KIND
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
from schemas.errors import UsageError
from schemas.fault import FaultRequest
from schemas.intake import IntakeReceipt
from schemas.matters import Channel
from starter.acting import checked
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


add_common(app, KIND)
