"""`yangguang witness` as its operator meets it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.main import run
from ledger.anchors.witness_folder import Witness, open_witness
from ledger.notes import Note, parse_signatures, verify_note
from tests.anchors.logs import Log

ROOT = Path(__file__).parents[2]


def command(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    """What a command of the witness says as JSON."""
    assert run(["witness", *map(str, words), "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_init_trust_serve_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, log = tmp_path / "deep" / "witness", Log().grow(9)
    made = command(capsys, "init", "--dir", folder, "--name", "audit.example/witness")
    assert oct(folder.stat().st_mode)[-3:] == "700"
    assert {oct(each.stat().st_mode)[-3:] for each in folder.iterdir()} == {"600"}
    assert made["logs"] == []
    command(capsys, "trust", "--dir", folder, log.vkey.vkey)
    line = [sys.executable, "-m", "cli.main", "witness", "serve", "--dir", str(folder), "--json"]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        where = json.loads(serving.stdout.readline())
        assert where["name"] == "audit.example/witness"
        body = log.request(0).encode()
        told = httpx.post(f"{where['url']}/add-checkpoint", content=body, trust_env=False)
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(60) == 0
    keys = open_witness(folder).keys
    assert [each.verifier.vkey for each in keys] == made["keys"]
    signed = Note(log.note().text, parse_signatures(told.text))
    at = verify_note(signed, tuple(each.verifier for each in keys))[0].at
    assert at is not None
    assert run(["witness", "show", "--dir", str(folder)]) == 0
    assert log.subtree(0, 9).hex() in capsys.readouterr().out
    (shown,) = command(capsys, "show", "--dir", folder)["logs"]
    assert shown == {
        "origin": log.origin,
        "keys": [log.vkey.vkey],
        "size": 9,
        "root": log.subtree(0, 9).hex(),
        "time": at.isoformat(),
    }
    assert command(capsys, "distrust", "--dir", folder, log.vkey.vkey)["logs"][0]["keys"] == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["init", "--dir", "{here}", "--name", "audit.example/again"], 5, "cannot make a witness"),
        (["init", "--dir", "{here}/new", "--name", "two words"], 2, "not usable as the name of a key"),
        (["show", "--dir", "{here}/none"], 1, "keeps no witness"),
        (["serve", "--dir", "{here}/none"], 1, "keeps no witness"),
        (["trust", "--dir", "{here}", "nonsense"], 2, "not a verifier key"),
        (["trust", "--dir", "{here}", "{witness}"], 2, "which no log signs with"),
        (["distrust", "--dir", "{here}", "{log}"], 1, "is not trusted"),
        (["serve", "--dir", "{here}", "--host", "192.0.2.1"], 1, "cannot listen"),
    ],
)
def test_refusals_of_the_command(
    witness: Witness, capsys: pytest.CaptureFixture[str], words: list[str], code: int, told: str
) -> None:
    given = {
        "{here}": str(witness.folder),
        "{witness}": witness.keys[0].verifier.vkey,
        "{log}": Log().vkey.vkey,
    }
    for name, value in given.items():
        words = [word.replace(name, value) for word in words]
    ended = run(["witness", *words])
    assert (ended, told in capsys.readouterr().err) == (code, True)
    assert list(witness.folder.parent.iterdir()) == [witness.folder]
