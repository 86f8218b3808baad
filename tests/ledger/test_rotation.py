"""Keys in the open: made, rotated and retired on record, in the policy, and through kills."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.db import Ledger
from ledger.notes import NoteError, parse_policy
from ledger.notes.policy import Policy
from ledger.sealing.keyring import Keyring
from ledger.sealing.keyring_index import Action, KeptKey, KeyringError
from ledger.sealing.rotation import KEYS, first_keys, policy_with, retire, rotate, settle
from ledger.sealing.seal import seal_waiting
from ledger.sealing.signer import Signer
from tests.ledger.signing import NOON, SECOND, add, newest, notes
from tests.ledger.support import chain

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return tmp_path / "policy"


@pytest.fixture
def signer(ledger: Ledger, tmp_path: Path, policy: Path) -> Signer:
    """A signer with its first keys; three entries (two of them of the keys) are signed."""
    folder = tmp_path / "signer"
    made = Signer(Keyring(folder, ledger.origin.name), folder / "state.json")
    first_keys(ledger, made, policy, NOON)
    add(ledger, "1")
    assert made.sign(ledger, NOON)
    return made


def told(ledger: Ledger) -> list[tuple[Any, ...]]:
    """What the ledger says of keys."""
    names = ("action", "first", "last")
    return [tuple(each.data.get(name) for name in names) for each in chain(ledger, KEYS)]


def sign(signer: Signer, ledger: Ledger, after: int) -> None:
    seal_waiting(ledger)
    assert signer.sign(ledger, LATER + after * SECOND)


def read(policy: Path) -> Policy:
    return parse_policy(policy.read_bytes())


def ids(keys: tuple[KeptKey, ...]) -> list[str]:
    return [each.key.key_id.hex() for each in keys]


def test_first_keys_are_on_record_and_in_the_policy(signer: Signer, ledger: Ledger, policy: Path) -> None:
    assert told(ledger) == [("generate", 1, None)] * 2
    first = chain(ledger, KEYS)[0]
    key = signer.keyring.keys[0].key
    assert first.data["vkey"] == key.vkey
    assert first.data["business_key"] == f"generate/{key}"
    assert first.event["actor"] == "system"
    assert [(each.key, each.first, each.last) for each in read(policy).logs] == [
        (each.key, 1, None) for each in signer.keyring.keys
    ]
    assert read(policy).quorum == "none"
    assert read(policy).check(notes(ledger)[0].encode()).checkpoint == newest(ledger)


def test_in_the_overlap_old_and_new_keys_sign(signer: Signer, ledger: Ledger, policy: Path) -> None:
    before = read(policy)
    made = rotate(ledger, signer, policy, "S001", LATER)
    sign(signer, ledger, 1)
    note = notes(ledger)[-1].encode()
    assert len(read(policy).check(note).log) == 4
    assert [each.key for each in before.check(note).log] == [each.key for each in before.logs]
    only_new = parse_policy(policy_with(b"quorum none\n", made))
    assert [each.key for each in only_new.check(note).log] == [each.key for each in made]
    assert told(ledger)[2:] == [("rotate", 4, None)] * 2
    assert {each.event["actor"] for each in chain(ledger, KEYS)[2:]} == {"S001"}


def test_after_the_overlap_the_old_keys_are_gone(signer: Signer, ledger: Ledger, policy: Path) -> None:
    old = signer.keyring.keys
    rotate(ledger, signer, policy, "S001", LATER)
    sign(signer, ledger, 1)
    for each in ids(old):
        assert retire(ledger, signer, policy, each, "S002", LATER).last == 5
        assert not (signer.keyring.folder / f"{each}.pem").exists()
    sign(signer, ledger, 3)
    assert told(ledger)[4:] == [("retire", 1, 5)] * 2
    for note in notes(ledger):
        assert read(policy).check(note.encode())
    assert not {each.key for each in read(policy).check(notes(ledger)[-1].encode()).log} & {
        each.key for each in old
    }


def test_a_new_key_may_not_sign_what_was_before_it(signer: Signer, ledger: Ledger, policy: Path) -> None:
    rotate(ledger, signer, policy, "S001", LATER)
    text = notes(ledger)[0].split("\n\n")[0] + "\n"
    stolen = signer.keyring.active[-2].sign(text, LATER)
    with pytest.raises(NoteError, match="signed size 3, may sign 4"):
        read(policy).check(f"{text}\n{stolen.line}".encode())


def test_what_an_operator_wrote_into_the_policy_stays(signer: Signer, ledger: Ledger, policy: Path) -> None:
    log = f"log {signer.keyring.keys[0].key.vkey}"
    text = policy.read_text().replace(log, f"{log} https://log.example/ledger")
    policy.write_text(f"# agreed on in June\n{text}")
    rotate(ledger, signer, policy, "S001", LATER)
    assert "# agreed on in June" in policy.read_text()
    assert [each.url for each in read(policy).logs if each.url] == ["https://log.example/ledger"]
    assert len(read(policy).logs) == 4


def test_two_rotations_do_not_overlap(signer: Signer, ledger: Ledger, policy: Path) -> None:
    rotate(ledger, signer, policy, "S001", LATER)
    with pytest.raises(KeyringError) as refused:
        rotate(ledger, signer, policy, "S001", LATER)
    assert refused.value.code == "overlap"
    assert ids(signer.keyring.keys)[0] in refused.value.message
    assert len(signer.keyring.keys) == 4


def test_the_last_key_stays(signer: Signer, ledger: Ledger, policy: Path) -> None:
    with pytest.raises(KeyringError) as refused:
        retire(ledger, signer, policy, ids(signer.keyring.keys)[0], "S001", LATER)
    assert refused.value.code == "last_key"
    assert len(told(ledger)) == 2


def test_first_keys_are_made_once(signer: Signer, ledger: Ledger, policy: Path) -> None:
    first_keys(ledger, signer, policy, LATER)
    assert len(told(ledger)) == 2


def lose_keys(keyring: Keyring) -> None:
    for path in keyring.folder.iterdir():
        path.unlink()
    keyring.folder.rmdir()


def test_lost_keys_are_not_made_anew(signer: Signer, ledger: Ledger, policy: Path) -> None:
    lose_keys(signer.keyring)
    with pytest.raises(KeyringError, match=r"bring the folder back from your backup") as refused:
        first_keys(ledger, signer, policy, LATER)
    assert refused.value.code == "keys_lost"
    assert not signer.keyring.folder.exists()


def test_a_policy_that_is_none_is_refused_and_kept(signer: Signer, ledger: Ledger, policy: Path) -> None:
    policy.write_text("quorum nobody\n")
    with pytest.raises(Exception, match="nobody"):
        rotate(ledger, signer, policy, "S001", LATER)
    assert policy.read_text() == "quorum nobody\n"
    policy.write_text("quorum none\n")
    settle(ledger, signer, policy)
    assert len(read(policy).logs) == 4


Killed = Callable[[Signer, Ledger, Path], None]


def after_the_keyring(signer: Signer, ledger: Ledger, policy: Path) -> None:
    signer.keyring.rotate(3, "S001", LATER)


def after_the_ledger(signer: Signer, ledger: Ledger, policy: Path) -> None:
    before = policy.read_bytes()
    index = signer.keyring.folder / "keyring.json"
    signer.keyring.rotate(3, "S001", LATER)
    owed = index.read_bytes()
    settle(ledger, signer, policy)
    index.write_bytes(owed)
    policy.write_bytes(before)


def after_the_policy(signer: Signer, ledger: Ledger, policy: Path) -> None:
    index = signer.keyring.folder / "keyring.json"
    signer.keyring.rotate(3, "S001", LATER)
    owed = index.read_bytes()
    settle(ledger, signer, policy)
    index.write_bytes(owed)


@pytest.mark.parametrize("killed", [after_the_keyring, after_the_ledger, after_the_policy])
def test_a_rotation_that_was_killed_is_finished_once(
    signer: Signer, ledger: Ledger, policy: Path, killed: Killed
) -> None:
    killed(signer, ledger, policy)
    made = rotate(ledger, signer, policy, "S009", LATER + SECOND)
    assert ids(made) == ids(signer.keyring.keys)[2:]
    assert len(signer.keyring.keys) == 4
    assert told(ledger)[2:] == [("rotate", 4, None)] * 2
    assert chain(ledger, KEYS)[-1].event["actor"] == "S001"
    assert len(read(policy).logs) == 4
    assert signer.keyring.index().untold == ()


def test_a_retirement_that_was_killed_is_finished_once(signer: Signer, ledger: Ledger, policy: Path) -> None:
    rotate(ledger, signer, policy, "S001", LATER)
    old = ids(signer.keyring.keys)[0]
    secret = (signer.keyring.folder / f"{old}.pem").read_bytes()
    signer.keyring.retire(old, 3, "S001", LATER)
    (signer.keyring.folder / f"{old}.pem").write_bytes(secret)
    assert signer.keyring.index().untold[0].action is Action.RETIRE
    retired = retire(ledger, signer, policy, old, "S009", LATER + SECOND)
    assert retired.last == 3
    assert not (signer.keyring.folder / f"{old}.pem").exists()
    assert told(ledger)[4:] == [("retire", 1, 3)]
    assert next(each.last for each in read(policy).logs if each.key == retired.key) == 3


def test_what_a_killed_first_use_owes_is_told_before_anything_is_signed(
    ledger: Ledger, tmp_path: Path, policy: Path
) -> None:
    folder = tmp_path / "signer"
    signer = Signer(Keyring(folder, ledger.origin.name), folder / "state.json")
    signer.keyring.generate("system", NOON)
    assert told(ledger) == []
    settle(ledger, signer, policy)
    settle(ledger, signer, policy)
    assert told(ledger) == [("generate", 1, None)] * 2
