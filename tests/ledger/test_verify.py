"""Whatever is done to the chains, the verifier says so, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, delete, insert, select, update

from ledger.canonical import canonical, leaf_hash
from ledger.db import Ledger
from ledger.tables import (
    ledger_case,
    ledger_entry,
    ledger_inbox,
)
from ledger.verify import verify_url
from tests.ledger.fixtures import SAMPLE
from tests.ledger.tampering import (
    CASE,
    ENTRY,
    TREE,
    at,
    edit,
    leaf_at,
    places,
    put,
    report_of,
    rewrite,
    tamper,
)


def test_an_honest_ledger_verifies(full: Ledger) -> None:
    report = report_of(full)
    assert report.consistent
    assert report.failures == ()
    assert (report.origin, report.cases, report.entries, report.openings) == (SAMPLE.name, 3, 13, 1)


def test_progress_is_told(full: Ledger) -> None:
    told: list[int] = []
    assert verify_url(full.engine.url.render_as_string(hide_password=False), told.append).consistent
    assert sum(told) == 13


def test_a_changed_leaf(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        leaf = leaf_at(connection, "LX-2", 2).replace("同意".encode(), "不同意".encode())
        connection.execute(update(ledger_entry).where(at("LX-2", 2)).values(leaf=leaf))

    assert places(tamper(full, change)) == {("leaf_hash", "LX-2", 2), ("previous_hash", "LX-2", 3)} | TREE


def test_a_changed_leaf_with_its_hash(full: Ledger) -> None:
    report = tamper(full, lambda c: edit(c, "LX-2", 2, data={"opinion": "不同意"}))
    assert places(report) == {("previous_hash", "LX-2", 3)} | TREE


def test_a_changed_last_leaf_with_its_hash(full: Ledger) -> None:
    report = tamper(full, lambda c: edit(c, "LX-1", 4, data={"opinion": "不同意"}))
    assert places(report) == {("head", "LX-1", 4)} | TREE


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
    assert places(report) - {("position", None, None)} == TREE | {("index", None, None)}
    assert {failure.index for failure in report.failures if failure.check == "index"} == {11}


def test_two_entries_swapped(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            connection.execute(update(ledger_entry).where(at("LX-1", old)).values(seq=new))

    found = places(tamper(full, change))
    assert {("column", "LX-1", 2), ("column", "LX-1", 3)} == found


def test_an_entry_moved_to_another_case(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        connection.execute(update(ledger_entry).where(at("LX-1", 4)).values(case_id="LX-3", seq=5))

    found = places(tamper(full, change))
    # Whose entry it is says the leaf.
    assert found == {("column", "LX-1", 4)}


def test_the_entries_of_a_case_removed(full: Ledger) -> None:
    report = tamper(full, lambda c: c.execute(delete(ledger_entry).where(ENTRY.case_id == "LX-1")))
    assert ("head", "LX-1", 4) in places(report)


def test_a_whole_case_removed(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        connection.execute(delete(ledger_entry).where(ENTRY.case_id == "LX-2"))
        connection.execute(delete(ledger_case).where(CASE.case_id == "LX-2"))

    report = tamper(full, change)
    # What lay beside the entries now lies there alone; SQLite also misses their positions.
    expected = {("opening", None, None), ("notice", None, None), ("index", None, None)} | TREE
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


def test_an_id_that_does_not_follow_from_the_fields(full: Ledger) -> None:
    report = tamper(full, lambda c: rewrite(c, "LX-1", 2, id="00" * 32))
    assert places(report) == {("id", "LX-1", 2)} | TREE


def test_an_entry_passed_off_as_another_execution(full: Ledger) -> None:
    report = tamper(full, lambda c: rewrite(c, "LX-1", 2, wfrunid="run-2"))
    assert places(report) == {("id", "LX-1", 2)} | TREE


def test_recorded_times_that_go_back(full: Ledger) -> None:
    report = tamper(full, lambda c: rewrite(c, "LX-1", 4, recordedtime="2020-01-01T00:00:00.000000+00:00"))
    assert places(report) == {("recorded_time", "LX-1", 4)} | TREE


def test_an_entry_of_another_ledger(full: Ledger) -> None:
    report = tamper(full, lambda c: rewrite(c, "LX-1", 3, source="other.example/ledger"))
    assert places(report) == {("origin", "LX-1", 3)} | TREE


def test_a_forged_entry_appended(full: Ledger) -> None:
    report = tamper(full, _forge)
    assert places(report) - {("position", None, None)} == {("inbox", "LX-1", 5)}


def test_a_forged_entry_that_waits_to_be_sealed(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        _forge(connection)
        connection.execute(insert(ledger_inbox), {"pos": 99})

    report = tamper(full, change)
    assert report.unsealed.count == 1
    assert {
        ("previous_hash", "LX-1", 5),
        ("id", "LX-1", 5),
        ("recorded_time", "LX-1", 5),
        ("head", "LX-1", 5),
    } <= (places(report))


def _forge(connection: Connection) -> None:
    event = orjson.loads(leaf_at(connection, "LX-1", 4)) | {"caseseq": 5, "actor": "S999", "id": "ff" * 32}
    row = dict(connection.execute(select(ledger_entry).where(at("LX-1", 4))).mappings().one())
    leaf = canonical(event)
    row |= {"pos": 99, "id": "ff" * 32, "seq": 5, "actor": "S999", "leaf": leaf, "leaf_hash": leaf_hash(leaf)}
    connection.execute(insert(ledger_entry), row)
