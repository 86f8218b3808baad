"""`yangguang inquiry`: start, act on, show and list inquiries (首问负责制)."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.common import add_common
from cli.context import clients, run
from cli.matter import AsOption, KeyOption, PostOption, ProfileOption, applicant_of, parsed_time, post_for
from cli.output import JsonOption
from cli.showing import print_receipt
from schemas.intake import InquiryRequest, IntakeReceipt
from schemas.matters import Channel
from starter.acting import checked

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


add_common(app, KIND)
