"""`yangguang liability`: who would answer for a fault of a case, as the profile's table sees it.

A help for those who investigate: it tells what follows from the entries and the findings given, by which
entries, and what is still to be found out. It decides nothing and records nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer
from pydantic import TypeAdapter, ValidationError

from cli.context import looking, open_ledger, stored
from cli.matter import ProfileOption, ViewerOption
from cli.output import JsonOption, print_json, print_table
from cli.showing import print_viewer
from rules.liability_words import DEGREES, GRADES
from schemas.errors import NotPermittedError, UsageError
from schemas.liability import NOT_IN_LOG, Finding, Proposal, Row
from schemas.liability_rules import CAPACITIES
from schemas.profile import Profile
from starter.liability import chain_of, explain
from starter.rulebook import load_profile
from starter.sight import Eyes, look

app = typer.Typer(help="责任划分 / liability for errors.", no_args_is_help=True)

_FINDINGS = TypeAdapter(tuple[Finding, ...])


@app.callback()
def liability() -> None:
    """Keep `explain` a command of its own."""


@app.command("explain")
def explain_command(
    number: Annotated[str, typer.Argument(help="件号 / case number.")],
    fault: Annotated[str, typer.Option(help="过错代码 / code of the fault, as F07.")],
    finding: Annotated[
        list[str] | None,
        typer.Option(help="认定 / finding: question=answer or question=answer@staff number."),
    ] = None,
    findings: Annotated[
        Path | None, typer.Option(help="认定文件 / JSON list of findings, with their evidence.")
    ] = None,
    profile: ProfileOption = "current",
    viewer: ViewerOption = "",
    as_json: JsonOption = False,
) -> None:
    """说明责任 / who would answer in which degree, why, and what is still to be found out."""
    given = [*map(parsed, finding or []), *_read(findings)]
    with looking(viewer, "liability explain", number) as eyes:
        _check_sight(eyes, number)
        made = _explained(number, fault, given, load_profile(profile))
    if as_json:
        print_json(made)
        return
    print_viewer(eyes)
    print_proposal(made, load_profile(profile))


def parsed(text: str) -> Finding:
    """A finding as written on the command line. Raises UsageError (`bad_finding`)."""
    question, equals, rest = text.partition("=")
    answer, _, who = rest.partition("@")
    try:
        return Finding(question=question, answer=answer, who=who.strip())
    except ValidationError:
        raise UsageError(
            f"认定写作 问题=答案 或 问题=答案@工号，不是 {text} / "
            f"a finding is question=answer or question=answer@officer, not {text}",
            code="bad_finding",
        ) from None


def print_proposal(made: Proposal, profile: Profile) -> None:
    """Rows, open questions and digest, for people."""
    print(
        f"{made.matter}  {made.fault}  规则 / rule {made.rule or '-'}  {made.profile}@{made.profile_version}"
    )
    columns = ("人员 who", "岗位 post", "身份 as", "责任 degree", "等级 grade", "幅度 range")
    more = ("规则 rule", "依据条目 entries", "工作日 days", "理由 because")
    print_table((*columns, *more), [_cells(row, profile) for row in made.rows])
    for each in made.open_questions:
        who = f"@{each.who}" if each.who else ""
        answers = " | ".join(each.answers)
        print(f"？{each.zh} / {each.en}: {each.question}{who} = {answers}")
    if made.unproven:
        print(f"未附证据 / without evidence: {', '.join(made.unproven)}")
    state = "不完整，尚有待查 / incomplete" if made.incomplete else "完整 / complete"
    print(f"{state}; 由人认定，软件不作决定 / people decide. digest {made.digest}")


def _cells(row: Row, profile: Profile) -> tuple[object, ...]:
    names = {officer.staff_no: officer.name for officer in profile.officers}
    who = "不在日志中 / not in the log" if row.officer == NOT_IN_LOG else row.officer
    return (
        f"{who} {names.get(row.officer, '')}".strip(),
        row.post,
        " / ".join(CAPACITIES.get(row.role, (row.role,))),
        " / ".join(DEGREES[row.degree]),
        " / ".join(GRADES[row.grade]) if row.grade else "",
        "；".join(_range(measures, profile) for measures in (each.measures for each in row.ranges)),
        row.rule,
        ", ".join((*map(str, row.entries), *row.elsewhere)),
        row.days,
        f"{row.because_zh} / {row.because_en}",
    )


def _range(measures: tuple[str, ...], profile: Profile) -> str:
    names = {step.code: step.name for step in profile.faults.handling}
    names |= {step.code: step.name for step in profile.faults.sanctions}
    return "、".join(names.get(measure, measure) for measure in measures)


def _read(file: Path | None) -> tuple[Finding, ...]:
    if file is None:
        return ()
    try:
        return _FINDINGS.validate_python(orjson.loads(file.read_bytes()))
    except (OSError, orjson.JSONDecodeError, ValidationError) as error:
        first = str(error).splitlines()[0]
        raise UsageError(
            f"{file}: 不是认定清单 / no list of findings: {first}", code="bad_finding"
        ) from error


def _check_sight(eyes: Eyes, number: str) -> None:
    """Whoever may not see all of a chain gets no proposal: one over half of it would be wrong."""
    with stored() as connection:
        look(connection, eyes, "case", number)
        others = {event["subject"] for event in chain_of(connection, number)} - {number}
        hidden = [each for each in others if not eyes.sees(connection, each)]
    if hidden:
        raise NotPermittedError(
            f"{number} 涉及您无权查看的会审 / it was decided in a review you may not see", code="not_seen"
        )


def _explained(number: str, fault: str, given: list[Finding], profile: Profile) -> Proposal:
    ledger = open_ledger()
    try:
        return explain(ledger, number, fault, given, profile)
    finally:
        ledger.close()
