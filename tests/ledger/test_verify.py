"""Whatever somebody does to the rows behind the ledger's back, the verifier says so, and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from ledger.canonical import canonical, leaf_hash
from ledger.db import Ledger, open_database, snapshot
from ledger.report import Report
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
from tests.ledger.support import draft, record, sealed, work

ENTRY, CASE = ledger_entry.c, ledger_case.c
Tamper = Callable[[Connection], object]


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    """Three cases of four entries; LX-2 has a sealed field and a notice, and its last two share a call."""
    for case in ("LX-1", "LX-2", "LX-3"):
        record(ledger, work(case, "1", draft(business_key="intake")), work(case, "2"))
        record(ledger, work(case, "3", draft("case.signed"), draft("case.decided")))
    fields = (sealed(ledger, "LX-2", "name"),)
    record(ledger, work("LX-2", "4", draft(sealed=fields, notify=("S002",))))
    return ledger


def report_of(ledger: Ledger) -> Report:
    with snapshot(ledger.engine) as connection:
        return verify(connection)


def tamper(ledger: Ledger, change: Tamper) -> Report:
    """Act as the owner of the database: drop the guards, change the rows, and see what is noticed."""
    with ledger.engine.begin() as connection:
        drop_guards(connection)
        change(connection)
    return report_of(ledger)


def drop_guards(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP TRIGGER ledger_entry_no_change ON ledger_entry"))
        return
    for name in ("update", "delete", "replace"):
        connection.execute(text(f"DROP TRIGGER ledger_entry_no_{name}"))


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


def test_an_honest_ledger_verifies(full: Ledger) -> None:
    report = report_of(full)
    assert report.verified
    assert report.failures == ()
    assert (report.origin, report.cases, report.entries, report.openings) == (SAMPLE.name, 3, 13, 1)


def test_progress_is_told(full: Ledger) -> None:
    told: list[int] = []
    assert verify_url(full.engine.url.render_as_string(hide_password=False), told.append).verified
    assert sum(told) == 13


def test_a_changed_leaf(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        leaf = leaf_at(connection, "LX-2", 2).replace("同意".encode(), "不同意".encode())
        connection.execute(update(ledger_entry).where(at("LX-2", 2)).values(leaf=leaf))

    assert places(tamper(full, change)) == {("leaf_hash", "LX-2", 2), ("previous_hash", "LX-2", 3)}


def test_a_changed_leaf_with_its_hash(full: Ledger) -> None:
    report = tamper(full, lambda c: edit(c, "LX-2", 2, data={"opinion": "不同意"}))
    assert places(report) == {("previous_hash", "LX-2", 3)}


def test_a_changed_last_leaf_with_its_hash(full: Ledger) -> None:
    report = tamper(full, lambda c: edit(c, "LX-1", 4, data={"opinion": "不同意"}))
    assert places(report) == {("head", "LX-1", 4)}


@pytest.mark.parametrize(
    "spelling",
    [lambda leaf: leaf + b"\n", lambda leaf: leaf.replace(b'{"', b'{ "', 1), lambda _: b"not json"],
)
def test_the_same_event_in_other_bytes(full: Ledger, spelling: Callable[[bytes], bytes]) -> None:
    report = tamper(full, lambda c: put(c, "LX-2", 2, spelling(leaf_at(c, "LX-2", 2))))
    assert ("leaf", "LX-2", 2) in places(report)
    assert ("previous_hash", "LX-2", 3) in places(report)


@pytest.mark.parametrize("leaf", [b"[]", b"1", b'{"caseseq":2,"data":{}}'])
def test_canonical_bytes_that_are_no_entry(full: Ledger, leaf: bytes) -> None:
    assert ("leaf", "LX-2", 2) in places(tamper(full, lambda c: put(c, "LX-2", 2, leaf)))


@pytest.mark.parametrize(("seq", "found"), [(1, 2), (2, 3), (3, 4)])
def test_a_removed_entry(full: Ledger, seq: int, found: int) -> None:
    report = tamper(full, lambda c: c.execute(delete(ledger_entry).where(at("LX-3", seq))))
    assert {("sequence", "LX-3", found), ("previous_hash", "LX-3", found)} <= places(report)


def test_a_removed_newest_entry(full: Ledger) -> None:
    report = tamper(full, lambda c: c.execute(delete(ledger_entry).where(at("LX-3", 4))))
    assert ("head", "LX-3", 3) in places(report)


def test_a_chain_cut_short_together_with_its_head(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        row = connection.execute(select(ledger_entry).where(at("LX-3", 3))).one()
        moved = {"seq": 3, "head": row.leaf_hash, "recorded": row.recorded}
        connection.execute(delete(ledger_entry).where(at("LX-3", 4)))
        connection.execute(update(ledger_case).where(CASE.case_id == "LX-3").values(moved))

    report = tamper(full, change)
    if full.engine.dialect.name == "sqlite":
        assert places(report) == {("position", None, None)}
    else:
        # Nothing inside the database knows any better: this takes copies of the head kept elsewhere.
        assert report.verified


def test_two_entries_swapped(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            connection.execute(update(ledger_entry).where(at("LX-1", old)).values(seq=new))

    found = places(tamper(full, change))
    assert {("column", "LX-1", 2), ("column", "LX-1", 3), ("previous_hash", "LX-1", 2)} <= found


def test_an_entry_moved_to_another_case(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        connection.execute(update(ledger_entry).where(at("LX-1", 4)).values(case_id="LX-3", seq=5))

    found = places(tamper(full, change))
    assert {("column", "LX-3", 5), ("previous_hash", "LX-3", 5), ("head", "LX-1", 3)} <= found


def test_the_entries_of_a_case_removed(full: Ledger) -> None:
    report = tamper(full, lambda c: c.execute(delete(ledger_entry).where(ENTRY.case_id == "LX-1")))
    assert ("head", "LX-1", 4) in places(report)


def test_a_whole_case_removed(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        connection.execute(delete(ledger_entry).where(ENTRY.case_id == "LX-2"))
        connection.execute(delete(ledger_case).where(CASE.case_id == "LX-2"))

    report = tamper(full, change)
    # What lay beside the entries now lies there alone; SQLite also misses their positions.
    expected = {("opening", None, None), ("notice", None, None)}
    if full.engine.dialect.name == "sqlite":
        expected.add(("position", None, None))
        assert sum(failure.check == "position" for failure in report.failures) == 5
    assert places(report) == expected


def test_a_head_removed(full: Ledger) -> None:
    report = tamper(full, lambda c: c.execute(delete(ledger_case).where(CASE.case_id == "LX-1")))
    assert places(report) == {("head", "LX-1", 4)}


@pytest.mark.parametrize(
    "change", [{"seq": 5}, {"head": "00" * 32}, {"recorded": "2020-01-01T00:00:00.000000+00:00"}], ids=str
)
def test_a_head_changed(full: Ledger, change: dict[str, Any]) -> None:
    statement = update(ledger_case).where(CASE.case_id == "LX-1").values(change)
    assert places(tamper(full, lambda c: c.execute(statement))) == {("head", "LX-1", 4)}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "00" * 32),
        ("type", "case.refused"),
        ("acted", "2020-01-01T00:00:00.000000+08:00"),
        ("recorded", "2020-01-01T00:00:00.000000+00:00"),
        ("actor", "S999"),
        ("business_key", "other"),
        ("business_key", None),
    ],
)
def test_a_changed_column(full: Ledger, column: str, value: str | None) -> None:
    report = tamper(
        full, lambda c: c.execute(update(ledger_entry).where(at("LX-1", 1)).values({column: value}))
    )
    assert places(report) == {("column", "LX-1", 1)}
    assert column in report.failures[0].detail


def test_a_changed_hash_column(full: Ledger) -> None:
    report = tamper(
        full, lambda c: c.execute(update(ledger_entry).where(at("LX-1", 1)).values(leaf_hash="00"))
    )
    assert places(report) == {("leaf_hash", "LX-1", 1)}


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


def test_an_id_that_does_not_follow_from_the_fields(full: Ledger) -> None:
    report = tamper(full, lambda c: rewrite(c, "LX-1", 2, id="00" * 32))
    assert places(report) == {("id", "LX-1", 2)}


def test_an_entry_passed_off_as_another_execution(full: Ledger) -> None:
    report = tamper(full, lambda c: rewrite(c, "LX-1", 2, wfrunid="run-2"))
    assert places(report) == {("id", "LX-1", 2)}


def test_recorded_times_that_go_back(full: Ledger) -> None:
    report = tamper(full, lambda c: rewrite(c, "LX-1", 4, recordedtime="2020-01-01T00:00:00.000000+00:00"))
    assert places(report) == {("recorded_time", "LX-1", 4)}


def test_an_entry_of_another_ledger(full: Ledger) -> None:
    report = tamper(full, lambda c: rewrite(c, "LX-1", 3, source="other.example/ledger"))
    assert places(report) == {("origin", "LX-1", 3)}


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
    assert tamper(full, lambda c: c.execute(update(ledger_outbox).values(recipient="S003"))).verified
    with full.engine.begin() as connection:
        connection.execute(delete(ledger_outbox))
        assert verify(connection).verified
        row = {"entry_id": "nobody", "kind": "notice", "recipient": "S1", "payload": "{}", "created": ""}
        connection.execute(insert(ledger_outbox).values(row))
        assert {failure.check for failure in verify(connection).failures} == {"notice"}


def test_a_forged_entry_appended(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        event = orjson.loads(leaf_at(connection, "LX-1", 4)) | {"caseseq": 5, "actor": "S999"}
        row = dict(connection.execute(select(ledger_entry).where(at("LX-1", 4))).mappings().one())
        leaf = canonical(event)
        row |= {"pos": 99, "id": "ff" * 32, "seq": 5, "leaf": leaf, "leaf_hash": leaf_hash(leaf)}
        connection.execute(insert(ledger_entry), row)

    assert {"head", "previous_hash", "id", "recorded_time"} <= {
        check for check, _, _ in places(tamper(full, change))
    }


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
