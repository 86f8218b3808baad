"""Bundles checked with tools that are not ours: the commands of their README, and a second package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ledger.bundle.check import check_bundle
from ledger.notes import KeyKind
from tests.bundle.conftest import Copy
from tests.bundle.evidence import Evidence

FOREIGN = ("aics-tlog", "fsck")
"""Tools of the README that a machine need not have."""


def commands(folder: Path) -> list[str]:
    """The blocks of commands in a bundle's README that need nothing but openssl and a shell."""
    blocks = re.findall(r"```sh\n(.*?)```", (folder / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return [block for block in blocks if not block.startswith(FOREIGN)]


def run(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """What a shell says that gives up at the first failure. The policy is not the one in the bundle."""
    line = ["bash", "-euo", "pipefail", "-c", script]
    own = {**os.environ, "POLICY": str(folder.parent / "own.policy")}
    return subprocess.run(line, cwd=folder, env=own, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def carried(copy: Copy, proven: Evidence, tmp_path: Path) -> Copy:
    """Copies with the auditor's own policy beside them."""
    (tmp_path / "own.policy").write_bytes(proven.policy.encode())
    return copy


@pytest.mark.parametrize("name", ["log", "case"])
def test_every_command_of_the_readme_succeeds(carried: Copy, proven: Evidence, name: str) -> None:
    folder = carried(name)
    (folder / "policy").write_bytes(b"nobody reads this one\n")
    said = run(folder, "\n".join(commands(folder)))
    assert said.returncode == 0, said.stderr
    told = said.stdout + said.stderr
    assert told.count("Signature Verified Successfully") == 2  # the log's, and the witness's
    assert told.count("Verification: OK") == 1  # the time-stamp
    assert re.search(r"^[0-9a-f]{64} ", told, re.MULTILINE)
    entries = list(folder.glob("entry/*.json"))
    assert re.findall(r"(\S+): OK", said.stdout) == ["root"] or len(entries) == said.stdout.count("json: OK")
    assert "FAIL" not in told


def test_the_commands_leave_the_bundle_as_it_is(carried: Copy, proven: Evidence) -> None:
    folder = carried()
    assert run(folder, "\n".join(commands(folder))).returncode == 0
    assert check_bundle(folder, proven.policy).verified


def test_the_leaf_hash_by_hand_is_the_trees(carried: Copy) -> None:
    folder = carried()
    said = run(folder, "\n".join(commands(folder)))
    by_hand, tree = re.findall(r"[0-9a-f]{64}", said.stdout)
    assert by_hand == tree


@pytest.mark.parametrize(
    ("bundle", "name", "old", "new", "word"),
    [
        ("log", "checkpoint", b"land.example", b"lend.example", "Signature Verification Failure"),
        ("log", "tokens/*.note", b"land.example", b"lend.example", "Verification: FAILED"),
        ("log", "tile/entries/000", b"case.noted", b"case.nOted", "FAIL: not the root"),
        ("log", "histories/*.pb", b"protobuf", b"proto6uf", "did NOT match"),
        ("case", "entry/3.json", b"land.example", b"lend.example", "is not in the log"),
        ("case", "entry/3.tlog-proof", b"land.example", b"lend.example", "proof of something else"),
        ("case", "histories/*.json", b"events", b"eventz", "did NOT match"),
    ],
)
def test_the_commands_refuse_what_was_changed(
    carried: Copy, bundle: str, name: str, old: bytes, new: bytes, word: str
) -> None:
    folder = carried(bundle)
    changed = min(folder.glob(name))
    assert old in changed.read_bytes()
    changed.write_bytes(changed.read_bytes().replace(old, new, 1))
    said = run(folder, "\n".join(commands(folder)))
    assert said.returncode != 0
    assert word in said.stdout + said.stderr


def test_the_commands_refuse_a_log_of_other_keys(carried: Copy, tmp_path: Path) -> None:
    """The keys in the bundle are not those of the policy that the auditor holds."""
    folder = carried()
    own = (tmp_path / "own.policy").read_text().splitlines()
    (tmp_path / "own.policy").write_text("\n".join(line for line in own if not line.startswith("log")) + "\n")
    assert run(folder, "\n".join(commands(folder))).returncode != 0


@pytest.fixture(scope="session")
def aics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`aics-tlog`, an independent C2SP verifier, in an environment of its own."""
    python = _python()
    if python is None:
        pytest.skip("no Python 3.12 or newer at hand for aics-tlog")
    home = tmp_path_factory.mktemp("aics")
    subprocess.run([python, "-m", "venv", str(home)], check=True, capture_output=True)
    install = [f"{home}/bin/python", "-m", "pip", "install", "--quiet", "aics-tlog==0.2.1"]
    if subprocess.run(install, capture_output=True, check=False).returncode:
        pytest.skip("aics-tlog cannot be installed here")
    return home / "bin" / "aics-tlog"


def _python() -> str | None:
    """A Python that runs and is new enough."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(str(path) for path in versions.glob("3.1[2-9]*/bin/python3"))
    for name in (*(shutil.which(f"python3.{minor}") for minor in range(12, 16)), *installed):
        new = "import sys; sys.exit(sys.version_info < (3, 12))"
        if name and subprocess.run([name, "-c", new], capture_output=True, check=False).returncode == 0:
            return name
    return None


def test_a_second_package_accepts_the_log(aics: Path, proven: Evidence, copy: Copy, tmp_path: Path) -> None:
    folder = copy()
    keys = tmp_path / "LOG.vkey"
    (log,) = (each.key for each in proven.policy.logs if each.key.kind is KeyKind.ED25519)
    keys.write_text(log.vkey + "\n")
    tiles = ["--tiles", str(folder), "--vkey-file", str(keys)]
    witness = ["--witness-key", proven.policy.witnesses[0].key.vkey, "--quorum", "1"]
    for line in (["verify-checkpoint", *tiles, *witness], ["verify-inclusion", *tiles, "--index", "257"]):
        said = subprocess.run([str(aics), *line], capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stdout + said.stderr
    tile = folder / "tile" / "entries" / "000"
    tile.write_bytes(tile.read_bytes().replace(b"case.noted", b"case.nOted"))
    line = ["verify-inclusion", *tiles, "--index", "200"]
    assert subprocess.run([str(aics), *line], capture_output=True, check=False).returncode
