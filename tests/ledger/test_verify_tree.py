"""What is stored of the tree, and what the ledger's own streams tell, is held against the leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from ledger.append import append
from ledger.db import Ledger
from ledger.report import Label, Report
from ledger.sealing.seal import seal_waiting
from ledger.tables import (
    ledger_cosignature,
    ledger_disclosure,
    ledger_inbox,
    ledger_index,
    ledger_key,
    ledger_log,
    ledger_tile,
)
from ledger.verifier.piece import PIECE
from ledger.verify import verify_url
from schemas.entries import RecordRequest
from tests.ledger.support import MONDAY, draft, record, work
from tests.ledger.tampering import report_of, tamper, without_guards

ZERO = "00" * 32
TILE, LOG, INDEX = ledger_tile, ledger_log, ledger_index


def checks(report: Report) -> list[tuple[str, int | None]]:
    """What was found, with the place in the log."""
    assert not report.verified
    return [(failure.check, failure.index) for failure in report.failures]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (update(TILE).values(hashes=b"\0" * 32), [("tile", 0)]),
        (delete(TILE), [("tile", 0)]),
        (insert(TILE).values(level=0, number=7, hashes=b""), [("tile", None)]),
        (insert(TILE).values(level=1, number=0, hashes=b""), [("tile", None)]),
        (update(LOG).values(root=ZERO), [("root", None)]),
        (update(LOG).values(size=12), [("log", None)]),
        (update(LOG).values(frontier=b""), [("frontier", None)]),
        (delete(LOG), [("log", None)]),
        (insert(ledger_inbox).values(pos=3), [("inbox", None)]),
        (insert(ledger_inbox).values(pos=99), [("inbox", None)]),
        (insert(ledger_cosignature).values(size=9, key="k", line="", received=""), [("checkpoint", None)]),
    ],
    ids=str,
)
def test_what_follows_from_the_leaves_is_compared(
    full: Ledger, change: Any, wanted: list[tuple[str, int | None]]
) -> None:
    found = checks(tamper(full, lambda connection: connection.execute(change)))
    assert set(wanted) <= set(found)


def test_a_place_of_the_log_that_is_empty(full: Ledger) -> None:
    found = checks(tamper(full, lambda c: c.execute(delete(INDEX).where(INDEX.c.log_index == 5))))
    assert {("index", 5), ("inbox", None), ("tile", 0)} <= set(found)


def test_places_that_are_far_away(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        connection.execute(update(INDEX).where(INDEX.c.log_index == 12).values(log_index=1 << 60))

    assert ("index", 12) in checks(tamper(full, change))


def test_an_entry_sealed_twice(full: Ledger) -> None:
    def change(connection: Connection) -> None:
        connection.execute(update(INDEX).where(INDEX.c.log_index == 12).values(pos=1))

    if full.engine.dialect.name == "sqlite":
        with full.engine.begin() as connection:
            without_guards(connection)
            _without_uniqueness(connection)
        assert ("index", None) in checks(tamper(full, change))


def _without_uniqueness(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE other (log_index BIGINT PRIMARY KEY, pos BIGINT NOT NULL)"))
    connection.execute(text("INSERT INTO other SELECT log_index, pos FROM ledger_index"))
    connection.execute(text("DROP TABLE ledger_index"))
    connection.execute(text("ALTER TABLE other RENAME TO ledger_index"))


@pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)
def test_what_is_not_sealed_is_not_verified(ledger: Ledger) -> None:
    record(ledger, work("LX-1", "1"), work("LX-1", "2"))
    report = report_of(ledger)
    assert (report.verified, report.label, report.failures) == (False, Label.UNSEALED, ())
    assert (report.unsealed.count, report.unsealed.first, report.entries) == (2, None, 2)
    assert report.unsealed.first_recorded is not None
    assert report.unsealed.last_recorded is not None
    assert report.unsealed.first_recorded < report.unsealed.last_recorded


def test_without_any_checkpoint_nothing_is_verified(full: Ledger) -> None:
    report = report_of(full)
    assert (report.verified, report.label, report.failures) == (False, Label.UNSIGNED, ())
    assert report.unsigned.count == report.entries == 13
    assert "no checkpoint" in report.missing[0]


def test_openings_that_are_not_what_was_sealed(full: Ledger) -> None:
    other = update(ledger_disclosure).values(ciphertext="b3BlbmluZw")
    assert [f.check for f in tamper(full, lambda c: c.execute(other)).failures] == ["opening"]


def test_a_key_of_another_case(full: Ledger) -> None:
    report = tamper(full, lambda c: c.execute(update(ledger_key).values(case_id="LX-1")))
    assert [(f.check, f.case, f.seq) for f in report.failures] == [("opening", "LX-2", 5)]


def own_entry(ledger: Ledger, stream: str, key: str, **data: Any) -> None:
    """An entry of a stream of the ledger's own, sealed."""
    told = draft(stream, business_key=key, data=data)
    with ledger.engine.begin() as connection:
        append(ledger, connection, RecordRequest(matter=stream, now=MONDAY, entries=(told,)))
    seal_waiting(ledger)


