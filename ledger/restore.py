"""Going on after a loss: a new log, whose first entry quotes how far the lost one had come.

A log never goes on under its old name with less in it: that is what a fraud looks like, and its witnesses
would refuse. The new one has an origin of its own (`.../2`), and says in its first entry which checkpoint
the old one was last known by, who opened the new one and why. The signatures are quoted with it: whoever
knows the old keys can check them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ledger.append import append
from ledger.db import Ledger
from ledger.notes import Note, parse_checkpoint
from ledger.tables import ledger_entry
from schemas.entries import EntryDraft, Receipt, RecordRequest
from schemas.errors import ConflictError, UsageError

RESTORE = "ledger.restore"
"""Stream (and type) of the entry that opens a log in place of a lost one."""


def open_instead(ledger: Ledger, note: Note, reason: str, actor: str, now: datetime) -> Receipt:
    """Record, as the very first entry, that this log stands in place of the one that signed `note`.

    Raises ConflictError where something is recorded already, UsageError for a note of this very log or a
    missing reason, NoteError where the note is no checkpoint.
    """
    last = parse_checkpoint(note.text)
    if last.origin == ledger.origin.name:
        said = f"须用新来源 / a new log needs an origin of its own, not again {last.origin}"
        raise UsageError(said, code="same_origin")
    if not reason.strip():
        raise UsageError("须说明原因 / say why the log is opened anew", code="no_reason")
    draft = EntryDraft(
        type=RESTORE,
        time=now,
        actor=actor,
        role="unverified",
        business_key=last.origin,
        data={"origin": last.origin, "size": last.size, "note": note.encode().decode(), "reason": reason},
    )
    with ledger.engine.begin() as connection:
        if connection.scalar(select(ledger_entry.c.pos).limit(1)) is not None:
            said = (
                "总账已有记录，不能再作开篇 / something is recorded already: this can only be the first entry"
            )
            raise ConflictError(said, code="not_empty")
        request = RecordRequest(matter=RESTORE, now=now, entries=(draft,))
        return append(ledger, connection, request)[0]
