"""Kept histories are held against the entries that tell of them."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from ledger.db import Ledger, snapshot
from ledger.histories import History, keep
from ledger.report import Report
from ledger.tables import ledger_history
from ledger.verify import verify
from tests.ledger.support import record, work
from tests.ledger.tampering import without_guards

RUN = "0199aaaa-0000-7000-8000-000000000001"
ROW = ledger_history.c


@pytest.fixture
def kept(ledger: Ledger) -> Ledger:
    """A case whose history is kept."""
    record(ledger, work("LX-1"))
    history = History(
        run_id=RUN,
        namespace="default",
        workflow_id="case/LX-1",
        workflow_type="CaseWorkflow",
        closed=datetime(2026, 6, 20, tzinfo=UTC),
        protobuf=b"protobuf",
        json=b"{}",
    )
    with ledger.engine.begin() as connection:
        keep(ledger, connection, [history])
    return ledger


def report_of(ledger: Ledger) -> Report:
    with snapshot(ledger.engine) as connection:
        return verify(connection)


def test_a_kept_history_holds(kept: Ledger) -> None:
    assert report_of(kept).failures == ()


@pytest.mark.parametrize(
    "change",
    [
        {"protobuf": b"another"},
        {"json_gzip": gzip.compress(b"[]", mtime=0)},
        {"json_gzip": b"no gzip"},
        {"protobuf_sha256": "00" * 32},
        {"workflow_id": "case/LX-2"},
    ],
    ids=str,
)
def test_a_changed_history(kept: Ledger, change: dict[str, Any]) -> None:
    with kept.engine.begin() as connection:
        without_guards(connection)
        connection.execute(update(ledger_history).values(change))
    assert [each.check for each in report_of(kept).failures] == ["history_changed"]


def test_a_removed_history(kept: Ledger) -> None:
    with kept.engine.begin() as connection:
        without_guards(connection)
        connection.execute(delete(ledger_history))
    (found,) = report_of(kept).failures
    assert (found.check, found.case) == ("history_missing", "history/LX-1")


def test_a_history_nobody_recorded(kept: Ledger) -> None:
    with kept.engine.begin() as connection:
        row = dict(connection.execute(select(ledger_history)).mappings().one())
        connection.execute(insert(ledger_history), row | {"run_id": RUN[:-1] + "2"})
    assert [each.check for each in report_of(kept).failures] == ["history_unrecorded"]