GIVEN = {"case": "LX-2", "basis": "法", "approver": "S001", "second": "S002"}


@pytest.mark.parametrize(
    ("fields", "destroyed", "wanted"),
    [
        ({}, True, []),
        ({}, False, ["redaction", "redaction"]),
        ({"second": "S001"}, True, ["redaction"]),
        ({"second": ""}, True, ["redaction"]),
        ({"approver": None}, True, ["redaction"]),
        ({"basis": " "}, True, ["redaction"]),
        ({"case": "LX-1"}, True, ["opening", "redaction"]),
        ({"digests": []}, True, ["opening"]),
        ({"digests": ["A" * 43]}, True, ["opening", "redaction"]),
        ({"digests": 7}, True, ["opening"]),
    ],
    ids=str,
)
def test_openings_go_by_order_of_two_and_not_otherwise(
    full: Ledger, fields: dict[str, Any], destroyed: bool, wanted: list[str]
) -> None:
    with full.engine.connect() as connection:
        digests = list(connection.scalars(select(ledger_disclosure.c.digest)))
    own_entry(full, "ledger.redaction", "LX-2", **{"digests": digests, **GIVEN, **fields})

    def change(connection: Connection) -> None:
        if destroyed:
            connection.execute(delete(ledger_disclosure))

    report = tamper(full, change)
    assert sorted(failure.check for failure in report.failures) == wanted
    assert report.redacted == (1 if destroyed and "opening" not in wanted else 0)


@pytest.mark.parametrize(
    "data",
    [{}, {"vkey": "?", "first": 1}, {"vkey": "a+00000000+/w==", "first": 1}, {"vkey": None, "first": "x"}],
    ids=str,
)
def test_a_key_of_an_unknown_algorithm_or_none(full: Ledger, data: dict[str, Any]) -> None:
    own_entry(full, "ledger.key", "generate/?", **data)
    assert [(f.check, f.case, f.seq) for f in report_of(full).failures] == [("key", "ledger.key", 1)]


def test_a_type_that_nobody_knows(ledger: Ledger) -> None:
    record(ledger, work("LX-1", "1", draft("case.invented")))
    assert [(f.check, f.case, f.seq) for f in report_of(ledger).failures] == [("type", "LX-1", 1)]


def test_a_verification_that_takes_too_long(full: Ledger) -> None:
    url = full.engine.url.render_as_string(hide_password=False)
    report = verify_url(url, timeout=timedelta(0))
    assert (report.verified, [failure.check for failure in report.failures]) == (False, ["timeout"])


@pytest.fixture
def large(ledger: Ledger) -> Ledger:
    """A log of three pieces, in cases that go on from one to the next and calls of which some are cut."""
    for n in range(0, 2 * PIECE + 500, 1002):
        calls = [work(f"LX-{i % 300}", str(n + i), *[draft("case.noted")] * 3) for i in range(334)]
        record(ledger, *calls)
    seal_waiting(ledger)
    return ledger


@pytest.mark.parametrize("processes", [1, 2])
def test_several_pieces_and_several_processes_find_the_same(large: Ledger, processes: int) -> None:
    url = large.engine.url.render_as_string(hide_password=False)
    told: list[int] = []
    whole = verify_url(url, told.append, processes=processes)
    assert (whole.failures, whole.label, sum(told)) == ((), Label.UNSIGNED, whole.entries)
    assert whole.entries > 2 * PIECE
    with large.engine.begin() as connection:
        without_guards(connection)
        changes: tuple[Callable[[], Any], ...] = (
            lambda: update(TILE).where(TILE.c.level == 1).values(hashes=b""),
            lambda: text("UPDATE ledger_entry SET actor = 'S999' WHERE pos IN (5, 8193, 16390)"),
        )
        for change in changes:
            connection.execute(change())
    report = verify_url(url, processes=processes)
    assert [(f.check, f.index) for f in report.failures] == [
        ("column", 4),
        ("column", PIECE),
        ("column", 16389),
        ("tile", 0),
    ]
