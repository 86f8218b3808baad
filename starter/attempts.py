"""Attempts on matters that have ended: no workflow is there to refuse them, so they are recorded here."""

from __future__ import annotations

from datetime import UTC, datetime

from ledger.append import append
from ledger.db import Ledger
from ledger.entry import stream_entry_id
from ledger.read import find
from schemas.acts import Act
from schemas.entries import EntryDraft, RecordRequest

STREAM = "attempts"
"""A stream of its own: a closed matter's chain ends with its closing entry."""


def record_attempt(ledger: Ledger, matter: str, message: Act) -> int:
    """Record that somebody tried to act on a matter after its end, a repetition once; gives its place."""
    now = message.received_at or datetime.now(UTC)
    draft = EntryDraft(
        type="act.refused",
        time=now,
        actor=message.officer,
        role="unverified",
        business_key=f"{matter}/{message.id}",
        data={"matter": matter, "actid": message.id, "post": message.post, "refused": "ended"},
    )
    request = RecordRequest(matter=STREAM, now=now, entries=(draft,))
    known = stream_entry_id(STREAM, draft.type, f"{matter}/{message.id}")
    with ledger.engine.begin() as connection:
        if earlier := find(connection, known):  # a repetition has another time of receipt
            return earlier.seq
        return append(ledger, connection, request)[0].caseseq
