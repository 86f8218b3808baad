"""`yangguang import` as a user meets it: one document, exit codes, and an end that loses nothing."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import commands
from tests.commands import clean_environment
from tests.starter.desk import RECEIPT, T02, event, first_cases, real_rows, write_csv

ROOT = Path(__file__).parents[2]
YANGGUANG = [sys.executable, "-m", "cli.main"]
NOBODY = "127.0.0.1:1"
"""An address at which nobody listens."""


def yangguang(*words: object, **more: str) -> subprocess.CompletedProcess[str]:
    return commands.yangguang(*words, env=clean_environment(**more))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [event("c1", RECEIPT, "R1", 5), event("c1", T02, "R2", 9), event("c2", RECEIPT, "R1", 7)]
    bad = event("c2", T02, "R2", 9, **{"time:timestamp": "yesterday"})
    return write_csv(tmp_path_factory.mktemp("logs") / "small.csv", [*rows, bad])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, small: Path) -> Path:
    """A home that holds the small log."""
    place = tmp_path_factory.mktemp("home")
    assert yangguang("--home", place, "import", small, "--mapping", "wabo").returncode == 0
    return place


def problem(told: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_one_json_document_with_every_number(home: Path, small: Path) -> None:
    told = yangguang("--home", home, "import", small, "--mapping", "wabo", "--json")
    assert told.returncode == 0, told.stderr
    summary = json.loads(told.stdout)
    assert summary.pop("seconds") >= 0
    assert summary.pop("ledger")["verified"] is True
    assert summary == {
        "cases": 2,
        "acts": 3,
        "new": 0,
        "promise": {"kept": 0, "overdue": 0, "unfinished": 2},
        "after_deadline": 0,
        "irregularities": {"four_eyes": 0, "out_of_order": 0, "repeated": 0, "after_end": 0},
        "rejected": [{"line": 5, "reason": "time:timestamp: 不是时间 / not a time: 'yesterday'"}],
        "repeated_rows": 0,
    }
    assert "line 5 left out" in told.stderr


def test_a_table_for_people_and_a_row_for_each_case(home: Path, small: Path, tmp_path: Path) -> None:
    told = yangguang("--home", home, "import", small, "--mapping", "wabo", "--out", tmp_path / "cases.csv")
    assert told.returncode == 0
    assert "操作 / acts\t3" in told.stdout
    assert "本次新增 / new acts of this run\t0" in told.stdout
    table = (tmp_path / "cases.csv").read_text().splitlines()
    assert table[1].startswith("c1,2011-10-11,2011-11-01,,unfinished,false,")
    assert len(table) == 3


def test_what_was_imported_is_shown_like_any_case(home: Path) -> None:
    told = yangguang("--home", home, "ledger", "show", "c1", "--json")
    types = [entry["event"]["type"] for entry in json.loads(told.stdout)["entries"]]
    assert types == ["case.registered", "case.noted", "case.stage_signed", "case.closed"]


def test_another_promise_is_a_conflict(home: Path, small: Path) -> None:
    told = yangguang("--home", home, "import", small, "--mapping", "wabo", "--promise", 7, "--json")
    assert told.returncode == 5
    assert problem(told)["code"] == "import_conflict"
    assert "c1" in problem(told)["detail"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.csv", "--mapping", "wabo"], "nothing.csv: 无法读取 / cannot be read"),
        (["README.md", "--mapping", "nobody"], "there is no mapping nobody"),
        (["README.md", "--mapping", "wabo"], "README.md: "),
        (["README.md", "--mapping", "wabo", "--promise", "many"], "--promise"),
        (["README.md", "--mapping", "wabo", "--promise", "-1"], "--promise"),
        (["README.md", "--mapping", "wabo", "--out", "nowhere/cases.csv"], "cannot be written"),
        (["README.md"], "--mapping"),
    ],
)
def test_wrong_input_is_one_sentence_and_leaves_no_home(words: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("no, log\n")
    place = tmp_path / "home"
    told = yangguang(
        "--home", place, "import", *[w if w[:1] == "-" else _in(tmp_path, w) for w in words], "--json"
    )
    assert told.returncode == 2
    assert said in problem(told)["detail"]
    assert not place.exists()


def _in(folder: Path, word: str) -> str:
    return str(folder / word) if word.endswith((".csv", ".md")) else word


def test_an_engine_or_database_that_is_away_is_said(small: Path, tmp_path: Path) -> None:
    words = ("--home", tmp_path, "import", small, "--mapping", "wabo", "--json")
    for away in (
        {"TEMPORAL_ADDRESS": NOBODY},
        {"YANGGUANG_DATABASE_URL": f"postgresql://nobody@{NOBODY}/none"},
    ):
        told = yangguang(*words, **away)
        assert told.returncode == 1
        assert problem(told)["code"] == "unavailable"
    assert json.loads(yangguang(*words).stdout)["new"] == 3


@pytest.mark.timeout(300)
def test_a_killed_import_is_run_again_and_nothing_is_doubled(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "log.csv", first_cases(real_rows(), 60, "kill"))
    words = ["--home", str(tmp_path / "home"), "import", str(path), "--mapping", "wabo", "--json"]
    with subprocess.Popen(
        [*YANGGUANG, *words], cwd=ROOT, env=clean_environment(), stdout=subprocess.DEVNULL
    ) as process:
        _wait_for_entries(tmp_path / "home" / "ledger.db", 20, process)
        process.send_signal(signal.SIGKILL)
    resumed = json.loads(yangguang(*words).stdout)
    assert 0 < resumed["new"] < resumed["acts"]
    clean = ["--home", str(tmp_path / "clean"), *words[2:]]
    whole = json.loads(yangguang(*clean).stdout)
    for told in (resumed, whole):
        told.pop("seconds"), told.pop("new")
    assert resumed == whole


def _wait_for_entries(ledger: Path, n: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        time.sleep(0.02)
        if not ledger.exists():
            continue
        with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
            try:
                if connection.execute("SELECT count(*) FROM ledger_entry").fetchone()[0] >= n:
                    return
            except sqlite3.OperationalError:  # the tables are not there yet
                continue
    raise AssertionError("the import was over before it could be killed")
