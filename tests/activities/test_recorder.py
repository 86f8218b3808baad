"""The recorder on a real database: retries, refusals, and a ledger out of reach."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.common import RawValue
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.recorder import Recorder
from ledger.db import Ledger, Origin, OriginKind, open_database
from ledger.read import entries
from schemas.entries import EntryDraft, Receipts, RecordRequest

NOW = datetime(2037, 6, 15, 1, 0, tzinfo=UTC)
CONVERTER = pydantic_data_converter.payload_converter


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger on simulated time."""
    origin = Origin("test.invalid/recorder", OriginKind.SIMULATION)
    return open_database(f"sqlite:///{tmp_path / 'ledger.db'}", origin)


@pytest_asyncio.fixture
async def recorder(ledger: Ledger) -> AsyncIterator[Recorder]:
    """A recorder that is closed, and its ledger with it."""
    opened = Recorder(ledger, "test")
    yield opened
    opened.close()


def request(text: str = "x", *, matter: str = "LX-1", now: datetime = NOW, n: int = 1) -> RecordRequest:
    """A request of `n` entries."""
    draft = EntryDraft(type="case.noted", time=now, actor="1101", role="window", data={"opinion": text})
    return RecordRequest(matter=matter, now=now, entries=(draft,) * n)


async def record(recorder: Recorder, what: RecordRequest, call: str = "1", attempt: int = 1) -> Receipts:
    """Run the activity as the attempt of a call."""
    environment = ActivityEnvironment()
    environment.payload_converter = CONVERTER
    environment.info = replace(environment.info, activity_id=call, attempt=attempt, activity_type="record")
    raw = RawValue(CONVERTER.to_payloads([what])[0])
    receipts: Receipts = await environment.run(recorder.record, raw)
    return receipts


async def test_receipts_are_those_of_the_entries_in_their_order(recorder: Recorder, ledger: Ledger) -> None:
    """One call, several entries, one chain."""
    receipts = (await record(recorder, request(n=3))).receipts
    with ledger.engine.connect() as connection:
        chain = entries(connection, "LX-1")
    assert [(r.id, r.caseseq, r.leaf_hash) for r in receipts] == [(e.id, e.seq, e.leaf_hash) for e in chain]
    assert {entry.event["attempt"] for entry in chain} == {1}


async def test_a_retry_gets_the_receipts_of_the_first_success(recorder: Recorder, ledger: Ledger) -> None:
    """The attempt is not part of an entry's identity."""
    first = await record(recorder, request(n=2))
    again = await record(recorder, request(n=2), attempt=2)
    assert first == again
    with ledger.engine.connect() as connection:
        assert len(entries(connection, "LX-1")) == 2


async def test_the_same_call_with_other_content_is_refused_for_good_and_told(
    recorder: Recorder, ledger: Ledger
) -> None:
    """A conflict is no accident to be retried; it is itself on record."""
    await record(recorder, request("first"))
    with pytest.raises(ApplicationError) as refused:
        await record(recorder, request("second"))
    assert refused.value.non_retryable
    with ledger.engine.connect() as connection:
        assert len(entries(connection, "LX-1")) == 1
        assert len(entries(connection, "ledger.conflict")) == 1


async def test_what_no_ledger_can_hold_is_refused_for_good(recorder: Recorder) -> None:
    """An entry larger than a leaf, a name with a NUL."""
    nul = EntryDraft(type="case.noted", time=NOW, actor="11\x0001", role="window")
    for bad in (request("长" * 30_000), RecordRequest(matter="LX-1", now=NOW, entries=(nul,))):
        with pytest.raises(ApplicationError) as refused:
            await record(recorder, bad)
        assert refused.value.non_retryable


async def test_a_database_out_of_reach_is_retried(tmp_path: Path, recorder: Recorder, ledger: Ledger) -> None:
    """Held by another program: the call waits; away: it fails so that the engine tries again."""
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(record(recorder, request()))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    other.execute("ROLLBACK")
    other.close()
    assert (await waiting).receipts[0].caseseq == 1
    recorder.close()
    with pytest.raises(ApplicationError) as away:
        await record(recorder, request("y"), call="2")
    assert not away.value.non_retryable


async def test_a_real_ledger_refuses_a_clock_ahead_of_its_own(tmp_path: Path) -> None:
    """Skipped time is never evidence (design 3.8)."""
    real = open_database(f"sqlite:///{tmp_path / 'real.db'}", Origin("test.invalid/real", OriginKind.REAL))
    recorder = Recorder(real, "test")
    try:
        ahead = datetime.now(UTC) + timedelta(hours=1)
        with pytest.raises(ApplicationError, match="ahead") as refused:
            await record(recorder, request(now=ahead))
        assert refused.value.type == "clock_disagreement"
        assert (await record(recorder, request(now=datetime.now(UTC)), call="2")).receipts[0].caseseq == 1
    finally:
        recorder.close()
