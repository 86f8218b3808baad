"""A signer on a test's ledger, and what its memory and its checkpoints look like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select, text

from ledger.db import Ledger, snapshot
from ledger.notes import Checkpoint, parse_checkpoint, parse_note
from ledger.sealing.keyring import open_keyring
from ledger.sealing.seal import seal_waiting
from ledger.sealing.signer import Signer
from ledger.tables import ledger_checkpoint, metadata
from tests.ledger.support import record, work

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def signer_of(ledger: Ledger, keys: Path) -> Signer:
    """The signer with the keyring in `keys`, which is made on first use."""
    keyring = open_keyring(keys / "signer", ledger.origin.name)
    if keyring.empty:
        keyring.generate(at=NOON)
    return Signer(keyring, keys / "signer" / "state.json")


def add(ledger: Ledger, *activities: str, case: str = "LX-1") -> None:
    """Record and seal one entry an activity."""
    for activity in activities:
        record(ledger, work(case, activity))
    seal_waiting(ledger)


def notes(ledger: Ledger) -> Sequence[str]:
    """All checkpoints that were let go, smallest first."""
    columns = ledger_checkpoint.c
    with snapshot(ledger.engine) as connection:
        return connection.scalars(select(columns.note).order_by(columns.size)).all()


def newest(ledger: Ledger) -> Checkpoint:
    """The newest of them."""
    return parse_checkpoint(parse_note(notes(ledger)[-1].encode()).text)


def forge(ledger: Ledger, change: Callable[[Connection], object]) -> None:
    """Act as the owner of the database: put away what guards its tables, then change the rows."""
    with ledger.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            for table in metadata.tables:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        else:
            names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in names:
                connection.execute(text(f"DROP TRIGGER {name}"))
        change(connection)
