"""`yangguang complaint`: register, act on, show and list complaints (投诉, 信访, 行风热线)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli import complaint_steps as steps
from cli.common import add_common
from cli.complaint_steps import KIND
from cli.context import clients, run
from cli.matter import AsOption, KeyOption, PostOption, ProfileOption, applicant_of, parsed_time, post_for
from cli.output import JsonOption
from cli.showing import print_receipt
from schemas.complaint import ComplaintRequest
from schemas.intake import IntakeReceipt
from schemas.matters import Channel
from starter.acting import checked
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


add_common(app, KIND)
