"""What somebody who owns the database can do to the rows behind the ledger's back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, select, text, update

from ledger.canonical import canonical, leaf_hash
from ledger.db import Ledger, snapshot
from ledger.report import Report
from ledger.sealing.seal import seal_waiting
from ledger.tables import ledger_case, ledger_entry, metadata
from ledger.verify import verify
from tests.ledger.support import draft, record, sealed, work

ENTRY, CASE = ledger_entry.c, ledger_case.c
Tamper = Callable[[Connection], object]

TREE = {("root", None, None), ("tile", None, None)}
"""What also fails wherever the bytes of a sealed entry have changed or are gone."""


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    """Three sealed cases of four entries; LX-2 has a sealed field and a notice, its last two share a call."""
    for case in ("LX-1", "LX-2", "LX-3"):
        record(ledger, work(case, "1", draft(business_key="intake")), work(case, "2"))
        record(ledger, work(case, "3", draft("case.stage_signed"), draft("case.decided")))
    fields = (sealed(ledger, "LX-2", "name"),)
    record(ledger, work("LX-2", "4", draft(sealed=fields, notify=("S002",))))
    seal_waiting(ledger)
    return ledger


def report_of(ledger: Ledger) -> Report:
    with snapshot(ledger.engine) as connection:
        return verify(connection)


def tamper(ledger: Ledger, change: Tamper) -> Report:
    """Act as the owner of the database: change the rows, and see what is noticed."""
    with ledger.engine.begin() as connection:
        without_guards(connection)
        change(connection)
    return report_of(ledger)


def without_guards(connection: Connection) -> None:
    """Take the triggers away, as nobody but the owner of the database can; they stay away."""
    if connection.dialect.name == "sqlite":
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        return
    for table in metadata.tables:
        connection.execute(text(f"ALTER TABLE IF EXISTS {table} DISABLE TRIGGER USER"))


def places(report: Report) -> set[tuple[str, str | None, int | None]]:
    assert not report.verified
    assert report.failure_count == len(report.failures)
    return {(failure.check, failure.case, failure.seq) for failure in report.failures}


def at(case: str, seq: int) -> Any:
    return (case == ENTRY.case_id) & (seq == ENTRY.seq)


def leaf_at(connection: Connection, case: str, seq: int) -> bytes:
    return bytes(connection.execute(select(ENTRY.leaf).where(at(case, seq))).scalar_one())


def put(connection: Connection, case: str, seq: int, leaf: bytes) -> None:
    """Store another leaf with the hash that belongs to it."""
    changed = {"leaf": leaf, "leaf_hash": leaf_hash(leaf)}
    connection.execute(update(ledger_entry).where(at(case, seq)).values(changed))


def edit(connection: Connection, case: str, seq: int, **fields: Any) -> None:
    """Change the event and everything that can be computed from it alone."""
    event = orjson.loads(leaf_at(connection, case, seq)) | fields
    put(connection, case, seq, canonical(event))


def rewrite(connection: Connection, case: str, first: int, **fields: Any) -> None:
    """Forge an entry and make the rest of its chain, columns and head fit again."""
    rows = connection.execute(select(ledger_entry).where(ENTRY.case_id == case).order_by(ENTRY.seq)).all()
    prev = rows[0].leaf_hash
    for row in rows[first - 1 :]:
        event = orjson.loads(row.leaf) | (fields if row.seq == first else {})
        event["prevhash"] = orjson.loads(row.leaf)["prevhash"] if row.seq == first else prev
        put(connection, case, row.seq, canonical(event))
        changed = {"recorded": event["recordedtime"], "id": event["id"]}
        connection.execute(update(ledger_entry).where(at(case, row.seq)).values(changed))
        prev = leaf_hash(canonical(event))
    head = {"head": prev, "recorded": event["recordedtime"]}
    connection.execute(update(ledger_case).where(CASE.case_id == case).values(head))
