"""Short ways to say what a test records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import select

from ledger.append import Project, Work, append_all
from ledger.db import Ledger, snapshot
from ledger.entry import Entry, Provenance
from ledger.keys import case_key
from ledger.openings import encrypt_opening, make_opening
from ledger.read import entries
from ledger.tables import ledger_entry
from schemas.entries import EntryDraft, Receipt, RecordRequest, SealedField

BEIJING = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 6, 15, 9, 30, tzinfo=BEIJING)


def draft(kind: str = "case.accepted", **fields: Any) -> EntryDraft:
    """An entry to be: accepted by S001, Monday morning."""
    given = {"type": kind, "time": MONDAY, "actor": "S001", "role": "window", "data": {"opinion": "同意"}}
    return EntryDraft.model_validate(given | fields)


def provenance(case: str, activity: str = "1", **fields: Any) -> Provenance:
    """The execution behind an entry of a case."""
    given: dict[str, Any] = {
        "namespace": "default",
        "workflow_id": f"case/{case}",
        "run_id": "run-1",
        "workflow_type": "CaseWorkflow",
        "activity_id": activity,
        "activity_type": "record",
        "attempt": 1,
        "input_hash": "ab" * 32,
        "app_version": "1.0",
    }
    return Provenance(**(given | fields))


def work(case: str, activity: str = "1", *drafts: EntryDraft, now: datetime = MONDAY, **fields: Any) -> Work:
    """One call of the recorder; a plain acceptance unless told otherwise."""
    request = RecordRequest(matter=case, now=now, history_length=7, entries=drafts or (draft(),))
    return Work(request, provenance(case, activity, **fields))


def record(ledger: Ledger, *works: Work, project: Project | None = None) -> list[list[Receipt]]:
    """Record in one transaction."""
    with ledger.engine.begin() as connection:
        return append_all(ledger, connection, works, project)


def chain(ledger: Ledger, case: str) -> list[Entry]:
    """The entries of a case."""
    with snapshot(ledger.engine) as connection:
        return entries(connection, case)


def leaves(ledger: Ledger) -> list[bytes]:
    """All leaves, in order of case and sequence."""
    columns = ledger_entry.c
    with snapshot(ledger.engine) as connection:
        query = select(columns.leaf).order_by(columns.case_id, columns.seq)
        return [bytes(leaf) for leaf in connection.scalars(query)]


def sealed(ledger: Ledger, case: str, name: str) -> SealedField:
    """A field sealed under the case's key."""
    with ledger.engine.begin() as connection:
        key = case_key(connection, case)
    opening = make_opening(key, name, f"{name} of {case}")
    ciphertext = encrypt_opening(key, opening)
    return SealedField(name=name, digest=opening.digest, ciphertext=ciphertext, key_id=key.key_id)


def utc_now() -> datetime:
    """The process clock."""
    return datetime.now(UTC)
