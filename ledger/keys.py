"""Sealing keys: one per case, made once, whoever asks first.

Personal fields are encrypted under the key of their case, so that destroying one row of
`ledger_key` makes every opening of that case unreadable, in the ledger and in exported histories.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import token_bytes, token_hex

from sqlalchemy import Connection, select

from ledger.dialect import is_postgresql, upsert
from ledger.tables import ledger_key

KEY_BYTES = 32
"""Length of an AES-256 key."""


@dataclass(frozen=True, slots=True)
class CaseKey:
    """The key of a case and the name openings refer to it by. The key never shows in a log line."""

    key_id: str
    key: bytes = field(repr=False)


def case_key(connection: Connection, case_id: str) -> CaseKey:
    """The sealing key of a case, made on first use; all concurrent callers get the same one.

    Needs a transaction that may write.
    """
    if key := find_key(connection, case_id):
        return key
    offer = {"key_id": token_hex(16), "case_id": case_id, "key": token_bytes(KEY_BYTES)}
    statement = upsert(ledger_key, postgresql=is_postgresql(connection)).values(offer)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["case_id"]))
    key = find_key(connection, case_id)
    assert key is not None  # inserted just now, by us or by the one we waited for
    return key


def find_key(connection: Connection, case_id: str) -> CaseKey | None:
    """The sealing key of a case; None where none was ever made or it has been destroyed."""
    columns = ledger_key.c
    row = connection.execute(select(columns.key_id, columns.key).where(columns.case_id == case_id)).first()
    return CaseKey(row.key_id, bytes(row.key)) if row else None
