"""Signing as somebody types it: what a command leaves behind, keys, checkpoints, and a restored log."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from cli import context
from cli.ledger import app
from ledger.db import connect, snapshot
from ledger.notes import parse_note, parse_policy
from ledger.restore import RESTORE
from ledger.tables import ledger_entry, ledger_inbox
from schemas.errors import YangguangError

ROOT = Path(__file__).parents[2]
START = ["case", "start", "--item", "LX-DJ-01", "--as", "1101", "--key", "web-0001", "--name", "张三"]


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the environment, and no home left chosen."""
    for name in [name for name in os.environ if name.startswith(("TEMPORAL_", "YANGGUANG_"))]:
        monkeypatch.delenv(name)
    yield
    context.choose_home(None)


def line(home: Path, *words: object) -> list[str]:
    return [sys.executable, "-m", "cli.main", "--home", str(home), *map(str, words)]


def ledger(home: Path, *words: object) -> Result:
    """`yangguang ledger ...` in this process."""
    context.choose_home(home)
    return CliRunner().invoke(app, [*map(str, words)])


def told(home: Path, *words: object) -> Any:
    """What it says in JSON where it succeeds."""
    ended = ledger(home, *words, "--json")
    assert ended.exit_code == 0, ended.exception
    return json.loads(ended.stdout)


def refused(home: Path, *words: object) -> tuple[int, str]:
    """Exit code and code of the error where it fails."""
    error = ledger(home, *words, "--json").exception
    assert isinstance(error, YangguangError)
    return error.exit_code, error.code


def counts(home: Path) -> tuple[int, int]:
    """How many entries there are, and how many of them are not sealed."""
    engine = connect(f"sqlite:///{home / 'ledger.db'}", read_only=True)
    with snapshot(engine) as connection:
        entries = connection.scalar(select(func.count()).select_from(ledger_entry)) or 0
        waiting = connection.scalar(select(func.count()).select_from(ledger_inbox)) or 0
    engine.dispose()
    return entries, waiting


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def signed(home: Path) -> Path:
    """A home whose first keys are made and signed."""
    assert told(home, "seal")["signed"]
    return home


def test_a_command_alone_leaves_everything_sealed_and_signed(home: Path) -> None:
    subprocess.run(line(home, *START, "--material", "all"), cwd=ROOT, check=True, capture_output=True)
    entries, waiting = counts(home)
    checkpoint = told(home, "checkpoint")
    assert waiting == 0
    assert checkpoint["size"] == entries > 2
    policy = parse_policy((home / "keys" / "policy").read_bytes())
    assert policy.check(checkpoint["note"].encode()).checkpoint.size == entries
    assert told(home, "verify")["verified"]


def test_seal_says_what_is_signed_already(signed: Path) -> None:
    again = told(signed, "seal")
    assert (again["sealed"], again["signed"], again["checkpoint"]["size"]) == (0, False, 2)
    assert "was signed already" in ledger(signed, "seal").stdout


def test_a_checkpoint_is_printed_and_written(signed: Path, tmp_path: Path) -> None:
    printed = ledger(signed, "checkpoint").stdout
    assert ledger(signed, "checkpoint", "--out", tmp_path / "note").exit_code == 0
    assert (tmp_path / "note").read_text() == printed
    assert parse_note(printed.encode()).text.splitlines()[1] == "2"
    assert refused(signed, "checkpoint", "--size", 1) == (1, "not_found")


def test_nothing_is_signed_yet(home: Path) -> None:
    ledger(home, "show", "nothing")
    assert refused(home, "key", "list") == (1, "not_found")
    assert refused(home, "key", "policy") == (1, "not_found")


def test_keys_are_rotated_and_retired(signed: Path) -> None:
    old = [key["id"] for key in told(signed, "key", "list")["keys"]]
    made = told(signed, "key", "rotate", "--as", "1101")["keys"]
    assert [key["first"] for key in made] == [3, 3]
    assert len(told(signed, "checkpoint")["signatures"]) == 4
    assert refused(signed, "key", "rotate", "--as", "1101") == (2, "overlap")
    for each in old:
        assert told(signed, "key", "retire", each, "--as", "1101")["keys"][0]["active"] is False
    assert refused(signed, "key", "retire", made[0]["id"], "--as", "1101") == (2, "last_key")
    assert len(told(signed, "checkpoint")["signatures"]) == 2
    shown = told(signed, "show", "ledger.key")["entries"]
    actions = [entry["event"]["data"]["action"] for entry in shown]
    assert actions == ["generate"] * 2 + ["rotate"] * 2 + ["retire"] * 2
    policy = ledger(signed, "key", "policy").stdout
    note = ledger(signed, "checkpoint").stdout
    assert parse_policy(policy.encode()).check(note.encode()).checkpoint.size == 6
    assert told(signed, "verify")["verified"]


