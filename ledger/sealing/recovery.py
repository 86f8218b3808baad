"""Giving a signer its memory back, where `state.json` is lost and somebody outside kept the newest note.

Never from the database alone: whoever restored an older one would be believed. The note must bear a
signature of the log's own keys, be no older than any checkpoint in the database, and be what the entries
make. That it is the newest that was ever let go, only who kept it can say; so the recovery is an incident on
record, under his name.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from ledger.append import append
from ledger.db import Ledger, snapshot
from ledger.errors import SignerRefusedError
from ledger.merkle import Frontier
from ledger.notes import Checkpoint, Note, parse_checkpoint, verify_note
from ledger.sealing.pulled import Head, grow_to
from ledger.sealing.signer import Signer
from ledger.sealing.signer_state import Signed
from ledger.tables import ledger_checkpoint
from schemas.entries import EntryDraft, RecordRequest

INCIDENT = "ledger.incident"
"""Stream (and type) of what auditors are to look at."""


def recover(ledger: Ledger, signer: Signer, note: Note, actor: str, now: datetime) -> Checkpoint:
    """Make `note` what the signer remembers as the last it signed, and put that on record.

    Raises SignerRefusedError where it is older than what is known, or not what the entries make; NoteError
    where none of the log's keys signed it.
    """
    checkpoint = parse_checkpoint(note.text)
    own = verify_note(note, tuple(each.key for each in signer.keyring.check().keys))
    if checkpoint.origin != signer.keyring.origin:
        raise SignerRefusedError(f"来源不符 / not a checkpoint of this log: {checkpoint.origin!r:.80}")
    signed = Note(note.text, tuple(each.signature for each in own)).encode().decode()
    with signer.state.alone():
        _refuse_known(signer, checkpoint)
        tree = _tree_of(ledger, checkpoint)
        signer.state.write(Signed(signed, tree.hashes, now))
    _record(ledger, checkpoint, actor, now)
    return checkpoint


def _refuse_known(signer: Signer, checkpoint: Checkpoint) -> None:
    """A memory that reads well and is as new stays; a broken one is what this is for."""
    try:
        last = signer.state.read()
    except SignerRefusedError:
        return
    if last is not None and last.checkpoint.size >= checkpoint.size:
        known = last.checkpoint.size
        raise SignerRefusedError(
            f"签名状态未丢失 / the signer knows {known} entries: there is nothing to recover"
        )


def _tree_of(ledger: Ledger, checkpoint: Checkpoint) -> Frontier:
    tree, columns = Frontier(), ledger_checkpoint.c
    with snapshot(ledger.engine) as connection:
        newest = connection.scalar(select(func.max(columns.size))) or 0
        if newest > checkpoint.size:
            said = (
                f"须用最新的检查点 / the database has one of {newest} entries, this is of {checkpoint.size}"
            )
            raise SignerRefusedError(said)
        grow_to(connection, tree, Head(checkpoint.size, checkpoint.root))
    return tree


def _record(ledger: Ledger, checkpoint: Checkpoint, actor: str, now: datetime) -> None:
    draft = EntryDraft(
        type=INCIDENT,
        time=now,
        actor=actor,
        role="unverified",
        business_key=f"signer_recovered/{checkpoint.size}/{now.isoformat()}",
        data={"kind": "signer_recovered", "size": checkpoint.size, "root": checkpoint.root.hex()},
    )
    with ledger.engine.begin() as connection:
        append(ledger, connection, RecordRequest(matter=INCIDENT, now=now, entries=(draft,)))
