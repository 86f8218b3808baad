"""The keyring: made once, whole or refused, rotated and retired; private keys end where they should."""

from __future__ import annotations

import multiprocessing
import shutil
import stat
import subprocess
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.notes import KeyKind, generate_key, parse_vkey
from ledger.sealing.keyring import Keyring, open_keyring
from ledger.sealing.keyring_index import Action, KeyringError

ORIGIN = "land.example/ledger"
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    made = open_keyring(tmp_path / "keys" / "signer", ORIGIN)
    made.generate(at=NOON)
    return made


def ids(keyring: Keyring) -> list[str]:
    return [each.key.key_id.hex() for each in keyring.keys]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_first_use_makes_an_ed25519_and_a_post_quantum_key(keyring: Keyring) -> None:
    assert [key.kind for key in keyring.active] == [KeyKind.ED25519, KeyKind.COSIGNATURE_MLDSA44]
    assert {key.name for key in keyring.active} == {ORIGIN}
    assert [(each.first, each.last) for each in keyring.keys] == [(1, None), (1, None)]
    for key in keyring.active:
        text = (keyring.folder / f"{key.verifier.key_id.hex()}.vkey").read_text()
        assert parse_vkey(text.strip()) == key.verifier


def test_only_its_user_reads_it(keyring: Keyring) -> None:
    assert stat.S_IMODE(keyring.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in keyring.folder.iterdir()} == {0o600}


def test_openssl_reads_the_private_key(keyring: Keyring) -> None:
    path = keyring.folder / f"{ids(keyring)[0]}.pem"
    told = subprocess.run(["openssl", "pkey", "-in", path, "-pubout"], capture_output=True, check=True)
    assert told.stdout == keyring.keys[0].key.pem()


def test_an_opened_keyring_has_the_same_keys(keyring: Keyring) -> None:
    again = open_keyring(keyring.folder, ORIGIN)
    assert not again.empty
    assert again.keys == keyring.keys


def test_a_second_generation_changes_nothing(keyring: Keyring) -> None:
    before = files(keyring.folder)
    assert keyring.generate() == keyring.keys
    assert files(keyring.folder) == before
    assert [path.name for path in keyring.folder.parent.iterdir()] == ["signer"]


def _generate(folder: Path) -> list[str]:
    return [each.key.vkey for each in open_keyring(folder, ORIGIN).generate()]


def test_of_two_processes_one_wins_and_both_read_it(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(_generate, [tmp_path / "signer"] * 4))
    assert found == [found[0]] * 4
    assert len(list((tmp_path / "signer").iterdir())) == 5


def remove(kind: str, which: int = 0) -> Callable[[Keyring], None]:
    return lambda keyring: (keyring.folder / f"{ids(keyring)[which]}.{kind}").unlink()


def put_foreign_key(keyring: Keyring) -> None:
    path = keyring.folder / f"{ids(keyring)[0]}.pem"
    path.write_bytes(generate_key(ORIGIN, KeyKind.ED25519).pem())


def keep_only_state(keyring: Keyring) -> None:
    shutil.rmtree(keyring.folder)
    keyring.folder.mkdir()
    (keyring.folder / "state.json").write_text("{}")


@pytest.mark.parametrize(
    ("breaks", "told"),
    [
        (remove("pem"), r"\.pem: .*bring the file back"),
        (remove("pem", 1), r"\.pem: .*bring the file back"),
        (remove("vkey"), r"\.vkey: .*bring the file back"),
        (lambda keyring: (keyring.folder / "keyring.json").unlink(), r"keyring\.json: .*bring the file back"),
        (lambda keyring: (keyring.folder / "keyring.json").write_text("{"), "not the index of a keyring"),
        (lambda keyring: (keyring.folder / "keyring.json").write_text("[]"), "not the index of a keyring"),
        (lambda keyring: (keyring.folder / f"{ids(keyring)[0]}.pem").write_text("?"), "not a private key"),
        (lambda keyring: (keyring.folder / f"{ids(keyring)[0]}.vkey").write_text("?"), "not the public key"),
        (put_foreign_key, "not the private key of land"),
        (keep_only_state, r"keyring\.json: .*bring the file back"),
    ],
)
def test_a_broken_keyring_is_refused_and_left_alone(
    keyring: Keyring, breaks: Callable[[Keyring], object], told: str
) -> None:
    breaks(keyring)
    before = files(keyring.folder)
    with pytest.raises(KeyringError, match=told) as refused:
        open_keyring(keyring.folder, ORIGIN)
    assert (refused.value.code, refused.value.exit_code) == ("bad_keyring", 2)
    with pytest.raises(KeyringError):
        keyring.generate()
    assert files(keyring.folder) == before


def test_keys_of_another_log_are_refused(keyring: Keyring) -> None:
    with pytest.raises(KeyringError, match="not of 'sea.example/ledger'"):
        open_keyring(keyring.folder, "sea.example/ledger")


def test_an_empty_keyring_signs_nothing(tmp_path: Path) -> None:
    empty = open_keyring(tmp_path / "signer", ORIGIN)
    assert empty.empty
    with pytest.raises(KeyringError) as refused:
        empty.check()
    assert refused.value.code == "no_keys"


def test_rotation_adds_keys_for_what_is_larger_than_what_was_signed(keyring: Keyring) -> None:
    keyring.rotate(41, "S001", NOON)
    assert [each.first for each in keyring.keys] == [1, 1, 42, 42]
    assert len(keyring.active) == 4
    assert [change.action for change in keyring.index().untold[2:]] == [Action.ROTATE] * 2
    keyring.told()
    assert keyring.index().untold == ()
    assert len(keyring.check().active) == 4


def test_retiring_destroys_the_private_half_and_keeps_the_public_one(keyring: Keyring) -> None:
    old = ids(keyring)[0]
    keyring.rotate(41, "S001", NOON)
    keyring.retire(old, 50, "S001", NOON)
    assert keyring.keys[0].last == 50
    assert old not in {key.verifier.key_id.hex() for key in keyring.active}
    assert not (keyring.folder / f"{old}.pem").exists()
    assert (keyring.folder / f"{old}.vkey").exists()
    assert len(open_keyring(keyring.folder, ORIGIN).active) == 3


def test_a_private_half_that_outlived_its_retirement_is_destroyed_later(keyring: Keyring) -> None:
    path = keyring.folder / f"{ids(keyring)[0]}.pem"
    secret = path.read_bytes()
    keyring.rotate(41, "S001", NOON)
    keyring.retire(ids(keyring)[0], 50, "S001", NOON)
    path.write_bytes(secret)  # as if the process had been killed before it came to that
    assert len(keyring.check().active) == 3
    keyring.destroy_retired()
    assert not path.exists()


@pytest.mark.parametrize(("which", "code"), [(0, "last_key"), (None, "unknown_key")])
def test_what_cannot_be_retired(keyring: Keyring, which: int | None, code: str) -> None:
    before = files(keyring.folder)
    with pytest.raises(KeyringError) as refused:
        keyring.retire("00000000" if which is None else ids(keyring)[which], 1, "S001", NOON)
    assert refused.value.code == code
    assert files(keyring.folder) == before


def test_a_key_is_retired_once(keyring: Keyring) -> None:
    keyring.retire(ids(keyring)[1], 1, "S001", NOON)
    with pytest.raises(KeyringError) as refused:
        keyring.retire(ids(keyring)[1], 1, "S001", NOON)
    assert refused.value.code == "unknown_key"
