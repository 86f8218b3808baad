"""`yangguang review`: ask for, hold, show and list joint reviews (联席会审)."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import review_sealed as sealed
from cli import review_steps as steps
from cli.common import add_common
from cli.context import clients, run
from cli.matter import AsOption, KeyOption, PostOption, ProfileOption, parsed_time, post_for
from cli.output import JsonOption
from cli.review_steps import KIND
from cli.showing import print_receipt
from schemas.intake import IntakeReceipt
from schemas.matters import Channel
from schemas.review import ReviewRequest
from starter.acting import checked
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


add_common(app, KIND)
