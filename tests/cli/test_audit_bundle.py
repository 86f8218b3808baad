"""`yangguang audit bundle` and `verify-bundle` as an auditor types them."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bundle.forging import change, forge
from tests.cli.test_import import yangguang
from tests.starter.desk import RECEIPT, T02, event, write_csv


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds two imported cases."""
    rows = [event("c1", RECEIPT, "R1", 5), event("c1", T02, "R2", 9), event("c2", RECEIPT, "R1", 7)]
    log = write_csv(tmp_path_factory.mktemp("logs") / "small.csv", rows)
    place = tmp_path_factory.mktemp("home")
    assert yangguang("--home", place, "import", log, "--mapping", "wabo").returncode == 0
    return place


@pytest.fixture(scope="module")
def bundle(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole log of that home."""
    out = tmp_path_factory.mktemp("out") / "log"
    told = yangguang("--home", home, "audit", "bundle", "--all", "--out", out, "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["later"] == 0
    return out


def test_it_is_checked_where_nothing_else_is(home: Path, bundle: Path, tmp_path: Path) -> None:
    """No home is needed, and none is made."""
    nowhere = tmp_path / "nowhere"
    policy = home / "keys" / "policy"
    told = yangguang("--home", nowhere, "audit", "verify-bundle", bundle, "--policy", policy, "--json")
    assert told.returncode == 0, told.stdout
    report = json.loads(told.stdout)
    assert (report["verified"], report["own_policy"], report["failures"]) == (True, False, [])
    assert report["histories"] == 2  # both cases are closed by the end of the log
    assert not nowhere.exists()


def test_a_person_is_told_that_the_keys_came_with_it(bundle: Path) -> None:
    told = yangguang("audit", "verify-bundle", bundle)
    assert told.returncode == 0
    assert "仅自洽 / consistent in itself" in told.stdout
    assert "--policy" in told.stdout.splitlines()[-1]


def test_a_changed_bundle_ends_with_exit_code_3(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    for path in bundle.rglob("*"):
        if path.is_file():
            target = tmp_path / "copy" / path.relative_to(bundle)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes().replace(b'"actor":"', b'"actor":"X'))
    told = yangguang("audit", "verify-bundle", tmp_path / "copy")
    assert told.returncode == 3
    assert "listed\n" in told.stdout  # the sizes of what was changed


def test_what_the_verdict_does_not_say_is_said(home: Path, bundle: Path, tmp_path: Path) -> None:
    """No witness, an extract, another README, another policy: none of it fails, all of it matters."""
    policy = home / "keys" / "policy"
    whole = yangguang("audit", "verify-bundle", bundle, "--policy", policy).stdout
    assert "仅签名 / holds, signed only" in whole
    assert whole.splitlines()[-1].startswith("历史 / histories")  # and no reservation
    entries = b"".join(path.read_bytes() for path in bundle.glob("tile/entries/**/*") if path.is_file())
    (case, *_) = re.findall(r'"subject":"history/([^"]+)"', entries.decode(errors="replace"))
    out = tmp_path / "case"
    assert yangguang("--home", home, "audit", "bundle", case, "--out", out).returncode == 0
    forge(out, "README.md", lambda raw: raw.replace(b"openssl", b"true"))
    forge(out, "policy", lambda raw: raw + b"#yangguang tsa " + b"0" * 64 + b"\n")
    told = yangguang("audit", "verify-bundle", out, "--policy", policy)
    assert told.returncode == 0, told.stdout
    assert f"摘录 / extract: {case}" in told.stdout
    for words in ("yours was applied", "do not run its commands", "does not prove that nothing is missing"):
        assert words in told.stdout


def test_names_of_a_stranger_are_no_markup_on_a_terminal(bundle: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bundle, tmp_path / "copy"))
    change(folder, lambda listed: listed["files"].update({"[/red]": listed["files"]["policy"]}))
    mine, its = pty.openpty()
    command = [sys.executable, "-m", "cli.main", "audit", "verify-bundle", str(folder)]
    wide = {**os.environ, "COLUMNS": "200", "TERM": "xterm"}
    with subprocess.Popen(command, stdout=its, stderr=subprocess.DEVNULL, env=wide) as process:
        os.close(its)
        with contextlib.suppress(OSError):  # how a terminal on Linux says that nobody is there any more
            told = b""
            while part := os.read(mine, 1 << 16):
                told += part
    os.close(mine)
    assert process.returncode == 3
    assert b"[/red]" in told


@pytest.mark.parametrize("words", [[], ["case-x", "--all"]])
def test_a_matter_or_all_of_them(home: Path, tmp_path: Path, words: list[str]) -> None:
    told = yangguang("--home", home, "audit", "bundle", *words, "--out", tmp_path / "out")
    assert told.returncode == 2
    assert not (tmp_path / "out").exists()


def test_an_unknown_matter_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    told = yangguang("--home", home, "audit", "bundle", "LX-404", "--out", tmp_path / "out")
    assert told.returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_a_policy_that_is_none(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "policy").write_text("quorum\n")
    told = yangguang("audit", "verify-bundle", bundle, "--policy", tmp_path / "policy")
    assert told.returncode == 2
    assert "policy line 1" in told.stderr
