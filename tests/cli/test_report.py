"""`yangguang report`, as the supervision office meets it: one home, from the first report to the next."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_main import staying, yangguang

MAY = ("--period", "month", "--of", "2026-05")
NUMBER = "BB-2026-05"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("reports")
    with staying("--home", folder, "up", "--empty"):
        yield folder


def told(home: Path, *words: object, code: int = 0) -> Any:
    """What a command under --json says."""
    done = yangguang("--home", home, "report", *words, "--json")
    assert done.returncode == code, (done.stdout, done.stderr)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def made(home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    out = tmp_path_factory.mktemp("out")
    return out, told(home, "make", *MAY, "--out", out)


def test_make_begins_it_and_writes_all_three_forms(home: Path, made: tuple[Path, Any]) -> None:
    out, said = made
    assert (said["number"], said["state"]) == (NUMBER, "generated")
    assert {Path(file).name for file in said["files"]} == {
        f"{NUMBER}.{end}" for end in ("html", "csv", "json")
    }
    content = (out / f"{NUMBER}.json").read_bytes()
    digest = said["made"]["digest"]
    assert hashlib.sha256(content).hexdigest() == digest
    assert (home / "reports" / f"{digest}.json").read_bytes() == content
    assert "督查月报" in (out / f"{NUMBER}.html").read_text()
    rows = list(csv.DictReader((out / f"{NUMBER}.csv").read_text().splitlines()))
    assert {"figure": "received", "by": "total", "count": "0"}.items() <= rows[0].items()


def test_making_it_again_meets_the_same_one(home: Path, made: tuple[Path, Any]) -> None:
    again = told(home, "make", "--period", "month", "--of", "2026-05-17")
    assert (again["number"], again["made"]) == (NUMBER, made[1]["made"])


def test_the_public_edition_is_a_file_of_its_own(home: Path, made: tuple[Path, Any], tmp_path: Path) -> None:
    words = ("show", NUMBER, "--public", "--format", "json", "--out", tmp_path)
    (file,) = told(home, *words)["files"]
    content = Path(file).read_bytes()
    assert Path(file).name == f"{NUMBER}-public.json"
    assert hashlib.sha256(content).hexdigest() == made[1]["made"]["public_digest"]
    assert "officers" not in content.decode()


def test_a_figure_lists_its_matters(home: Path, made: tuple[Path, Any]) -> None:
    week = told(home, "make", "--period", "week", "--of", "2026-W01")["number"]
    figure = told(home, "show", week, "--figure", "begun")
    assert figure["rows"] == []
    assert figure["columns"][:2] == ["matter", "seq"]
    problem = told(home, "show", week, "--figure", "nothing", code=1)
    assert problem["code"] == "not_found"


def test_who_may_not_see_reports_is_told_that_there_is_none(home: Path, made: tuple[Path, Any]) -> None:
    assert told(home, "show", NUMBER, "--as", "1301", code=1)["code"] == "not_found"
    assert told(home, "list", "--as", "1301")["rows"] == []
    assert told(home, "show", NUMBER, "--as", "1005")["number"] == NUMBER
    assert {row["case_id"] for row in told(home, "list", "--as", "1901")["rows"]} >= {NUMBER}


def test_regenerate_compares_byte_for_byte(home: Path, made: tuple[Path, Any]) -> None:
    outcome = told(home, "regenerate", NUMBER)
    assert (outcome["divergences"], outcome["files"]) == ([], 2)
    file = home / "reports" / f"{made[1]['made']['digest']}.json"
    content = file.read_bytes()
    file.write_bytes(content + b" ")
    assert told(home, "regenerate", NUMBER, code=3)["divergences"][0]["what"] == "file"
    file.write_bytes(content)
    done = yangguang("--home", home, "report", "regenerate", NUMBER)
    assert done.stdout.startswith("✓ 逐字节相同 / identical: BB-2026-05")


def test_what_is_wrong_is_said_in_one_sentence(home: Path) -> None:
    assert told(home, "make", "--period", "week", "--of", "2026-W60", code=2)["code"] == "period"
    assert told(home, "make", "--period", "month", "--of", "2999-01", code=4)["code"] == "period_open"
    assert told(home, "show", "BB-2020-01", code=1)["code"] == "not_found"
    assert told(home, "regenerate", "BB-2020-01", code=1)["code"] == "no_report"
    assert told(home, "show", NUMBER, "--format", "csv", code=2)["code"] == "usage"


def test_reviewed_signed_sent_and_superseded(home: Path, made: tuple[Path, Any]) -> None:
    said = ("--opinion", "已核对")
    assert told(home, "sign", NUMBER, "--as", "1901", *said, code=4)["code"] == "wrong_state"
    told(home, "generate", NUMBER, "--as", "1901", "--reason", "补录已到")
    told(home, "review", NUMBER, "--as", "1902", *said)
    assert told(home, "sign", NUMBER, "--as", "1902", *said, code=4)["code"] == "own_review"
    assert (
        told(home, "sign", NUMBER, "--as", "1103", *said, "--post", "window-lead", code=4)["code"]
        == "wrong_role"
    )
    told(home, "sign", NUMBER, "--as", "1901", *said)
    told(home, "distribute", NUMBER, "--as", "1801")
    told(home, "supersede", NUMBER, "--as", "1901", "--reason", "补录改变了数字")
    again = told(home, "make", *MAY)
    assert (again["number"], again["state"]) == (f"{NUMBER}-R2", "generated")
    states = {row["case_id"]: row["state"] for row in told(home, "list")["rows"]}
    assert states[NUMBER] == "superseded"
    table = yangguang("--home", home, "report", "list").stdout
    assert f"{NUMBER}\tmonth/2026-05\t已被替代" in table
