"""The keeper: whatever is recorded is sealed and signed, by one round or by threads beside other work."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from ledger.db import Ledger, open_database, snapshot
from ledger.errors import SignerRefusedError
from ledger.notes import KeyKind, generate_key, parse_policy
from ledger.sealing.duties import Keeping
from ledger.sealing.keeper import Keeper, keep
from ledger.sealing.keyring_index import KeyringError
from ledger.sealing.rotation import rotate
from ledger.sealing.stored import newest_note
from ledger.tables import ledger_checkpoint, ledger_entry, ledger_inbox
from tests.ledger.fixtures import SAMPLE
from tests.ledger.signing import forge, newest, notes
from tests.ledger.support import record, work

_WITNESS = generate_key("witness.example/w1", KeyKind.COSIGNATURE_ED25519).verifier.vkey

PATIENCE = 60.0
"""Seconds after which something that should come does not come any more; nothing is measured by it."""


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def entries(ledger: Ledger) -> int:
    with snapshot(ledger.engine) as connection:
        return connection.scalar(select(func.count()).select_from(ledger_entry)) or 0


def waiting(ledger: Ledger) -> int:
    with snapshot(ledger.engine) as connection:
        return connection.scalar(select(func.count()).select_from(ledger_inbox)) or 0


def signed(ledger: Ledger) -> int:
    return newest(ledger).size if notes(ledger) else 0


def own(ledger: Ledger) -> Ledger:
    """A handle of its own on the same ledger, for a keeper to close."""
    return open_database(ledger.engine.url.render_as_string(hide_password=False), SAMPLE)


def test_a_round_seals_and_signs_everything_keys_included(ledger: Ledger, tmp_path: Path) -> None:
    record(ledger, work("LX-1", "1"), work("LX-1", "2"))
    kept = keep(Keeping(ledger, tmp_path))
    assert kept.checkpoint == newest(ledger)
    assert signed(ledger) == entries(ledger) == 4
    policy = parse_policy((tmp_path / "policy").read_bytes())
    assert policy.check(notes(ledger)[0].encode()).quorum


def test_a_second_round_at_once_signs_what_is_new(ledger: Ledger, tmp_path: Path) -> None:
    keeping = Keeping(ledger, tmp_path)
    keep(keeping)
    assert keep(keeping).checkpoint is None
    record(ledger, work("LX-1", "1"))
    keep(keeping)
    assert signed(ledger) == entries(ledger) == 3


def test_without_keys_a_worker_only_seals(ledger: Ledger, tmp_path: Path) -> None:
    record(ledger, work("LX-1", "1"))
    assert keep(Keeping(ledger, tmp_path, makes_keys=False)).checkpoint is None
    assert keep(Keeping(ledger, tmp_path, signs=False)).checkpoint is None
    assert (waiting(ledger), notes(ledger)) == (0, [])
    assert list(tmp_path.glob("signer")) == []
    keep(Keeping(ledger, tmp_path))
    record(ledger, work("LX-1", "2"))
    assert keep(Keeping(ledger, tmp_path, makes_keys=False)).checkpoint == newest(ledger)


def test_lost_keys_are_told_and_not_made_anew(ledger: Ledger, tmp_path: Path) -> None:
    keep(Keeping(ledger, tmp_path / "first"))
    with pytest.raises(KeyringError) as refused:
        keep(Keeping(ledger, tmp_path / "second"))
    assert refused.value.code == "keys_lost"


def test_a_keeper_covers_what_is_recorded_while_it_runs(ledger: Ledger, tmp_path: Path) -> None:
    with Keeper(Keeping(own(ledger), tmp_path)):
        for number in range(5):
            record(ledger, work("LX-1", str(number)))
            until(lambda: waiting(ledger) == 0 and signed(ledger) == entries(ledger))
    assert signed(ledger) == 7


def test_what_was_recorded_last_is_signed_before_it_ends(ledger: Ledger, tmp_path: Path) -> None:
    with Keeper(Keeping(own(ledger), tmp_path)):
        until(lambda: bool(notes(ledger)))
        record(ledger, *(work("LX-1", str(number)) for number in range(50)))
    assert (waiting(ledger), signed(ledger)) == (0, 52)


def test_a_signer_that_refuses_holds_up_no_sealing(ledger: Ledger, tmp_path: Path) -> None:
    keep(Keeping(ledger, tmp_path))
    changed = update(ledger_checkpoint).values(note=ledger_checkpoint.c.note + "\n")
    forge(ledger, lambda connection: connection.execute(changed))
    with pytest.raises(SignerRefusedError):
        keep(Keeping(ledger, tmp_path))
    with capture_logs() as logs, Keeper(Keeping(own(ledger), tmp_path)):
        record(ledger, work("LX-1", "1"))
        until(lambda: sum(each["event"] == "signer_refused" for each in logs) > 1 and not waiting(ledger))
    told = [each["told"] for each in logs if each["event"] == "keeper_failed" and each["duty"] == "sign"]
    assert len(told) == 1
    assert "the stored checkpoint is not the one that was signed" in told[0]
    assert (entries(ledger), len(notes(ledger))) == (3, 1)


def test_a_witness_that_is_away_holds_up_no_signature(ledger: Ledger, tmp_path: Path) -> None:
    keep(Keeping(ledger, tmp_path))
    with (tmp_path / "policy").open("a") as policy:
        policy.write(f"witness w1 {_WITNESS} http://127.0.0.1:9/witness\n")
    record(ledger, work("LX-1", "1"))
    kept = keep(Keeping(ledger, tmp_path))
    assert kept.checkpoint == newest(ledger)
    assert [(each.witness, each.size, each.problem) for each in kept.published] == [("w1", 3, "away")]
    with capture_logs() as logs, Keeper(Keeping(own(ledger), tmp_path)):
        record(ledger, work("LX-1", "2"))
        until(lambda: signed(ledger) == 4 and any(each.get("duty") == "publish" for each in logs))
    assert [each["told"][:4] for each in logs if each["event"] == "keeper_failed"] == ["w1: "]


def test_a_broken_policy_is_told_and_signing_goes_on(ledger: Ledger, tmp_path: Path) -> None:
    keep(Keeping(ledger, tmp_path))
    (tmp_path / "policy").write_text("quorum nobody\n")
    with capture_logs() as logs, Keeper(Keeping(own(ledger), tmp_path)):
        record(ledger, work("LX-1", "1"))
        until(lambda: signed(ledger) == 3 and any(each.get("duty") == "publish" for each in logs))
    assert {each["duty"] for each in logs if each["event"] == "keeper_failed"} == {"publish", "stamp"}


def test_keys_rotated_elsewhere_sign_from_then_on(ledger: Ledger, tmp_path: Path) -> None:
    keeping = Keeping(ledger, tmp_path)
    keep(keeping)
    with Keeper(Keeping(own(ledger), tmp_path)):
        rotate(ledger, keeping.signer(), keeping.policy, "S001", keeping.now())
        until(lambda: signed(ledger) == 4)
    with snapshot(ledger.engine) as connection:
        note = newest_note(connection)
    assert note is not None
    assert len(note.signatures) == 4
