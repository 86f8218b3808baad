"""`yangguang liability explain` on a home's ledger: what people and programs read, what is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli import main
from ledger.append import append
from ledger.db import Ledger, open_database
from ledger.read import entries
from readmodel.project import project
from schemas.entries import EntryDraft, RecordRequest
from schemas.errors import NotFoundError
from starter.home import open_home
from starter.liability import explain, reviews_in
from starter.rulebook import load_profile
from tests.rules.liability_events import CASE, Event, decided_chain, degrees, found, meeting

PROFILE = load_profile("current")
ANSWERS = (
    *("cause=staff", "order=none", "concealment=no@1301"),
    *(f"opinion=wrong@{who}" for who in ("1301", "1303", "1002")),
)


def record(ledger: Ledger, events: Iterable[Event]) -> None:
    """Put entries written by hand into a real ledger."""
    for event in events:
        number, seq = event["subject"], event["caseseq"]
        about = {"kind": "review" if number.startswith("HS") else "case", "state": "in_stage"}
        draft = EntryDraft(
            type=event["type"],
            time=datetime.fromisoformat(event["time"]),
            actor=event["actor"],
            role=event["actorrole"],
            business_key=f"{number}/{seq}",
            data={
                **event["data"],
                "view": {**event["data"]["view"], **about},
            },
        )
        with ledger.engine.begin() as connection:
            append(ledger, connection, RecordRequest(matter=number, now=datetime.now(UTC), entries=(draft,)))
            project(connection, entries(connection, number, after=seq - 1))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose ledger holds a case that was decided, with the review its reviewer named."""
    folder = tmp_path_factory.mktemp("home")
    opened = open_home(folder)
    ledger = open_database(opened.database_url, opened.origin)
    chain = decided_chain()
    chain.events[2]["data"]["resolution"] = "HS-2026-1"
    record(ledger, [*chain.events, *meeting(("1003", "agree"), ("1001", "agree")).events])
    ledger.close()
    return folder


@pytest.fixture
def ledger(home: Path) -> Iterable[Ledger]:
    opened = open_home(home)
    found = open_database(opened.database_url, opened.origin)
    yield found
    found.close()


class Told(NamedTuple):
    """What the command said, and how it ended."""

    code: int
    out: str
    err: str


def ask(home: Path, *words: object) -> Told:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main.run(["--home", str(home), "liability", "explain", *map(str, words)])
    return Told(code, out.getvalue(), err.getvalue())


def options(answers: Iterable[str]) -> list[str]:
    return [word for each in answers for word in ("--finding", each)]


def test_the_review_that_was_named_is_read_with_the_case(ledger: Ledger) -> None:
    made = explain(ledger, CASE, "F07", found(*ANSWERS, "collective_decision=wrong"), PROFILE)
    assert (made.rule, degrees(made)["1003"], degrees(made)["1001"]) == ("L11", "I", "M")
    assert made.last_seq == 4


def test_refused_acts_name_no_review() -> None:
    refused = {"type": "act.refused", "data": {"resolution": "HS-2026-9"}}
    heard = {"type": "case.resolution_heard", "data": {"resolution": {"number": "HS-2026-2"}}}
    signed = {"type": "case.stage_signed", "data": {"resolution": "HS-2026-2"}}
    assert reviews_in([refused, heard, signed]) == ("HS-2026-2",)


def test_there_is_no_proposal_about_a_case_that_is_not_there(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError, match="LX-0"):
        explain(ledger, "LX-0", "F07", (), PROFILE)


def test_a_table_for_people(home: Path) -> None:
    """Who, degree, grade, range, rule, entries, why; and that people decide."""
    told = ask(home, CASE, "--fault", "F07", *options([*ANSWERS, "collective_decision=right"]))
    assert told.code == 0, told.err
    lines = {line.split("\t")[0]: line for line in told.out.splitlines()}
    assert "直接责任 / direct" in lines["1301 陈用之"]
    assert "警告、记过" in lines["1301 陈用之"]
    assert "\tL04\t2\t" in lines["1301 陈用之"]
    assert "主要领导责任" in lines["1303 卫建中"]
    assert "不承担责任" in lines["1003 孙明远"]
    assert "由人认定" in told.out
    assert "未附证据 / without evidence" in told.out


def test_open_questions_are_told_with_their_answers(home: Path) -> None:
    told = ask(home, CASE, "--fault", "F07")
    assert told.code == 0
    assert "cause = staff | applicant_fraud" in told.out
    assert "opinion@1301 = right | wrong | not_examined" in told.out
    assert "不完整" in told.out


def test_one_json_document_and_the_same_twice(home: Path) -> None:
    line = (CASE, "--fault", "F07", *options([*ANSWERS, "collective_decision=right"]), "--json")
    first, again = ask(home, *line), ask(home, *line)
    assert first.out == again.out
    made: dict[str, Any] = json.loads(first.out)
    assert (made["rule"], made["incomplete"]) == ("L04", False)
    assert len(made["digest"]) == 64


def test_findings_from_a_file_carry_their_evidence(home: Path, tmp_path: Path) -> None:
    evidence = [{"text": "询问笔录", "sha256": "ab" * 32}]
    given = [
        each.model_dump() | {"evidence": evidence} for each in found(*ANSWERS, "collective_decision=right")
    ]
    file = tmp_path / "findings.json"
    file.write_text(json.dumps(given), "utf-8")
    made = json.loads(ask(home, CASE, "--fault", "F07", "--findings", file, "--json").out)
    assert (made["rule"], made["unproven"]) == ("L04", [])


def test_another_profile_gives_other_degrees(home: Path) -> None:
    line = (CASE, "--fault", "F07", *options([*ANSWERS, "collective_decision=right"]), "--json")
    made = json.loads(ask(home, *line, "--profile", "laixi2008-reversed").out)
    told = {row["officer"]: row["degree"] for row in made["rows"]}
    assert (told["1301"], told["1303"], told["1002"]) == ("M", "D", "D")


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        ((CASE, "--fault", "F99"), "unknown_fault", 2),
        ((CASE, "--fault", "F07", "--finding", "luck"), "bad_finding", 2),
        ((CASE, "--fault", "F07", "--finding", "luck=bad"), "unknown_finding", 2),
        ((CASE, "--fault", "F07", "--findings", "/nowhere/findings.json"), "bad_finding", 2),
        ((CASE, "--fault", "F07", "--profile", "nowhere"), "unknown_profile", 2),
        (("LX-0", "--fault", "F07"), "not_found", 1),
        ((CASE, "--fault", "F07", "--as", "1801"), "not_seen", 4),
        ((CASE, "--fault", "F07", "--as", "9999"), "unknown_officer", 2),
    ],
)
def test_refusals(home: Path, words: tuple[str, ...], code: str, exit_code: int) -> None:
    """One sentence with a stable code; half a chain is shown to nobody."""
    told = ask(home, *words, "--json")
    assert told.out, told.err
    assert (json.loads(told.out)["code"], told.code) == (code, exit_code)
