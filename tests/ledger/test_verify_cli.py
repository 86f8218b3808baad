"""`yangguang ledger verify` as an auditor types it: what it says, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from cli import context
from cli.ledger import app
from schemas.errors import UsageError, VerificationError
from starter.home import Home
from tests.tampering.bureau import ORIGIN, Bureau, as_owner, at_work, open_bureau

run = CliRunner()


@pytest.fixture
def bureau(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bureau]:
    """A bureau whose ledger the commands take for theirs; the newest note and the policy lie beside."""
    opened = open_bureau(url, tmp_path)
    at_work(opened)
    monkeypatch.setattr(context, "database_url", lambda: url)
    monkeypatch.setattr(context, "home", lambda: Home(tmp_path, ORIGIN, url))
    for size, note in opened.notes.items():
        (tmp_path / f"note-{size}").write_bytes(note.encode())
    (tmp_path / "auditors-policy").write_bytes(opened.policy().encode())
    yield opened
    opened.ledger.close()


def verified(*words: object) -> tuple[int, dict[str, Any]]:
    """Exit code and document of the command."""
    result = run.invoke(app, ["verify", "--json", *map(str, words)])
    return result.exit_code, json.loads(result.stdout)


def test_alone_it_holds_and_says_that_this_proves_less(bureau: Bureau) -> None:
    result = run.invoke(app, ["verify"])
    assert result.exit_code == 0
    assert "核对通过 / verified" in result.stdout
    assert "signed only" in result.stdout
    assert "proves less" in result.stdout
    code, document = verified()
    assert (code, document["label"], document["signed_only"]["count"]) == (0, "signed_only", 14)
    assert document["signed_only"]["first_recorded"] < document["signed_only"]["last_recorded"]


def test_with_policy_and_note_all_is_anchored(bureau: Bureau, tmp_path: Path) -> None:
    words = ("--policy", tmp_path / "auditors-policy", "--note", tmp_path / "note-8")
    code, document = verified(*words, "--note", tmp_path / "note-14")
    assert (code, document["label"], document["notes"], document["checkpoints"]) == (0, "anchored", 2, 2)
    result = run.invoke(app, ["verify", *map(str, words)])
    assert "proves less" not in result.stdout


def test_with_a_policy_the_quorum_decides(bureau: Bureau, tmp_path: Path) -> None:
    """Its own policy asks for no witness, and one that asks for two finds one."""
    code, document = verified("--policy", tmp_path / "policy")
    assert (code, document["label"], document["failures"]) == (3, "signed_only", [])
    assert "asks for no witness" in document["missing"][0]
    with as_owner(bureau.ledger) as connection:
        connection.execute(text("DELETE FROM ledger_cosignature WHERE size = 14"))
    code, document = verified("--policy", tmp_path / "auditors-policy")
    assert (code, document["anchored"]["last"], document["signed_only"]["first"]) == (3, 7, 8)
    assert "newest 6 entries" in document["missing"][0]
    assert verified("--policy", tmp_path / "auditors-policy", "--note", tmp_path / "note-14")[0] == 0


def test_what_does_not_hold_is_named_with_its_place(bureau: Bureau, tmp_path: Path) -> None:
    with as_owner(bureau.ledger) as connection:
        connection.execute(text("UPDATE ledger_case SET head = 'forged' WHERE case_id = 'LX-1'"))
    result = run.invoke(app, ["verify", "--note", str(tmp_path / "note-14")])
    assert isinstance(result.exception, VerificationError)
    assert "NOT verified" in result.stdout
    assert "head\tLX-1\t4" in result.stdout
    code, document = verified()
    assert (code, document["failures"][0]["case"]) == (3, "LX-1")


@pytest.mark.parametrize("content", [b"", b"\xff", b"note\n", b"a\n1\n\n\xe2\x80\x94 b c\n"], ids=repr)
def test_a_note_that_is_none_fails(bureau: Bureau, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    code, document = verified("--note", tmp_path / "other")
    assert (code, [failure["check"] for failure in document["failures"]]) == (3, ["note"])


@pytest.mark.parametrize("option", ["--note", "--policy", "--tsa-root"])
def test_files_that_are_not_there_are_an_error(bureau: Bureau, tmp_path: Path, option: str) -> None:
    result = run.invoke(app, ["verify", option, str(tmp_path / "nothing")])
    assert isinstance(result.exception, UsageError)


@pytest.mark.parametrize("statement", ["DROP TABLE ledger_tile", "DELETE FROM ledger_checkpoint"])
def test_a_missing_table_and_no_checkpoint_at_all_fail(bureau: Bureau, statement: str) -> None:
    with as_owner(bureau.ledger) as connection:
        for each in ("DELETE FROM ledger_cosignature", statement):
            connection.execute(text(each))
    code, document = verified()
    assert code == 3
    assert document["failures"] or "no checkpoint" in document["missing"][0]


def test_a_database_that_is_not_there_fails(
    bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "database_url", lambda: f"sqlite:///{tmp_path}/nothing.db")
    code, document = verified()
    assert (code, document["failures"][0]["check"]) == (3, "readable")
    assert not (tmp_path / "nothing.db").exists()
