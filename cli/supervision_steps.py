"""The main steps of a supervision matter as verbs: what `yangguang supervision` offers besides `act`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.matter import AsOption, PostOption, ProfileOption
from cli.output import JsonOption
from cli.steps import EvidenceOption, NumberArgument, OpinionOption, ReasonOption, ToOption, attached, do
from schemas.supervision_rules import Level

KIND = "supervision"


def enter(
    number: NumberArgument,
    officer: AsOption,
    kind: Annotated[str, typer.Option("--type", help="另定类型 / another type than proposed.")] = "",
    days: Annotated[int | None, typer.Option(help="另定期限 / another limit, in days.")] = None,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """立项 / make it a matter with a limit."""
    do(KIND, number, "enter", officer, post, profile, as_json, type=kind, days=days)


def assign(
    number: NumberArgument,
    officer: AsOption,
    to: ToOption,
    co_owner: Annotated[list[str] | None, typer.Option(help="协办岗位 / post that helps.")] = None,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """交办 / give it to one owner, and to those who help."""
    do(KIND, number, "assign", officer, post, profile, as_json, to_post=to, co_owners=co_owner)


def take(
    number: NumberArgument,
    officer: AsOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """接收 / take it; from now on the owner answers."""
    do(KIND, number, "take_over", officer, post, profile, as_json)


def report(
    number: NumberArgument,
    officer: AsOption,
    opinion: OpinionOption,
    evidence: EvidenceOption = None,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """办结报告 / report it done, with evidence."""
    said = {"opinion": opinion, "attachments": attached(evidence)}
    do(KIND, number, "report", officer, post, profile, as_json, **said)


def chase(
    number: NumberArgument,
    officer: AsOption,
    level: Annotated[Level, typer.Option(help="督查单颜色 / colour of the sheet.")] = Level.BLUE,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """催办 / issue a chase sheet before the engine would."""
    do(KIND, number, "chase", officer, post, profile, as_json, level=level.value)


def verify(
    number: NumberArgument,
    officer: AsOption,
    opinion: OpinionOption,
    failed: Annotated[bool, typer.Option("--failed", help="未通过，退回 / it does not hold.")] = False,
    evidence: EvidenceOption = None,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """核实 / verify it, by somebody who had no part in it."""
    said = {"opinion": opinion, "passed": not failed, "attachments": attached(evidence)}
    do(KIND, number, "verify", officer, post, profile, as_json, **said)


def reopen(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """重新督办 / reopen what did not last."""
    do(KIND, number, "reopen", officer, post, profile, as_json, reason=reason)


def close(
    number: NumberArgument,
    officer: AsOption,
    evidence: EvidenceOption = None,
    post: PostOption = "",
    profile: ProfileOption = "current",
    as_json: JsonOption = False,
) -> None:
    """办结归档 / close it, never without evidence."""
    do(KIND, number, "close", officer, post, profile, as_json, attachments=attached(evidence))
