"""`yangguang import --liability` as a user meets it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.commands import yangguang
from tests.starter.desk import RECEIPT, T02, T04, T05, event, write_csv

ROOT = Path(__file__).parents[2]
DAY = 24 * 60


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One case, four weeks for a promise of three, checked and determined by one person."""
    rows = [event("c1", RECEIPT, "R1", 5), event("c1", T02, "R2", DAY)]
    rows += [event("c1", T04, "R2", 2 * DAY), event("c1", T05, "R1", 28 * DAY)]
    return write_csv(tmp_path_factory.mktemp("logs") / "small.csv", rows)


def ask(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return yangguang("--home", home, "import", *words)


def test_a_document_with_the_import_and_the_assessment(log: Path, tmp_path: Path) -> None:
    """And for people the summaries; the file is written either way, and nothing is told that is not so."""
    home, out = tmp_path / "home", tmp_path / "assessed.json"
    told = ask(home, log, "--mapping", "wabo", "--liability", "--out", out, "--json")
    assert told.returncode == 0, told.stderr
    document: dict[str, Any] = json.loads(told.stdout)
    assert document["import"]["cases"] == 1
    assessed = document["liability"]
    assert assessed == json.loads(out.read_text("utf-8"))
    (case,) = assessed["assessed"]
    assert [card["code"] for card in case["cards"]] == ["Y2", "R1", "Y4"]
    assert [proposal["fault"] for proposal in case["proposals"]] == ["F04", "F20"]

    table = ask(home, log, "--mapping", "wabo", "--liability", "--out", tmp_path / "assessed.csv")
    assert table.returncode == 0, table.stderr
    assert "Resource21\t1\t1\t1\t1\t0\t1\t0\t0\t0\t0" in table.stdout.splitlines()
    assert "不在日志中 / not in the log\t0\t0\t1\t1\t0\t0\t1\t0\t0\t0" in table.stdout.splitlines()
    assert "线索与建议" in table.stdout
    assert (tmp_path / "assessed.csv").read_text("utf-8").startswith("case,unit,what,code,fault,day,who")


def test_what_is_wrong_is_told_before_anything_is_begun(log: Path, tmp_path: Path) -> None:
    """A file that would be neither table nor document, or rules that are not there."""
    for words in (("--out", tmp_path / "assessed.xlsx"), ("--profile", "nowhere")):
        told = ask(tmp_path / "home", log, "--mapping", "wabo", "--liability", *words)
        assert told.returncode == 2, told.stderr
        assert not (tmp_path / "home" / "ledger.db").exists()
