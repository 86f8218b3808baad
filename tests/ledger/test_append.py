"""Appending: idempotency, conflicts, time and what is written beside the entry."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from ledger.append import CONFLICTS, Work, append, append_all, append_conflict
from ledger.db import Ledger, open_database
from ledger.entry import NO_HASH
from ledger.errors import BadEntryError, ClockDisagreementError, LedgerConflictError
from ledger.keys import case_key, find_key
from ledger.read import find
from ledger.tables import ledger_case, ledger_disclosure, ledger_outbox
from ledger.verify import verify_url
from schemas.entries import RecordRequest
from tests.ledger.fixtures import SAMPLE, SIMULATION
from tests.ledger.support import MONDAY, chain, draft, leaves, provenance, record, sealed, utc_now, work


def test_entries_are_chained_from_one(ledger: Ledger) -> None:
    record(ledger, work("LX-1", "1", draft(), draft("case.noted")))
    record(ledger, work("LX-1", "2"), work("LX-2", "1"))
    first, second, third = chain(ledger, "LX-1")
    assert [e.seq for e in (first, second, third)] == [1, 2, 3]
    assert [e.event["prevhash"] for e in (first, second, third)] == [
        NO_HASH,
        first.leaf_hash,
        second.leaf_hash,
    ]
    assert chain(ledger, "LX-2")[0].event["prevhash"] == NO_HASH
    with ledger.engine.begin() as connection:
        assert find(connection, second.id) == second
        assert find(connection, "no such id") is None


def test_a_repetition_gets_the_stored_receipts(ledger: Ledger) -> None:
    first = record(ledger, work("LX-1", "1", draft(), draft("case.noted")))
    stored = leaves(ledger)
    again = record(ledger, work("LX-1", "1", draft(), draft("case.noted"), attempt=2, app_version="2.0"))
    assert again == first
    assert leaves(ledger) == stored


def test_a_repetition_within_one_batch_is_one_entry(ledger: Ledger) -> None:
    one, two = record(ledger, work("LX-1"), work("LX-1", attempt=2))
    assert one == two
    assert len(leaves(ledger)) == 1


def test_sixteen_writers_of_the_same_entries_make_each_once(ledger: Ledger) -> None:
    works = [work(f"LX-{n % 5}", str(n), draft(business_key=f"act-{n}")) for n in range(40)]

    def write_all(offset: int) -> dict[str, int]:
        rotated = works[offset:] + works[:offset]
        receipts = [record(ledger, one)[0][0] for one in rotated]
        return {receipt.id: receipt.caseseq for receipt in receipts}

    with ThreadPoolExecutor(16) as pool:
        seen = list(pool.map(write_all, range(16)))
    assert all(one == seen[0] for one in seen)
    assert len(seen[0]) == 40
    for case in range(5):
        assert [entry.seq for entry in chain(ledger, f"LX-{case}")] == list(range(1, 9))
    assert verify_url(ledger.engine.url.render_as_string(hide_password=False)).consistent


def test_other_content_under_the_same_id_is_a_conflict(ledger: Ledger) -> None:
    (stored,) = record(ledger, work("LX-1"))
    with pytest.raises(LedgerConflictError) as caught:
        record(ledger, work("LX-1", "1", draft(data={"opinion": "不同意"})))
    assert caught.value.code == "ledger_conflict"
    assert caught.value.reason == "content"
    assert caught.value.stored == stored[0]
    assert len(leaves(ledger)) == 1


@pytest.mark.parametrize("other", ["LX-1", "LX-2"])
def test_an_id_is_unique_in_the_whole_ledger(ledger: Ledger, other: str) -> None:
    record(ledger, work("LX-1"))
    stolen = Work(
        RecordRequest(matter=other, now=MONDAY, entries=(draft(time=utc_now()),)), provenance("LX-1")
    )
    with pytest.raises(LedgerConflictError):
        record(ledger, stolen)
    assert _heads(ledger) == [("LX-1", 1)]


def test_a_call_cannot_come_back_with_more_entries(ledger: Ledger) -> None:
    record(ledger, work("LX-1"))
    with pytest.raises(LedgerConflictError) as caught:
        record(ledger, work("LX-1", "1", draft(), draft("case.noted")))
    assert caught.value.reason == "split"
    assert caught.value.stored is None


def test_a_business_key_is_used_once_in_a_matter(ledger: Ledger) -> None:
    record(ledger, work("LX-1", "1", draft(business_key="decision")))
    record(ledger, work("LX-2", "1", draft(business_key="decision")))
    with pytest.raises(LedgerConflictError) as caught:
        record(ledger, work("LX-1", "2", draft(business_key="decision")))
    assert caught.value.reason == "business_key"
    assert caught.value.stored is not None
    assert caught.value.stored.caseseq == 1
    assert len(leaves(ledger)) == 2


def test_two_decisions_in_one_batch_conflict_too(ledger: Ledger) -> None:
    same = [work("LX-1", n, draft(business_key="decision")) for n in "12"]
    with pytest.raises(LedgerConflictError, match="business_key"):
        record(ledger, *same)
    assert leaves(ledger) == []


def test_a_refused_call_leaves_nothing_behind(ledger: Ledger) -> None:
    with pytest.raises(BadEntryError):
        record(ledger, work("LX-1"), work("LX-2", "1", draft(data={"notify": []})))
    assert leaves(ledger) == []
    assert _heads(ledger) == []


def test_a_conflict_is_told_once_in_a_stream_of_its_own(ledger: Ledger) -> None:
    record(ledger, work("LX-1"))
    forged = work("LX-1", "1", draft(data={"opinion": "不同意"}))
    for _ in range(2):
        with pytest.raises(LedgerConflictError) as caught:
            record(ledger, forged)
        with ledger.engine.begin() as connection:
            append_conflict(ledger, connection, forged, caught.value)
    (told,) = chain(ledger, CONFLICTS)
    assert told.data["case"] == "LX-1"
    assert told.data["reason"] == "content"
    assert told.data["stored_leaf_hash"] == chain(ledger, "LX-1")[0].leaf_hash
    assert "wfid" not in told.event
    assert len(chain(ledger, "LX-1")) == 1


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_recorded_times_grow_whatever_the_clock_does(url: str) -> None:
    times = iter([MONDAY, MONDAY, MONDAY, MONDAY - timedelta(hours=1)])  # the first is the ledger's creation
    ledger = open_database(url, SAMPLE, clock=lambda: next(times))
    for n in range(3):
        record(ledger, work("LX-1", str(n), draft(), now=MONDAY - timedelta(hours=2)))
    recorded = [entry.recorded for entry in chain(ledger, "LX-1")]
    assert recorded == [f"2026-06-15T01:30:00.00000{n}+00:00" for n in range(3)]
    ledger.close()


@pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)
def test_postgresql_records_by_its_own_clock(ledger: Ledger) -> None:
    wrong = dataclasses.replace(ledger, clock=lambda: datetime(2000, 1, 1, tzinfo=UTC))
    record(wrong, work("LX-1"))
    assert chain(ledger, "LX-1")[0].recorded > "2020"


def test_a_clock_ahead_of_the_ledgers_is_refused(ledger: Ledger) -> None:
    ahead = utc_now() + timedelta(seconds=300)
    with pytest.raises(ClockDisagreementError) as caught:
        record(ledger, work("LX-1", now=ahead))
    assert caught.value.code == "clock_disagreement"
    assert "LX-1" in caught.value.message
    assert leaves(ledger) == []
    record(dataclasses.replace(ledger, tolerance=timedelta(seconds=600)), work("LX-1", now=ahead))
    assert record(ledger, work("LX-1", now=ahead))[0][0].caseseq == 1  # what is recorded is recorded


def test_a_simulation_records_by_the_workflows_clock(url: str) -> None:
    ledger = open_database(url, SIMULATION)
    record(ledger, work("LX-1", "1", draft(), draft(), now=MONDAY + timedelta(days=400)))
    assert [entry.recorded for entry in chain(ledger, "LX-1")] == [
        "2027-07-20T01:30:00.000000+00:00",
        "2027-07-20T01:30:00.000001+00:00",
    ]
    ledger.close()


def test_notices_are_put_out_with_their_entry(ledger: Ledger) -> None:
    (receipts,) = record(ledger, work("LX-1", "1", draft(notify=("S002", "applicant", "S002"))))
    record(ledger, work("LX-1", "1", draft(notify=("S002", "applicant", "S002"))))
    with ledger.engine.begin() as connection:
        rows = connection.execute(select(ledger_outbox).order_by(ledger_outbox.c.id)).all()
    assert [(row.entry_id, row.kind, row.recipient) for row in rows] == [
        (receipts[0].id, "notice", "S002"),
        (receipts[0].id, "notice", "applicant"),
    ]
    assert json.loads(rows[0].payload) == {"case": "LX-1", "seq": 1, "type": "case.accepted"}


def test_openings_lie_beside_the_leaf_and_not_in_it(ledger: Ledger) -> None:
    fields = (sealed(ledger, "LX-1", "name"), sealed(ledger, "LX-1", "phone"))
    record(ledger, work("LX-1", "1", draft(sealed=fields)))
    (entry,) = chain(ledger, "LX-1")
    assert entry.data["_sd"] == sorted(field.digest for field in fields)
    assert b"phone" not in entry.leaf
    assert fields[0].ciphertext.encode() not in entry.leaf
    with ledger.engine.begin() as connection:
        rows = connection.execute(select(ledger_disclosure)).all()
    assert {(row.entry_id, row.digest, row.ciphertext, row.key_id) for row in rows} == {
        (entry.id, field.digest, field.ciphertext, field.key_id) for field in fields
    }


def test_the_derived_rows_share_the_transaction(ledger: Ledger) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("no rows today")

    with pytest.raises(RuntimeError, match="no rows today"):
        record(ledger, work("LX-1"), project=refuse)
    assert leaves(ledger) == []


def test_entries_without_workflow_go_by_their_business_key(ledger: Ledger) -> None:
    request = RecordRequest(
        matter="attempts", now=MONDAY, entries=(draft("act.refused", business_key="LX-1/a1"),)
    )
    with ledger.engine.begin() as connection:
        first = append(ledger, connection, request)
        assert append(ledger, connection, request) == first
        assert append_all(ledger, connection, []) == []


def test_many_entries_in_one_call(ledger: Ledger) -> None:
    drafts = [draft(business_key=f"act-{n}") for n in range(1201)]
    (receipts,) = record(ledger, work("LX-1", "1", *drafts))
    assert [receipt.caseseq for receipt in receipts] == list(range(1, 1202))
    assert record(ledger, work("LX-1", "1", *drafts)) == [receipts]


def test_a_case_has_one_key_whoever_asks_first(ledger: Ledger) -> None:
    def ask(_: int) -> tuple[str, bytes]:
        with ledger.engine.begin() as connection:
            key = case_key(connection, "LX-1")
        return key.key_id, key.key

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(ask, range(32)))
    assert len(keys) == 1
    ((_, raw),) = keys
    assert len(raw) == 32
    with ledger.engine.begin() as connection:
        assert case_key(connection, "LX-2").key != raw
        assert find_key(connection, "LX-3") is None
        assert str(raw) not in repr(case_key(connection, "LX-1"))


def _heads(ledger: Ledger) -> list[tuple[str, int]]:
    with ledger.engine.begin() as connection:
        query = select(ledger_case.c.case_id, ledger_case.c.seq).order_by(ledger_case.c.case_id)
        return [(row.case_id, row.seq) for row in connection.execute(query)]
