"""A meeting step by step: what `yangguang review` offers for the session and its minutes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.context import clients, looking, run, stored
from cli.matter import AsOption, PostOption, ProfileOption, ViewerOption, parsed_time, post_for
from cli.output import JsonOption, print_json
from cli.steps import NumberArgument, OpinionOption, ReasonOption, do
from schemas.errors import UsageError
from schemas.review import Choice
from starter.reviews import minutes_of
from starter.sight import look

KIND = "review"


def convene(
    number: NumberArgument,
    officer: AsOption,
    members: Annotated[
        list[str], typer.Option("--member", help="成员 工号[:岗位]，第一名主持 / member; the first presides.")
    ],
    meets: Annotated[str, typer.Option(help="会议时间 / time of the meeting, with offset.")],
    papers: Annotated[list[str] | None, typer.Option("--paper", help="会议材料 / paper sent.")] = None,
    reason: ReasonOption = "",
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """召集 / call the meeting and send its papers."""
    listed = [_member(each, profile, chair=n == 0) for n, each in enumerate(members)]
    about: dict[str, Any] = {"members": listed, "meets_at": parsed_time(meets), "materials": papers}
    do(KIND, number, "convene", officer, post, profile, as_json, reason=reason, **about)


def _member(text: str, profile: str, *, chair: bool) -> dict[str, Any]:
    officer, _, post = text.partition(":")
    return {"officer": officer, "post": post_for(profile, officer, post), "chair": chair}


def attend(
    number: NumberArgument,
    officer: AsOption,
    leave: Annotated[bool, typer.Option("--leave", help="请假，须写明理由 / ask for leave.")] = False,
    reason: ReasonOption = "",
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """签到 / sign in, or ask for leave; the chair's presence opens the meeting."""
    do(KIND, number, "attend", officer, post, profile, as_json, leave=leave, reason=reason)


def recuse(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption = "",
    member: Annotated[str, typer.Option(help="由主持人决定回避的成员 / whom the chair recuses.")] = "",
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """回避 / withdraw, because one is concerned oneself."""
    do(KIND, number, "recuse", officer, post, profile, as_json, reason=reason, member=member)


def vote(
    number: NumberArgument,
    choice: Annotated[Choice, typer.Argument(help="agree, oppose, abstain.")],
    officer: AsOption,
    opinion: OpinionOption = "",
    reason: ReasonOption = "",
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """表决 / speak and vote; opposing and abstaining have a reason."""
    said = {"opinion": opinion, "reason": reason, "choice": choice.value}
    do(KIND, number, "vote", officer, post, profile, as_json, **said)


def close(
    number: NumberArgument,
    officer: AsOption,
    defer: Annotated[bool, typer.Option("--defer", help="暂缓，须写明理由 / adjourn.")] = False,
    reason: ReasonOption = "",
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """宣布结果 / close the meeting: the majority's outcome, or adjourned."""
    do(KIND, number, "close_session", officer, post, profile, as_json, defer=defer, reason=reason)


def minutes(number: NumberArgument, viewer: ViewerOption = "", as_json: JsonOption = False) -> None:
    """纪要 / the minutes' text, and the digest that a signature binds to."""

    async def ask() -> tuple[str, str]:
        async with clients() as client:
            return await minutes_of(client, number)

    with looking(viewer, f"{KIND} minutes", number) as eyes, stored() as connection:
        look(connection, eyes, KIND, number)
    text, digest = run(ask())
    if as_json:
        print_json({"number": number, "minutes": text, "sha256": digest})
        return
    print(f"{text}sha256: {digest}")


def sign(
    number: NumberArgument,
    officer: AsOption,
    digest: Annotated[str, typer.Option("--sha256", help="所读纪要的摘要 / digest of the minutes read.")],
    reason: ReasonOption = "",
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """签署纪要 / sign the minutes that one has read; the chair signs last."""
    if len(digest) != 64:
        raise UsageError(
            f"摘要须为 64 位 / the digest has 64 characters: yangguang review minutes {number}", code="digest"
        )
    do(KIND, number, "sign_minutes", officer, post, profile, as_json, minutes=digest, reason=reason)
