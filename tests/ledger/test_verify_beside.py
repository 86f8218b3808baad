"""What lies beside the chains, tables and files that are not ours, and what cannot be read at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from ledger.db import Ledger, open_database
from ledger.tables import (
    ledger_case,
    ledger_disclosure,
    ledger_entry,
    ledger_key,
    ledger_meta,
    ledger_outbox,
)
from ledger.verify import verify, verify_url
from tests.ledger.fixtures import SAMPLE
from tests.ledger.support import draft, record, work
from tests.ledger.tampering import places, report_of, tamper


def test_a_removed_opening(full: Ledger) -> None:
    assert places(tamper(full, lambda c: c.execute(delete(ledger_disclosure)))) == {("opening", "LX-2", 5)}


def test_an_added_opening(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        row = dict(connection.execute(select(ledger_disclosure)).mappings().one())
        connection.execute(
            insert(ledger_disclosure), [row | {"digest": "other"}, row | {"entry_id": "nobody"}]
        )

    assert places(tamper(full, change)) == {("opening", "LX-2", 5), ("opening", None, None)}


def test_a_destroyed_key(full: Ledger) -> None:
    assert places(tamper(full, lambda c: c.execute(delete(ledger_key)))) == {("key", None, None)}


def test_a_notice_may_be_gone_but_not_come_from_nowhere(full: Ledger) -> None:
    assert tamper(full, lambda c: c.execute(update(ledger_outbox).values(recipient="S003"))).consistent
    with full.engine.begin() as connection:
        connection.execute(delete(ledger_outbox))
        assert verify(connection).consistent
        row = {"entry_id": "nobody", "kind": "notice", "recipient": "S1", "payload": "{}", "created": ""}
        connection.execute(insert(ledger_outbox).values(row))
        assert {failure.check for failure in verify(connection).failures} == {"notice"}


def test_an_empty_ledger_proves_nothing(ledger: Ledger) -> None:
    assert places(report_of(ledger)) == {("empty", None, None)}


def test_an_emptied_ledger(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        for table in (ledger_entry, ledger_case, ledger_disclosure, ledger_outbox):
            connection.execute(delete(table))

    assert not tamper(full, change).verified


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE ledger_disclosure",
        "DROP TABLE ledger_case",
        "ALTER TABLE ledger_entry ADD COLUMN note TEXT",
        "ALTER TABLE ledger_case RENAME COLUMN head TO tail",
    ],
)
def test_tables_that_are_not_ours(full: Ledger, statement: str) -> None:
    assert {check for check, _, _ in places(tamper(full, lambda c: c.execute(text(statement))))} == {"table"}


def test_a_ledger_that_does_not_say_whose_it_is(full: Ledger) -> None:
    found = places(
        tamper(full, lambda c: c.execute(delete(ledger_meta).where(ledger_meta.c.key == "origin")))
    )
    assert ("origin", None, None) in found


def test_many_failures_are_counted_and_some_told(ledger: Ledger) -> None:
    record(ledger, work("LX-1", "1", *[draft() for _ in range(1100)]))
    report = tamper(ledger, lambda c: c.execute(update(ledger_entry).values(actor="S999")))
    assert (report.failure_count, len(report.failures)) == (1100, 1000)


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET leaf = CAST(leaf AS TEXT) WHERE seq = 2",
        "UPDATE ledger_entry SET seq = 'two' WHERE seq = 2",
        "UPDATE ledger_entry SET recorded = x'ff' WHERE seq = 2",
        "UPDATE ledger_entry SET actor = CAST(x'ff' AS TEXT) WHERE seq = 2",
        "DELETE FROM sqlite_sequence",
    ],
)
def test_values_of_a_strange_kind(full: Ledger, statement: str) -> None:
    assert not tamper(full, lambda c: c.execute(text(statement))).verified


@pytest.mark.parametrize("damage", ["absent", "empty", "text", "truncated", "overwritten"])
def test_a_file_that_cannot_be_read_has_not_been_verified(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "l.db"
    if damage in ("truncated", "overwritten"):
        ledger = open_database(f"sqlite:///{file}", SAMPLE)
        record(ledger, work("LX-1", "1", *[draft() for _ in range(200)]))
        ledger.close()
    content = {"empty": b"", "text": b"notes " * 500}.get(damage)
    if content is not None:
        file.write_bytes(content)
    elif damage != "absent":
        whole = file.read_bytes()
        middle = len(whole) // 2
        file.write_bytes(whole[:middle] + (b"" if damage == "truncated" else b"\xff" * (len(whole) - middle)))
    report = verify_url(f"sqlite:///{file}")
    assert not report.verified
    assert report.failures
    assert file.exists() == (damage != "absent")
