"""`yangguang supervision`: propose, act on, show and list supervision matters (督查事项)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli import supervision_steps as steps
from cli.common import add_common
from cli.context import clients, run
from cli.matter import AsOption, KeyOption, PostOption, ProfileOption, parsed_time, post_for
from cli.output import JsonOption
from cli.showing import print_receipt
from cli.steps import DocumentOption
from cli.supervision_steps import KIND
from schemas.intake import IntakeReceipt
from schemas.matters import Channel
from schemas.supervision import SupervisionRequest
from starter.acting import checked
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


add_common(app, KIND)
