"""Backups put back, second versions, checkpoints made by others: consistent in themselves, and convicted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import delete, insert, select, update

from ledger.canonical import canonical
from ledger.errors import SignerRefusedError
from ledger.notes import Checkpoint, KeyKind, Note, SigningKey, generate_key, parse_note
from ledger.report import Label
from ledger.sealing.seal import seal_waiting
from ledger.tables import ledger_checkpoint, ledger_cosignature, ledger_log
from tests.ledger.support import draft, record, work
from tests.tampering.attacker import leaves_of, rewrite
from tests.tampering.bureau import ORIGIN, Bureau, as_owner, at_work, kept_rows, open_bureau, restore
from tests.tampering.damages import HALF, WHOLE, Place, edited, insert_foreign, place
from tests.tampering.test_matrix import places

BEYOND = 4
"""Entries after which the other log is longer than the one that was lost."""


@pytest.mark.parametrize("more", [0, 3, WHOLE - HALF, WHOLE - HALF + BEYOND])
def test_an_older_backup_put_back_and_gone_on_with(url: str, tmp_path: Path, more: int) -> None:
    """Shorter, of the same size, longer: the note that was seen convicts, and the signer refuses."""
    bureau = open_bureau(url, tmp_path)
    backup = _at_half(bureau)
    with as_owner(bureau.ledger) as connection:
        restore(connection, backup)
    for n in range(more):
        record(bureau.ledger, work("LX-1", f"other {n}", draft("case.noted")))
    seal_waiting(bureau.ledger)
    assert bureau.report().failures == ()  # nothing inside the database knows any better
    for outside in (bureau.report(note=WHOLE), bureau.report(note=WHOLE, policy=True)):
        assert places(outside) == {place("note", size=WHOLE)}
    assert bureau.report(note=HALF).failures == ()
    with pytest.raises(SignerRefusedError):
        bureau.signer.sign(bureau.ledger, datetime.now(UTC))
    bureau.ledger.close()


def _at_half(bureau: Bureau) -> dict[str, list[dict[str, object]]]:
    """A backup made at the first of the two checkpoints; then the bureau goes on to the second."""
    kept = []
    assert at_work(bureau, lambda: kept.append(kept_rows(bureau.ledger))) == (HALF, WHOLE)
    return kept[0]


def _store(bureau: Bureau, note: Note, checkpoint: Checkpoint) -> None:
    """Put a checkpoint among the others, in place of one of the same size."""
    row = {"size": checkpoint.size, "root": checkpoint.root.hex(), "note": note.encode().decode()}
    with as_owner(bureau.ledger) as connection:
        connection.execute(delete(ledger_checkpoint).where(ledger_checkpoint.c.size == checkpoint.size))
        connection.execute(delete(ledger_cosignature).where(ledger_cosignature.c.size == checkpoint.size))
        signed = datetime.now(UTC).isoformat(timespec="microseconds")
        connection.execute(insert(ledger_checkpoint), row | {"signed": signed})


def _checkpoint(bureau: Bureau) -> Checkpoint:
    """Of the log as it stands."""
    with bureau.ledger.engine.connect() as connection:
        size, root = connection.execute(select(ledger_log.c.size, ledger_log.c.root)).one()
    return Checkpoint(ORIGIN.name, size, bytes.fromhex(root))


def _key() -> SigningKey:
    return generate_key(ORIGIN.name, KeyKind.ED25519)


def test_a_checkpoint_of_a_key_that_nobody_knows(bureau: Bureau) -> None:
    record(bureau.ledger, work("LX-1", "4"))
    seal_waiting(bureau.ledger)
    forged = _checkpoint(bureau)
    note = Note(forged.text, (_key().sign(forged.text, datetime.now(UTC)),))
    _store(bureau, note, forged)
    assert places(bureau.report()) == {place("checkpoint", size=WHOLE + 1)}
    assert places(bureau.report(policy=True)) == {place("checkpoint", size=WHOLE + 1)}


def test_an_honest_signature_under_another_root(bureau: Bureau) -> None:
    with bureau.ledger.engine.connect() as connection:
        raw = connection.scalar(select(ledger_checkpoint.c.note).where(ledger_checkpoint.c.size == WHOLE))
    assert raw is not None
    forged = Checkpoint(ORIGIN.name, WHOLE, bytes(32))
    _store(bureau, Note(forged.text, parse_note(raw.encode()).signatures), forged)
    assert places(bureau.report()) == {place("checkpoint", size=WHOLE)}


@pytest.mark.parametrize(
    "change", [{"root": "00" * 32}, {"signed": "2020-01-01T00:00:00.000000+00:00"}, {"note": "?"}], ids=str
)
def test_a_checkpoint_changed(bureau: Bureau, change: dict[str, str]) -> None:
    with as_owner(bureau.ledger) as connection:
        where = ledger_checkpoint.c.size == HALF
        connection.execute(update(ledger_checkpoint).where(where).values(change))
    assert places(bureau.report()) == {place("checkpoint", size=HALF)}


def test_a_checkpoint_of_a_log_that_was_longer(bureau: Bureau) -> None:
    forged = Checkpoint(ORIGIN.name, WHOLE + 5, bytes(32))
    _store(bureau, Note(forged.text, (_key().sign(forged.text, datetime.now(UTC)),)), forged)
    assert places(bureau.report()) == {place("checkpoint", size=WHOLE + 5)}


def test_both_sides_changed_and_signed_with_a_key_of_ones_own(bureau: Bureau) -> None:
    """The whole log under new keys agrees with itself: only what others hold says that it is another."""
    key = _key()
    with as_owner(bureau.ledger) as connection:
        rewrite(connection, _with_key(edited(13, data={"opinion": "不同意"})(leaves_of(connection)), key))
    forged = _checkpoint(bureau)
    _store(bureau, Note(forged.text, (key.sign(forged.text, datetime.now(UTC)),)), forged)
    alone = bureau.report()
    assert (alone.verified, alone.label) == (True, Label.SIGNED_ONLY)
    assert places(bureau.report(policy=True)) == {place("checkpoint", size=WHOLE)}
    for size in (HALF, WHOLE):
        assert place("note", size=size) in places(bureau.report(note=size))
        assert place("note", size=size) in places(bureau.report(note=size, policy=True))
    with pytest.raises(SignerRefusedError):
        bureau.signer.sign(bureau.ledger, datetime.now(UTC))


def _with_key(leaves: list[bytes], key: SigningKey) -> list[bytes]:
    """The first two entries tell of this key, and of another that nobody has."""
    told = []
    for leaf, each in zip(leaves[:2], (key, _key()), strict=True):
        event = orjson.loads(leaf)
        event["data"] |= {"vkey": each.verifier.vkey, "kind": "ed25519"}
        told.append(canonical(event))
    return [*told, *leaves[2:]]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_times_that_a_cosignature_contradicts(bureau: Bureau, moment: str) -> None:
    """Before a checkpoint that does not hold the entry, or after one that does."""
    wanted: Place
    now = datetime.now(UTC)
    with as_owner(bureau.ledger) as connection:
        if moment == "before":
            insert_foreign(connection, _text(now - timedelta(hours=1)))
            wanted = place("backdated", "LX-0", 1, index=WHOLE)
        else:
            insert_foreign(connection, _text(now + timedelta(hours=1)))
            wanted = place("postdated", "LX-0", 1, index=WHOLE)
    bureau.sign()
    assert places(bureau.report(policy=True)) == {wanted}


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
