"""What the supervision office does with a report: compute it again, review, sign, send, supersede it."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.matter import AsOption, PostOption, fields_of, post_for, send_act
from cli.output import JsonOption

KIND = "report"
NumberArgument = Annotated[str, typer.Argument(help="编号 / number, as BB-2026-06.")]
OpinionOption = Annotated[str, typer.Option(help="意见 / opinion.")]
ReasonOption = Annotated[str, typer.Option(help="理由 / reason.")]
FactsOption = Annotated[
    str, typer.Option(help="所见文件的摘要，见 show / digest of what was seen, as `show` tells it.")
]
IdOption = Annotated[str, typer.Option("--id", help="操作编号 / act id.")]


def generate(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    post: PostOption = "",
    act_id: IdOption = "",
    as_json: JsonOption = False,
) -> None:
    """重新生成 / compute an unsigned report again, over what is on record now."""
    _act(number, "generate", officer, post, act_id, as_json, reason=reason)


def review(
    number: NumberArgument,
    officer: AsOption,
    opinion: OpinionOption,
    post: PostOption = "",
    facts: FactsOption = "",
    act_id: IdOption = "",
    as_json: JsonOption = False,
) -> None:
    """复核 / review, by somebody other than the signer."""
    _act(number, "review", officer, post, act_id, as_json, opinion=opinion, facts=facts)


def sign(
    number: NumberArgument,
    officer: AsOption,
    opinion: OpinionOption,
    post: PostOption = "",
    facts: FactsOption = "",
    act_id: IdOption = "",
    as_json: JsonOption = False,
) -> None:
    """签发 / sign, by the head of the supervision office."""
    _act(number, "sign", officer, post, act_id, as_json, opinion=opinion, facts=facts)


def distribute(
    number: NumberArgument,
    officer: AsOption,
    post: PostOption = "",
    act_id: IdOption = "",
    as_json: JsonOption = False,
) -> None:
    """报送 / send it to those whom the rules name."""
    _act(number, "distribute", officer, post, act_id, as_json)


def supersede(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    post: PostOption = "",
    act_id: IdOption = "",
    as_json: JsonOption = False,
) -> None:
    """更正替代 / begin another report of the same period in place of a signed one."""
    _act(number, "supersede", officer, post, act_id, as_json, reason=reason)


def _act(number: str, name: str, officer: str, post: str, act_id: str, as_json: bool, **stated: str) -> None:
    given = {"officer": officer, "post": post_for("current", officer, post), "id": act_id, **stated}
    send_act(KIND, number, name, fields_of([], "", given), as_json)