def test_lost_keys_are_not_made_anew(signed: Path) -> None:
    shutil.rmtree(signed / "keys" / "signer")
    assert refused(signed, "seal") == (2, "keys_lost")
    assert not (signed / "keys" / "signer").exists()


def test_a_broken_keyring_is_told(signed: Path) -> None:
    next((signed / "keys" / "signer").glob("*.pem")).unlink()
    assert refused(signed, "key", "list") == (2, "bad_keyring")


def test_a_restored_backup_is_refused(signed: Path, tmp_path: Path) -> None:
    shutil.copy(signed / "ledger.db", tmp_path / "older.db")
    told(signed, "key", "rotate", "--as", "1101")
    for path in signed.glob("ledger.db*"):
        path.unlink()
    shutil.copy(tmp_path / "older.db", signed / "ledger.db")
    assert refused(signed, "seal") == (3, "signer_refused")


def test_a_lost_memory_comes_back_by_a_note_kept_elsewhere(signed: Path, tmp_path: Path) -> None:
    older, newest = tmp_path / "older", tmp_path / "newest"
    ledger(signed, "checkpoint", "--out", older)
    told(signed, "key", "rotate", "--as", "1101")
    ledger(signed, "checkpoint", "--out", newest)
    recover = ("key", "recover", "--as", "1101", "--note")
    assert refused(signed, *recover, newest) == (3, "signer_refused")  # nothing is lost
    (signed / "keys" / "signer" / "state.json").unlink()
    assert refused(signed, "seal") == (3, "signer_refused")
    assert refused(signed, *recover, older) == (3, "signer_refused")
    newest.write_bytes(newest.read_bytes().replace(b"\n4\n", b"\n5\n"))
    assert refused(signed, *recover, newest) == (3, "bad_note")
    newest.write_bytes(newest.read_bytes().replace(b"\n5\n", b"\n4\n"))
    assert told(signed, *recover, newest)["size"] == 4
    assert told(signed, "checkpoint")["size"] == 5
    incident = told(signed, "show", "ledger.incident")["entries"][0]["event"]
    assert (incident["actor"], incident["data"]["kind"]) == ("1101", "signer_recovered")
    assert told(signed, "verify")["verified"]


def test_a_home_that_does_not_sign(home: Path) -> None:
    ledger(home, "show", "nothing")
    with (home / "home.toml").open("a") as settings:
        settings.write('signer = "elsewhere"\n')
    assert told(home, "seal")["checkpoint"] is None
    assert refused(home, "key", "rotate", "--as", "1101") == (4, "signer_elsewhere")
    assert refused(home, "keep") == (4, "signer_elsewhere")
    assert not (home / "keys" / "signer").exists()


@pytest.fixture
def kept(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that keeps the ledger, once it has said so; ended by force if the test did not end it."""
    words = line(home, "ledger", "keep", "--json")
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["home"] == str(home)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def test_a_keeper_alone_signs_until_it_is_stopped(home: Path, kept: subprocess.Popen[str]) -> None:
    kept.send_signal(signal.SIGTERM)
    assert kept.wait(60) == 0
    assert told(home, "checkpoint")["size"] == counts(home)[0] == 2


def test_a_lost_log_goes_on_under_another_origin(signed: Path, tmp_path: Path) -> None:
    note = tmp_path / "last-note"
    ledger(signed, "checkpoint", "--out", note)
    restore = ("restore", "--note", note, "--reason", "磁盘损坏 / disk lost", "--as", "1101")
    assert refused(signed, *restore) == (2, "same_origin")

    second = tmp_path / "second"
    second.mkdir()
    settings = (signed / "home.toml").read_text().replace('/ledger"', '/ledger/2"')
    (second / "home.toml").write_text(settings)
    assert told(second, *restore)["signed"]
    assert told(second, "verify")["verified"]
    first = told(second, "show", RESTORE)["entries"][0]["event"]
    assert (first["source"][-9:], first["data"]["size"]) == ("/ledger/2", 2)
    assert first["data"]["note"] == note.read_text()
    assert first["data"]["reason"] == "磁盘损坏 / disk lost"
    assert refused(second, *restore) == (5, "not_empty")
