"""Group commit: everybody gets his own answer, and only after it is durable."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import DBAPIError

from ledger.append import CONFLICTS, Work
from ledger.commit import Committer
from ledger.db import Ledger
from ledger.entry import Entry
from ledger.errors import BadEntryError, LedgerConflictError
from ledger.tables import ledger_entry
from schemas.errors import UnavailableError
from tests.ledger.support import chain, draft, leaves, work


class Gate:
    """A projection that holds the writer up until it is opened, and counts its calls."""

    def __init__(self) -> None:
        """Closed."""
        self.batches: list[int] = []
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, _: Connection, entries: Sequence[Entry]) -> None:
        """Wait."""
        self.batches.append(len(entries))
        self.reached.set()
        assert self.opened.wait(30)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A gate that is open at the end, whatever happens."""
    gate = Gate()
    yield gate
    gate.opened.set()


@pytest.fixture
def committer(ledger: Ledger) -> Iterator[Committer]:
    """A running committer."""
    committer = Committer(ledger)
    committer.start()
    yield committer
    committer.close()


@pytest.fixture
def gated(ledger: Ledger, gate: Gate) -> Iterator[Committer]:
    """A committer with a gate; it holds four waiting requests at most."""
    committer = Committer(ledger, gate, waiting=4)
    committer.start()
    yield committer
    gate.opened.set()
    committer.close()


def test_waiting_calls_share_a_transaction(ledger: Ledger, gate: Gate, gated: Committer) -> None:
    first = gated.submit(work("LX-1", "0"))
    assert gate.reached.wait(30)
    rest = [gated.submit(work("LX-1", str(n))) for n in range(1, 5)]
    assert not first.done()
    gate.opened.set()
    receipts = [future.result(30)[0] for future in (first, *rest)]
    assert [receipt.caseseq for receipt in receipts] == [1, 2, 3, 4, 5]
    assert gate.batches == [1, 4]
    assert len(leaves(ledger)) == 5


def test_a_receipt_stands_for_a_durable_row(ledger: Ledger, committer: Committer) -> None:
    for n in range(20):
        (receipt,) = committer.submit(work("LX-1", str(n))).result(30)
        with ledger.engine.connect() as other:
            query = select(ledger_entry.c.leaf_hash).where(ledger_entry.c.id == receipt.id)
            assert other.scalar(query) == receipt.leaf_hash


def test_too_many_are_pushed_back(gate: Gate, gated: Committer) -> None:
    gated.submit(work("LX-1", "0"))
    assert gate.reached.wait(30)
    for n in range(1, 5):
        gated.submit(work("LX-1", str(n)))
    with pytest.raises(UnavailableError) as caught:
        gated.submit(work("LX-1", "5"))
    assert caught.value.code == "busy"


def test_a_poisoned_item_harms_nobody_else(ledger: Ledger, gate: Gate, gated: Committer) -> None:
    gated.submit(work("LX-0"))
    assert gate.reached.wait(30)
    good, poison, other = (
        gated.submit(one)
        for one in (work("LX-1"), work("LX-2", "1", draft(data={"notify": []})), work("LX-3"))
    )
    gate.opened.set()
    assert good.result(30)[0].caseseq == 1
    assert other.result(30)[0].caseseq == 1
    with pytest.raises(BadEntryError, match="LX-2"):
        poison.result(30)
    assert gate.batches[-2:] == [1, 1]
    assert len(leaves(ledger)) == 3


def test_a_statement_the_database_refuses_harms_nobody_else(ledger: Ledger, gate: Gate) -> None:
    def project(connection: Connection, entries: Sequence[Entry]) -> None:
        gate(connection, entries)
        if any(entry.case_id == "LX-2" for entry in entries):
            connection.execute(text("SELECT no_such_function()"))

    committer = Committer(ledger, project)
    committer.start()
    committer.submit(work("LX-0"))
    assert gate.reached.wait(30)
    futures = [committer.submit(work(f"LX-{n}")) for n in (1, 2, 3)]
    gate.opened.set()
    committer.close()
    assert gate.batches == [1, 3, 1, 1, 1]
    assert [type(future.exception()) for future in futures].count(type(None)) == 2
    assert isinstance(futures[1].exception(), DBAPIError)
    assert len(leaves(ledger)) == 3


def test_a_conflict_fails_its_caller_and_is_on_record(ledger: Ledger, committer: Committer) -> None:
    committer.submit(work("LX-1")).result(30)
    for _ in range(2):
        with pytest.raises(LedgerConflictError):
            committer.submit(work("LX-1", "1", draft(data={"opinion": "不同意"}))).result(30)
    assert [entry.data["case"] for entry in chain(ledger, CONFLICTS)] == ["LX-1"]


def test_the_second_decision_of_a_batch_is_refused(ledger: Ledger, gate: Gate, gated: Committer) -> None:
    gated.submit(work("LX-0"))
    assert gate.reached.wait(30)
    first, second = (gated.submit(work("LX-1", n, draft(business_key="decision"))) for n in "12")
    gate.opened.set()
    assert first.result(30)[0].caseseq == 1
    with pytest.raises(LedgerConflictError) as caught:
        second.result(30)
    assert caught.value.stored == first.result()[0]
    assert len(chain(ledger, CONFLICTS)) == 1


@pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)
def test_a_lost_connection_can_be_tried_again(ledger: Ledger) -> None:
    blows = iter([True])

    def project(connection: Connection, _: Sequence[Entry]) -> None:
        if next(blows, False):
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    committer = Committer(ledger, project)
    committer.start()
    with pytest.raises(UnavailableError, match="out of reach"):
        committer.submit(work("LX-1")).result(30)
    assert leaves(ledger) == []
    assert committer.submit(work("LX-1")).result(30)[0].caseseq == 1
    committer.close()


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
def test_a_locked_file_can_be_tried_again(ledger: Ledger) -> None:
    ledger.engine.dispose()
    event.listen(ledger.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=1"))
    committer = Committer(ledger)
    committer.start()
    with ledger.engine.begin(), pytest.raises(UnavailableError, match="locked"):
        committer.submit(work("LX-1")).result(30)
    assert committer.submit(work("LX-1")).result(30)[0].caseseq == 1
    committer.close()


def test_what_waits_is_written_before_the_end(ledger: Ledger) -> None:
    committer = Committer(ledger)
    committer.start()
    futures = [committer.submit(work("LX-1", str(n))) for n in range(300)]
    committer.close()
    assert [future.result(0)[0].caseseq for future in futures] == list(range(1, 301))
    with pytest.raises(UnavailableError, match="not running"):
        committer.submit(work("LX-1", "late"))
    committer.close()


def test_a_cancelled_call_is_not_written(ledger: Ledger, gate: Gate, gated: Committer) -> None:
    gated.submit(work("LX-1", "0"))
    assert gate.reached.wait(30)
    future = gated.submit(work("LX-1", "1"))
    assert future.cancel()
    gate.opened.set()
    gated.close()
    assert len(leaves(ledger)) == 1


async def test_two_hundred_activities_at_once(ledger: Ledger, committer: Committer) -> None:
    async def call(case: int) -> list[int]:
        works: list[Work] = [work(f"LX-{case}", str(n)) for n in range(3)]
        return [(await asyncio.wrap_future(committer.submit(one)))[0].caseseq for one in works]

    assert await asyncio.gather(*map(call, range(200))) == [[1, 2, 3]] * 200
    assert len(leaves(ledger)) == 600
