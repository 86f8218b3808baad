"""The main steps of a complaint as verbs: what `yangguang complaint` offers besides `act`."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import typer

from cli.context import clients, run
from cli.matter import AsOption, PostOption, ProfileOption, post_for
from cli.output import JsonOption, print_json, print_table
from cli.steps import (
    DocumentOption,
    NotifiedOption,
    NumberArgument,
    OpinionOption,
    ReasonOption,
    ToOption,
    do,
)
from schemas.complaint import Merit
from starter.acting import message_for
from starter.complaints import read_sealed

KIND = "complaint"


def accept(
    number: NumberArgument,
    officer: AsOption,
    notified: NotifiedOption = "",
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """受理 / accept it."""
    do(KIND, number, "accept", officer, post, profile, as_json, notified=notified)


def refuse(
    number: NumberArgument,
    officer: AsOption,
    ground: Annotated[str, typer.Option(help="litigation, reconsideration, finished, not_ours …")],
    reason: ReasonOption,
    route: Annotated[str, typer.Option(help="应当走的途径 / the way that is open instead.")],
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """不予受理 / refuse it, with the reason and the way that is open instead."""
    said = {"ground": ground, "reason": reason, "route": route}
    do(KIND, number, "refuse", officer, post, profile, as_json, **said)


def assign(
    number: NumberArgument,
    officer: AsOption,
    to: ToOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """交办 / give it to a section that it is not about."""
    do(KIND, number, "assign", officer, post, profile, as_json, to_post=to)


def handle(
    number: NumberArgument,
    officer: AsOption,
    merit: Annotated[Merit, typer.Option(help="是否属实 / what was found.")],
    opinion: OpinionOption,
    responsible: Annotated[list[str] | None, typer.Option(help="责任人工号 / staff numbers.")] = None,
    fault: Annotated[list[str] | None, typer.Option(help="过错情形 / fault codes, as F05.")] = None,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """办理 / say what was found; where it is justified, a lead is opened."""
    found = {"merit": merit.value, "opinion": opinion, "responsible": responsible, "faults": fault}
    do(KIND, number, "handle", officer, post, profile, as_json, **found)


def reply(
    number: NumberArgument,
    officer: AsOption,
    opinion: OpinionOption,
    document: DocumentOption = "",
    notified: NotifiedOption = "",
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """答复 / answer; the opinion is the answer as he gets it."""
    said = {"opinion": opinion, "document": document, "notified": notified}
    do(KIND, number, "reply", officer, post, profile, as_json, **said)


def call_back(
    number: NumberArgument,
    officer: AsOption,
    opinion: OpinionOption,
    satisfaction: Annotated[
        int | None, typer.Option(min=1, max=5, help="满意度 / one (bad) to five.")
    ] = None,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """回访 / ask whether it helped; without a satisfaction: he was not reached."""
    said = {"opinion": opinion, "satisfaction": satisfaction, "reached": satisfaction is not None}
    do(KIND, number, "call_back", officer, post, profile, as_json, **said)


def close(
    number: NumberArgument,
    officer: AsOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """办结归档 / close it; the result is shown."""
    do(KIND, number, "close", officer, post, profile, as_json)


def read_identity(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """查阅身份 / read who complains; the reading stays on record."""
    _read("read_identity", number, officer, reason, post_for(profile, officer, post), as_json)


def read_content(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """查阅内容 / read what is complained of; the reading stays on record."""
    _read("read_content", number, officer, reason, post_for(profile, officer, post), as_json)


def _read(name: str, number: str, officer: str, reason: str, post: str, as_json: bool) -> None:
    fields: dict[str, Any] = {"officer": officer, "post": post, "reason": reason}
    message = message_for(KIND, name, {**fields, "id": f"cli-{uuid.uuid4().hex}"})

    async def ask() -> dict[str, str]:
        async with clients() as client:
            return await read_sealed(client, number, name, message)

    opened = run(ask())
    if as_json:
        print_json({"act": message.id, "opened": opened})
    else:
        print_table(("密封字段 field", "内容 value"), sorted(opened.items()))
