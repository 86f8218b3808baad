"""The main steps of a fault case as verbs: what `yangguang fault` offers besides `act`.

Each is one act under a clear name; whatever else may be stated is reached by `fault act`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.context import open_ledger
from cli.matter import AsOption, PostOption, ProfileOption, fields_of, post_for, read_text, send_act
from cli.output import JsonOption
from rules.confirming import digest_over, heaviest
from schemas.errors import UsageError
from schemas.liability import Finding
from starter.acting import checked
from starter.liability import explain
from starter.rulebook import load_profile

KIND = "fault"

NumberArgument = Annotated[str, typer.Argument(help="案号 / number of the fault case.")]
ReasonOption = Annotated[str, typer.Option(help="理由 / reason.")]
DocumentOption = Annotated[str, typer.Option(help="文号 / number of the document.")]
PersonOption = Annotated[str, typer.Option("--person", help="当事人工号 / staff number of the person.")]
FileOption = Annotated[
    Path | None,
    typer.Option("--file", help="其他字段 JSON 文件 / further fields as a JSON object in a file."),
]


def _do(number: str, name: str, officer: str, post: str, as_json: bool, **fields: Any) -> None:
    """One act by name, in the post the officer holds in today's profile."""
    who = {"officer": officer, "post": post_for("current", officer, post)}
    given = {key: value for key, value in fields.items() if value not in (None, "", [])}
    send_act(KIND, number, name, given | who, as_json)


def screen(
    number: NumberArgument, officer: AsOption, post: PostOption = "", as_json: JsonOption = False
) -> None:
    """初核 / look into the lead."""
    _do(number, "screen", officer, post, as_json)


def accept(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    code: Annotated[list[str] | None, typer.Option(help="立案的过错情形 / faults accepted.")] = None,
    related: Annotated[list[str] | None, typer.Option(help="利害关系人 / related people.")] = None,
    witness: Annotated[list[str] | None, typer.Option(help="证人 / witnesses.")] = None,
    other_grounds: Annotated[str, typer.Option(help="红牌以外的依据 / grounds besides the card.")] = "",
    post: PostOption = "",
    as_json: JsonOption = False,
) -> None:
    """立案 / accept the lead; the limit of the investigation starts."""
    people = {"related": related, "witnesses": witness, "codes": code, "other_grounds": other_grounds}
    _do(number, "accept", officer, post, as_json, reason=reason, **people)


def reject(
    number: NumberArgument,
    officer: AsOption,
    reason: ReasonOption,
    ground: Annotated[str, typer.Option(help="no_fault, not_ours, time_barred.")] = "no_fault",
    notified: Annotated[str, typer.Option(help="如何告知实名举报人 / how the named reporter was told.")] = "",
    post: PostOption = "",
    as_json: JsonOption = False,
) -> None:
    """不予立案 / do not accept the lead; one that must be screened is never dropped."""
    _do(number, "not_accept", officer, post, as_json, reason=reason, ground=ground, notified=notified)


def appoint(
    number: NumberArgument,
    officer: AsOption,
    investigator: Annotated[list[str], typer.Option(help="调查人员工号 / staff number of an investigator.")],
    post: PostOption = "",
    as_json: JsonOption = False,
) -> None:
    """指定调查人员 / appoint the whole team."""
    _do(number, "appoint", officer, post, as_json, team=investigator)


def report(
    number: NumberArgument,
    officer: AsOption,
    opinion: Annotated[str, typer.Option(help="调查结论 / conclusion.")],
    case: Annotated[str, typer.Option(help="件号 / number of the case that is examined.")],
    fault: Annotated[list[str], typer.Option(help="过错情形 / faults to explain, as F07.")],
    findings: Annotated[Path, typer.Option(help="认定 JSON 文件 / findings, a JSON list in a file.")],
    profile: ProfileOption = "current",
    post: PostOption = "",
    as_json: JsonOption = False,
) -> None:
    """调查报告 / report the proposal of the liability table unchanged; others by `act report --file`."""
    found = [checked(Finding, each) for each in _list(findings)]
    ledger = open_ledger()
    try:
        proposals = tuple(explain(ledger, case, each, found, load_profile(profile)) for each in fault)
    finally:
        ledger.close()
    said = {"opinion": opinion, "digest": digest_over(proposals)}
    rows = [row.model_dump(mode="json") for row in heaviest(proposals).values()]
    made = [each.model_dump(mode="json") for each in proposals]
    _do(number, "report", officer, post, as_json, **said, proposals=made, rows=rows)


def _list(file: Path) -> list[Any]:
    try:
        content = json.loads(read_text(file))
    except ValueError as problem:
        raise UsageError(f"{file} 不是 JSON / is not JSON: {problem}", code="bad_findings") from problem
    if not isinstance(content, list):
        raise UsageError(f"{file} 应为 JSON 列表 / must be a JSON list", code="bad_findings")
    return content


def notice(
    number: NumberArgument,
    officer: AsOption,
    document: DocumentOption,
    file: FileOption = None,
    post: PostOption = "",
    as_json: JsonOption = False,
) -> None:
    """告知 / give notice of facts and proposed handling; `--file` holds {"measures": […]}."""
    fields = fields_of([], read_text(file), {"document": document})
    _do(number, "notify_facts", officer, post, as_json, **fields)


def defend(
    number: NumberArgument,
    officer: AsOption,
    point: Annotated[list[str], typer.Option(help="一条申辩 / one point, as 1=text.")],
    person: PersonOption = "",
    oral: Annotated[bool, typer.Option("--oral", help="口头，由调查人员记录 / oral, recorded.")] = False,
    post: PostOption = "",
    as_json: JsonOption = False,
) -> None:
    """陈述申辩 / state a defence, point by point."""
    points = dict(each.partition("=")[::2] for each in point)
    _do(number, "defend", officer, post, as_json, person=person or officer, points=points, oral=oral)


def serve(
    number: NumberArgument,
    officer: AsOption,
    person: PersonOption,
    post: PostOption = "",
    as_json: JsonOption = False,
) -> None:
    """送达 / serve the decision on a person; his time for a remedy starts."""
    _do(number, "serve", officer, post, as_json, person=person)


def decide(
    number: NumberArgument,
    officer: AsOption,
    file: FileOption = None,
    post: PostOption = "",
    as_json: JsonOption = False,
) -> None:
    """处理决定 / decide after the signed minutes; `--file` holds the text with all its parts."""
    _do(number, "decide", officer, post, as_json, **fields_of([], read_text(file), {}))


def remedy(
    number: NumberArgument,
    officer: AsOption,
    path: Annotated[str, typer.Option(help="organisational, employer, supervisory.")] = "organisational",
    step: Annotated[int, typer.Option(min=0, help="第几步，从 0 起 / which step, from 0.")] = 0,
    post: PostOption = "",
    as_json: JsonOption = False,
) -> None:
    """申请救济 / apply for a remedy; nothing of it stops the execution."""
    _do(number, "apply_remedy", officer, post, as_json, path=path, step=step)


def file_command(
    number: NumberArgument, officer: AsOption, post: PostOption = "", as_json: JsonOption = False
) -> None:
    """归档 / file the case: everything is carried out."""
    _do(number, "file", officer, post, as_json)
