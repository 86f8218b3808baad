"""What is lawful raises no alarm: with the policy and the newest note, everything is anchored."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from ledger.append import append_all
from ledger.db import Origin, OriginKind, open_database, snapshot
from ledger.entry import MAX_LEAF
from ledger.notes import Note
from ledger.read import entries
from ledger.redact import Order, redact
from ledger.report import Label
from ledger.restore import open_instead
from ledger.sealing.keyring import Keyring
from ledger.sealing.rotation import first_keys, retire, rotate
from ledger.sealing.seal import seal_waiting
from ledger.sealing.signer import Signer
from ledger.verify import verify
from tests.ledger.support import MONDAY, draft, record, sealed, work
from tests.tampering.bureau import ORIGIN, Bureau, at_work, open_bureau


def all_is_well(bureau: Bureau) -> None:
    """Signed and cosigned as it stands, the ledger verifies in every way there is."""
    size = bureau.sign()
    for note in (None, size):
        alone, outside = bureau.report(note=note), bureau.report(note=note, policy=True)
        assert (alone.failures, outside.failures) == ((), ())
        assert (alone.verified, outside.verified, outside.label) == (True, True, Label.ANCHORED)
    assert (outside.entries, outside.anchored.count) == (size, size)


@pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)
def test_a_transaction_that_commits_late(url: str, tmp_path: Path) -> None:
    """It was numbered first, and is sealed after a checkpoint that does not hold it."""
    bureau = open_bureau(url, tmp_path)
    with bureau.ledger.engine.begin() as late:
        append_all(bureau.ledger, late, [work("LX-1", "1", draft("case.registered"))])
        record(bureau.ledger, work("LX-2", "1", draft("case.registered")))
        first = bureau.sign()
    all_is_well(bureau)
    assert bureau.report(note=first).verified
    bureau.ledger.close()


def test_two_sealers(url: str, tmp_path: Path) -> None:
    bureau = open_bureau(url, tmp_path)
    with ThreadPoolExecutor(4) as threads:
        for n in range(20):
            record(bureau.ledger, work(f"LX-{n % 3}", str(n), draft("case.noted"), draft("case.noted")))
            threads.submit(seal_waiting, bureau.ledger)
            threads.submit(seal_waiting, bureau.ledger)
    all_is_well(bureau)
    bureau.ledger.close()


def test_keys_rotated_and_retired(url: str, tmp_path: Path) -> None:
    bureau = open_bureau(url, tmp_path)
    at_work(bureau)
    old = [each.key.key_id.hex() for each in bureau.signer.keyring.keys]
    rotate(bureau.ledger, bureau.signer, bureau.policy_file, "S001", datetime.now(UTC))
    all_is_well(bureau)
    for key_id in old:
        retire(bureau.ledger, bureau.signer, bureau.policy_file, key_id, "S001", datetime.now(UTC))
        all_is_well(bureau)
    record(bureau.ledger, work("LX-1", "4"))
    all_is_well(bureau)
    bureau.ledger.close()


def test_a_case_redacted(bureau: Bureau) -> None:
    order = Order(case="LX-1", basis="个人信息保护法 47", approver="S001", second="S002")
    redact(bureau.ledger, order, datetime.now(UTC))
    all_is_well(bureau)
    report = bureau.report()
    assert (report.redacted, report.openings) == (2, 4)


def test_leaves_of_the_largest_size_and_texts_of_all_kinds(url: str, tmp_path: Path) -> None:
    bureau = open_bureau(url, tmp_path)
    record(bureau.ledger, work("LX-0", "1", draft("case.noted", data={"opinion": ""})))
    with snapshot(bureau.ledger.engine) as connection:
        (entry,) = entries(connection, "LX-0")
    room = MAX_LEAF - len(entry.leaf)
    texts = {
        "LX-1": "x" * room,
        "LX-2": "同" * (room // 3),
        "LX-3": '阳光👍🏽 \U00020bb7 " \\ / \u2028 \x01\n\t e1.5, 1e9}',
        "LX-4": '_sd":[]',
    }
    for case, text in texts.items():
        fields = (sealed(bureau.ledger, case, "applicant"),)
        given, small = {"opinion": text}, len(text) < 100
        record(
            bureau.ledger, work(case, "1", draft("case.noted", data=given, sealed=fields if small else ()))
        )
    all_is_well(bureau)
    with snapshot(bureau.ledger.engine) as connection:
        assert len(entries(connection, "LX-1")[0].leaf) == MAX_LEAF
        assert orjson.loads(entries(connection, "LX-3")[0].leaf)["data"]["opinion"] == texts["LX-3"]
    bureau.ledger.close()


def test_a_log_opened_in_place_of_a_lost_one(bureau: Bureau, url: str, tmp_path: Path) -> None:
    """Under an origin of its own, which its notes and entries bear."""
    (newest,) = [bureau.notes[max(bureau.notes)]]
    again = Origin(f"{ORIGIN.name}/2", OriginKind.SAMPLE)
    ledger = open_database(url, again)
    open_instead(ledger, Note(newest.text, newest.signatures), "磁盘损坏", "S001", datetime.now(UTC))
    signer = Signer(Keyring(tmp_path / "signer", again.name), tmp_path / "state.json", pace=timedelta())
    first_keys(ledger, signer, tmp_path / "policy", datetime.now(UTC))
    record(ledger, work("LX-1", "1", draft("case.registered")))
    seal_waiting(ledger)
    assert signer.sign(ledger, datetime.now(UTC)) is not None
    with snapshot(ledger.engine) as connection:
        report = verify(connection)
        old = verify(connection, notes=[newest.encode()])
    assert (report.verified, report.label, report.failures) == (True, Label.SIGNED_ONLY, ())
    # The lost log's note is no note of this one.
    assert [failure.check for failure in old.failures] == ["note"]
    ledger.close()


def test_a_simulation_whose_times_are_not_the_worlds(url: str, tmp_path: Path) -> None:
    simulated = Origin("land.example/simulation", OriginKind.SIMULATION)
    ledger = open_database(url, simulated)
    signer = Signer(Keyring(tmp_path / "signer", simulated.name), tmp_path / "state.json", pace=timedelta())
    first_keys(ledger, signer, tmp_path / "policy", datetime.now(UTC))
    for year in (0, 30):
        now = MONDAY + timedelta(days=365 * year)
        record(ledger, work(f"LX-{year}", "1", draft("case.registered"), now=now))
        seal_waiting(ledger)
        assert signer.sign(ledger, datetime.now(UTC)) is not None
    with snapshot(ledger.engine) as connection:
        report = verify(connection)
    assert (report.verified, report.failures, report.time_rules) == (True, (), False)
    ledger.close()
