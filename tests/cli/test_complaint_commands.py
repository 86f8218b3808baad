"""`yangguang complaint` and `yangguang supervision`: what is typed, and what is said when it is wrong."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.steps import attached
from schemas.errors import UsageError

run = CliRunner()
COMPLAINT = ["accept", "refuse", "assign", "handle", "reply", "call-back", "close", "read-identity"]
SUPERVISION = ["enter", "assign", "take", "report", "chase", "verify", "reopen", "close"]


@pytest.mark.parametrize(
    ("noun", "verbs"), [("complaint", COMPLAINT), ("supervision", SUPERVISION)], ids=["TS", "DC"]
)
def test_every_main_step_is_a_verb(noun: str, verbs: list[str]) -> None:
    """With --json on each of them."""
    told = run.invoke(app, [noun, "--help"]).output
    for verb in ["start", "list", "show", "act", *verbs]:
        assert verb in told
        asked = run.invoke(app, [noun, verb, "--help"], env={"COLUMNS": "200"})
        assert "--json" in asked.output, verb


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("complaint accept TS-1 --as 9999", "unknown_officer"),
        ("complaint assign TS-1 --as 1002 --to registry-handler", "post"),
        ("complaint act TS-1 sing --as 1901", "unknown_act"),
        ("complaint act TS-1 accept --as 1901 --set colour=red", "unknown_field"),
        ("complaint start --type hotline --topic x --as 1101 --key k --received yesterday", "usage"),
        ("supervision start --type general --instruction x --as 1901 --key k --days 0", "bad_field"),
        ("supervision report DC-1 --as 1201 --opinion x --evidence nowhere.pdf", "unreadable"),
    ],
)
def test_mistakes_are_told_before_anything_is_sent(line: str, code: str) -> None:
    """A typed error, and with it exit code 2."""
    result = run.invoke(app, line.split())
    assert isinstance(result.exception, UsageError)
    assert (result.exception.code, result.exception.exit_code) == (code, 2)


def test_a_home_without_complaints_lists_none(tmp_path: Path) -> None:
    """No engine is needed to look."""
    for noun in ("complaint", "supervision"):
        result = run.invoke(app, ["--home", str(tmp_path / "home"), noun, "list", "--as", "1901", "--json"])
        assert result.exit_code == 0, result.exception
        assert json.loads(result.output) == {"rows": [], "next": None, "seen_as": "1901"}


def test_evidence_is_kept_by_its_hash(tmp_path: Path) -> None:
    """The bytes stay where they are."""
    paper = tmp_path / "整改照片.jpg"
    paper.write_bytes(b"light")
    digest = hashlib.sha256(b"light").hexdigest()
    assert attached([paper]) == [{"name": "整改照片.jpg", "sha256": digest}]
    assert attached(None) == []
