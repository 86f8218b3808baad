"""`yangguang audit replay` as an auditor meets it: a table, one JSON document, and exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson
from typer.testing import CliRunner

from cli import context
from cli.audit import app
from ledger.db import Origin, OriginKind, open_database
from schemas.errors import UsageError, VerificationError
from tests.audit.forgery import forged, golden, nth
from tests.audit.forging_both import disarm
from tests.commands import yangguang
from tests.ledger.tampering import rewrite
from tests.replay.replaying import HISTORIES
from tests.starter.desk import RECEIPT, T02, event, write_csv

ROOT = Path(__file__).parents[2]
GREEN = {
    "integrity": "not_applicable",
    "structure": "pass",
    "completeness": "pass",
    "replay": "pass",
    "strict": "pass",
}


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def verdicts(run: dict[str, Any]) -> dict[str, str]:
    return {check["check"]: check["verdict"] for check in run["checks"]}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two cases of the past."""
    rows = [event("c1", RECEIPT, "R1", 5), event("c1", T02, "R2", 9), event("c2", RECEIPT, "R1", 7)]
    log = write_csv(tmp_path_factory.mktemp("logs") / "small.csv", rows)
    place = tmp_path_factory.mktemp("home")
    done = yangguang("--home", place, "import", log, "--mapping", "wabo")
    assert done.returncode == 0, done.stderr
    return place


def test_all_matters_of_a_home(home: Path) -> None:
    done = yangguang("--home", home, "audit", "replay", "--all", "--json")
    assert done.returncode == 0, done.stderr
    report = told(done)
    assert report["passed"] is True
    assert [run["case"] for run in report["runs"]] == ["c1", "c2"]
    for run in report["runs"]:
        assert verdicts(run) | {"integrity": "not_applicable"} == GREEN
        assert verdicts(run)["integrity"] != "fail"


def test_one_matter_as_a_table(home: Path) -> None:
    done = yangguang("--home", home, "audit", "replay", "c1", "--processes", 1)
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [row[4] for row in rows[1:]] == list(GREEN)
    assert {row[0] for row in rows[1:]} == {"c1"}
    assert rows[-1][5] == "● 通过 pass"


def test_a_changed_ledger_ends_with_three(home: Path) -> None:
    """Last of those on this home: its ledger is spoilt afterwards."""
    ledger = open_database(f"sqlite:///{home / 'ledger.db'}")
    disarm(ledger)
    with ledger.engine.begin() as connection:
        rewrite(connection, "c1", 2, actor="R9")
    ledger.close()
    done = yangguang("--home", home, "audit", "replay", "c1")
    assert done.returncode == 3
    strict = next(line for line in done.stdout.splitlines() if "\tstrict\t" in line)
    assert "▲ 不符 FAIL" in strict
    assert "序 seq 2" in strict
    assert "actor" in strict
    assert "the audit fails: 1 / 1" in done.stderr
    both = yangguang("--home", home, "audit", "replay", "--all", "--json")
    assert both.returncode == 3
    assert [any(check["verdict"] == "fail" for check in run["checks"]) for run in told(both)["runs"]] == [
        True,
        False,
    ]


def test_a_file_alone(tmp_path: Path) -> None:
    done = yangguang("--home", tmp_path, "audit", "replay", "--file", HISTORIES / "asked.json", "--json")
    assert done.returncode == 0, done.stderr
    (run,) = told(done)["runs"]
    assert (told(done)["origin"], run["source"], run["events"]) == ("", "file", 82)
    assert verdicts(run) == GREEN | {"completeness": "not_applicable"}
    said = {check["check"]: check["said"] for check in run["checks"]}
    assert "holds nothing of this run" in said["completeness"]
    assert "not compared with a ledger" in said["strict"]


def test_a_forged_file(tmp_path: Path) -> None:
    def duration(history: Any) -> None:
        nth(history, "TimerStarted").timer_started_event_attributes.start_to_fire_timeout.seconds += 60

    history = forged(golden("asked"), duration)
    file = tmp_path / "forged.json"
    file.write_text(MessageToJson(history), encoding="utf-8")
    done = yangguang("--home", tmp_path, "audit", "replay", "--file", file)
    assert done.returncode == 3
    strict = next(line for line in done.stdout.splitlines() if "\tstrict\t" in line)
    assert "事件 event 16: TimerStarted start_to_fire_timeout" in strict


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "only one"),
        (["c1", "--all"], "only one"),
        (["c1", "--open"], "--open goes with --file only"),
        (["--file", "nothing.json"], "nothing.json: 无法读取 / cannot be read"),
        (["--file", "README.md"], "README.md: 不是流程历史 / not a workflow history"),
        (["--file", "tests"], "tests: 无法读取 / cannot be read"),
        (["c1"], "database cannot be used"),
        (["--all"], "database cannot be used"),
    ],
)
def test_wrong_usage_is_one_sentence(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(context, "database_url", lambda: f"sqlite:///{tmp_path / 'nothing.db'}")
    told = CliRunner().invoke(app, ["replay", *words])
    assert isinstance(told.exception, UsageError)
    assert said in told.exception.message


def test_an_empty_ledger_is_no_passed_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    open_database(url, Origin("empty.invalid/ledger", OriginKind.SAMPLE)).close()
    monkeypatch.setattr(context, "database_url", lambda: url)
    told = CliRunner().invoke(app, ["replay", "--all", "--json"])
    assert told.exit_code == 3
    assert json.loads(told.stdout) == {"origin": "empty.invalid/ledger", "passed": False, "runs": []}


def test_an_open_run_in_a_file_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "database_url", lambda: f"sqlite:///{tmp_path / 'nothing.db'}")
    words = ["replay", "--file", str(HISTORIES / "untouched.json"), "--processes", "1"]
    plain, labelled = (CliRunner().invoke(app, [*words, *more]) for more in ([], ["--open"]))
    assert isinstance(plain.exception, VerificationError)
    assert "is not labelled open" in plain.stdout
    assert labelled.exit_code == 0
    assert "在办 open" in labelled.stdout
