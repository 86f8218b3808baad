"""The signer: what it signs, what it refuses, and what it remembers when it is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update
from structlog.testing import capture_logs

from ledger.db import Ledger, snapshot
from ledger.errors import SignerRefusedError
from ledger.merkle import Frontier, leaf_hash, root_of
from ledger.notes import KeyKind, parse_checkpoint, parse_note, verify_note
from ledger.sealing.keyring import Keyring
from ledger.sealing.keyring_index import KeyringError
from ledger.sealing.signer import HEARTBEAT, PACE, Signer
from ledger.tables import (
    ledger_case,
    ledger_checkpoint,
    ledger_entry,
    ledger_index,
    ledger_log,
    ledger_meta,
    ledger_tile,
)
from tests.ledger.signing import NOON, SECOND, add, forge, newest, notes, signer_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def signer(ledger: Ledger, tmp_path: Path) -> Signer:
    """A signer of a ledger of three entries, all signed."""
    made = signer_of(ledger, tmp_path)
    add(ledger, "1", "2", "3")
    assert made.sign(ledger, NOON)
    return made


def leaf_hashes(ledger: Ledger) -> list[bytes]:
    with snapshot(ledger.engine) as connection:
        return hashes_of(connection)


def refused(signer: Signer, ledger: Ledger, at: Any = NOON + SECOND) -> str:
    """Why it refuses; that it says so in the log, signs nothing and remembers what it did."""
    before, memory = notes(ledger), signer.state.path.read_bytes() if signer.state.path.exists() else None
    with capture_logs() as logs, pytest.raises(SignerRefusedError) as found:
        signer.sign(ledger, at)
    assert (found.value.code, found.value.exit_code) == ("signer_refused", 3)
    assert [(each["event"], each["log_level"]) for each in logs] == [("signer_refused", "error")]
    assert notes(ledger) == before
    assert (signer.state.path.read_bytes() if signer.state.path.exists() else None) == memory
    return found.value.message


def test_a_checkpoint_says_size_and_root(signer: Signer, ledger: Ledger) -> None:
    checkpoint = newest(ledger)
    assert (checkpoint.origin, checkpoint.size) == (ledger.origin.name, 3)
    assert checkpoint.root == root_of(leaf_hashes(ledger))


def test_it_bears_a_signature_of_each_key(signer: Signer, ledger: Ledger) -> None:
    keys = tuple(each.key for each in signer.keyring.keys)
    found = verify_note(parse_note(notes(ledger)[0].encode()), keys)
    assert [each.key.kind for each in found] == [KeyKind.ED25519, KeyKind.COSIGNATURE_MLDSA44]
    assert [each.at for each in found] == [None, NOON]


def test_openssl_verifies_it(signer: Signer, ledger: Ledger, tmp_path: Path) -> None:
    note = parse_note(notes(ledger)[0].encode())
    (tmp_path / "text").write_text(note.text)
    (tmp_path / "signature").write_bytes(note.signatures[0].signature)
    (tmp_path / "key.pem").write_bytes(signer.keyring.keys[0].key.pem())
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "key.pem", "-in", "text"]
    verify = [*command, "-sigfile", "signature"]
    assert subprocess.run(verify, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "text").write_text(note.text.replace("\n3\n", "\n2\n"))
    assert subprocess.run(verify, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_an_empty_log_is_signed_by_nobody(ledger: Ledger, tmp_path: Path) -> None:
    signer = signer_of(ledger, tmp_path)
    assert signer.sign(ledger, NOON) is None
    assert not notes(ledger)
    assert not signer.state.path.exists()


def test_what_grew_is_signed_at_the_signers_pace(signer: Signer, ledger: Ledger) -> None:
    add(ledger, "4")
    assert signer.sign(ledger, NOON + PACE / 2) is None
    checkpoint = signer.sign(ledger, NOON + PACE)
    assert checkpoint == newest(ledger)
    assert newest(ledger).size == 4
    assert newest(ledger).root == root_of(leaf_hashes(ledger))


def test_what_did_not_grow_is_looked_at_hourly(signer: Signer, ledger: Ledger) -> None:
    assert signer.sign(ledger, NOON + HEARTBEAT - SECOND) is None
    assert signer.sign(ledger, NOON + HEARTBEAT) == newest(ledger)
    assert len(notes(ledger)) == 1
    assert signer.sign(ledger, NOON + HEARTBEAT + SECOND) is None


def test_many_entries_are_pulled_in_portions(ledger: Ledger, tmp_path: Path) -> None:
    add(ledger, *(str(number) for number in range(1203)))
    signer = signer_of(ledger, tmp_path)
    assert signer.sign(ledger, NOON)
    add(ledger, "more")
    assert signer.sign(ledger, NOON + SECOND)
    assert newest(ledger).root == root_of(leaf_hashes(ledger))


def test_another_process_goes_on_with_the_same_memory(signer: Signer, ledger: Ledger, tmp_path: Path) -> None:
    add(ledger, "4")
    assert signer_of(ledger, tmp_path).sign(ledger, NOON + SECOND)
    add(ledger, "5")
    assert signer.sign(ledger, NOON + 2 * SECOND)
    assert newest(ledger).size == 5


def test_a_clock_that_trembles_is_no_clock_gone_back(signer: Signer, ledger: Ledger) -> None:
    add(ledger, "4")
    assert signer.sign(ledger, NOON - SECOND) is None
    assert signer.sign(ledger, NOON + SECOND)
    assert "12:00:01.000000+00:00 was signed already" in refused(
        signer, ledger, NOON - timedelta(milliseconds=1)
    )


def hashes_of(connection: Connection) -> list[bytes]:
    """Of the leaves that are in the index, in its order, as they are now."""
    query = select(ledger_entry.c.leaf).join_from(
        ledger_entry, ledger_index, ledger_index.c.pos == ledger_entry.c.pos
    )
    return [leaf_hash(bytes(leaf)) for leaf in connection.scalars(query.order_by(ledger_index.c.log_index))]


def repair(connection: Connection) -> None:
    """Make tiles and head of the log fit its entries again."""
    tree, hashes = Frontier(), hashes_of(connection)
    tree.extend(hashes)
    connection.execute(update(ledger_tile).values(hashes=b"".join(hashes)))
    frontier = b"".join(tree.hashes)
    changed = {"size": tree.size, "root": tree.root().hex(), "frontier": frontier}
    connection.execute(update(ledger_log).values(changed))


def shorten(connection: Connection) -> None:
    """What an older backup holds: two entries that agree with each other."""
    connection.execute(delete(ledger_index).where(ledger_index.c.log_index >= 2))
    connection.execute(delete(ledger_checkpoint))
    repair(connection)


def rewrite(connection: Connection, index: int = 1) -> None:
    """Another second entry, and everything that can be computed from it."""
    pos = connection.scalar(select(ledger_index.c.pos).where(ledger_index.c.log_index == index))
    leaf = connection.scalars(select(ledger_entry.c.leaf).where(ledger_entry.c.pos == pos)).one()
    forged = bytes(leaf).replace("同意".encode(), "反对".encode())
    changed = {"leaf": forged, "leaf_hash": leaf_hash(forged).hex()}
    connection.execute(update(ledger_entry).where(ledger_entry.c.pos == pos).values(changed))
    repair(connection)


def set_log(**values: Any) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(update(ledger_log).values(values))


def change_note(connection: Connection) -> None:
    changed = ledger_checkpoint.c.note + " "
    connection.execute(update(ledger_checkpoint).values(note=changed))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (shorten, "the log has 2 entries, 3 were signed"),
        (rewrite, "another root at the size that was signed"),
        (set_log(root="00" * 32), "another root at the size that was signed"),
        (set_log(root="?"), "the log's row cannot be used"),
        (lambda connection: connection.execute(delete(ledger_log)), "the log's row cannot be used"),
        (lambda connection: connection.execute(delete(ledger_tile)), "tile 0/0 is missing"),
        (set_log(size=2), "the log has 2 entries, 3 were signed"),
        (change_note, "the stored checkpoint is not the one that was signed"),
        (
            lambda connection: connection.execute(update(ledger_tile).values(hashes=b"\0" * 96)),
            "the stored tiles give another root",
        ),
        (
            lambda connection: connection.execute(
                update(ledger_meta).where(ledger_meta.c.key == "origin").values(value="sea.example/ledger")
            ),
            "not the log of this signer: land.example/ledger, sea.example/ledger",
        ),
    ],
)
def test_a_changed_database_is_refused(
    signer: Signer, ledger: Ledger, change: Callable[[Connection], object], told: str
) -> None:
    forge(ledger, change)
    assert told in refused(signer, ledger)


def test_a_backup_that_is_restored_and_goes_on_is_refused(signer: Signer, ledger: Ledger) -> None:
    def restore(connection: Connection) -> None:
        shorten(connection)
        position = connection.scalars(select(ledger_entry.c.pos).order_by(ledger_entry.c.pos)).all()[2]
        connection.execute(delete(ledger_entry).where(ledger_entry.c.pos == position))
        connection.execute(delete(ledger_case))

    forge(ledger, restore)
    add(ledger, "7", "8", case="LX-2")
    assert "3: " in refused(signer, ledger)


def remove_entry(connection: Connection) -> None:
    pos = select(ledger_index.c.pos).where(ledger_index.c.log_index == 4).scalar_subquery()
    connection.execute(delete(ledger_entry).where(ledger_entry.c.pos == pos))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (remove_entry, "entry 4 is missing in the log"),
        (
            lambda connection: connection.execute(delete(ledger_index).where(ledger_index.c.log_index == 4)),
            "entry 4 is missing in the log",
        ),
        (
            lambda connection: connection.execute(delete(ledger_index).where(ledger_index.c.log_index == 5)),
            "entry 5 of 6 is missing in the log",
        ),
        (set_log(size=7), "entry 6 of 7 is missing in the log"),
        (set_log(root="00" * 32), "do not make the root that the sealer tells"),
        (
            lambda connection: connection.execute(update(ledger_entry).values(leaf=b"{}")),
            "do not make the root that the sealer tells",
        ),
        (lambda connection: rewrite(connection, 0), "3: "),
    ],
)
def test_what_grew_wrongly_is_refused(
    signer: Signer, ledger: Ledger, change: Callable[[Connection], object], told: str
) -> None:
    add(ledger, "4", "5", "6")
    forge(ledger, change)
    assert told in refused(signer, ledger)


def test_a_tile_that_is_wrong_beyond_what_was_signed_is_refused(signer: Signer, ledger: Ledger) -> None:
    add(ledger, "4")
    with snapshot(ledger.engine) as connection:
        hashes = hashes_of(connection)[:3]
    wrong = b"".join((*hashes, b"\0" * 32))
    forge(ledger, lambda connection: connection.execute(update(ledger_tile).values(hashes=wrong)))
    assert "4: 树块与根不符" in refused(signer, ledger)


def test_a_refusal_does_not_heal_by_itself(signer: Signer, ledger: Ledger) -> None:
    forge(ledger, rewrite)
    add(ledger, "4", case="LX-2")
    refused(signer, ledger)
    refused(signer, ledger, NOON + 2 * HEARTBEAT)


def test_a_lost_memory_is_no_new_beginning(signer: Signer, ledger: Ledger) -> None:
    signer.state.path.unlink()
    told = refused(signer, ledger)
    assert "checkpoints up to 3 are in the database, the signer's state knows 0" in told
    assert "docs/operations.md" in told


def test_an_older_memory_is_refused(signer: Signer, ledger: Ledger) -> None:
    older = signer.state.path.read_bytes()
    add(ledger, "4")
    signer.sign(ledger, NOON + SECOND)
    signer.state.path.write_bytes(older)
    assert "the signer's state knows 3" in refused(signer, ledger, NOON + 2 * SECOND)


@pytest.mark.parametrize(
    "changed",
    [
        {"size": 2},
        {"root": "00" * 32},
        {"origin": "sea.example/ledger"},
        {"note": "?"},
        {"frontier": []},
        {"frontier": ["AAAA"]},
        {"signed": "2026-06-15T12:00:00"},
        {"signed": None},
    ],
)
def test_a_broken_memory_is_refused(signer: Signer, ledger: Ledger, changed: dict[str, Any]) -> None:
    state = json.loads(signer.state.path.read_bytes()) | changed
    signer.state.path.write_text(json.dumps(state))
    assert "broken" in refused(signer, ledger)


def test_memory_that_is_no_document_is_refused(signer: Signer, ledger: Ledger) -> None:
    signer.state.path.write_bytes(b"")
    assert "broken" in refused(signer, ledger)


def test_without_keys_nothing_is_signed(ledger: Ledger, tmp_path: Path) -> None:
    add(ledger, "1")
    keyring = Keyring(tmp_path / "signer", ledger.origin.name)
    with pytest.raises(KeyringError) as found:
        Signer(keyring, tmp_path / "signer" / "state.json").sign(ledger, NOON)
    assert found.value.code == "no_keys"
    assert not (tmp_path / "signer").exists()


def test_killed_between_remembering_and_letting_go(signer: Signer, ledger: Ledger, tmp_path: Path) -> None:
    add(ledger, "4")
    url = ledger.engine.url.render_as_string(hide_password=False)
    died = subprocess.run(
        [sys.executable, "-m", "tests.ledger.dying_signer", url, tmp_path], check=False, cwd=ROOT
    )
    assert died.returncode == 9
    assert len(notes(ledger)) == 1
    remembered = signer.state.read()
    assert remembered is not None
    assert remembered.checkpoint.size == 4
    assert signer.sign(ledger, NOON + 2 * SECOND) is None
    assert notes(ledger)[-1] == remembered.note
    add(ledger, "5")
    assert signer.sign(ledger, NOON + 3 * SECOND)
    assert [parse_checkpoint(parse_note(each.encode()).text).size for each in notes(ledger)] == [3, 4, 5]


def test_two_signers_take_turns(ledger: Ledger, tmp_path: Path) -> None:
    first = signer_of(ledger, tmp_path)

    def sign(number: int) -> None:
        add(ledger, str(number), case=f"LX-{number}")
        Signer(first.keyring, first.state.path, pace=timedelta()).sign(ledger, datetime.now(UTC))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sign, range(20)))
    hashes = leaf_hashes(ledger)
    found = [parse_checkpoint(parse_note(each.encode()).text) for each in notes(ledger)]
    assert found[-1].size == 20
    assert [each.root for each in found] == [root_of(hashes[: each.size]) for each in found]
