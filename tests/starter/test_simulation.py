"""The simulated client on the real engine: every matter on its own time, and none of it on ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ledger.db import Origin, OriginKind, open_database
from ledger.read import entries
from schemas.acts import Answer, Close, Note
from schemas.errors import ConflictError, NotFoundError, NotPermittedError, UsageError
from schemas.intake import InquiryRequest
from starter.attempts import STREAM
from starter.simulation import SimulatedClient
from tests.workflows.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

BEGIN = datetime(2039, 3, 7, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
SECONDS = timedelta(seconds=30)
"""More than a few calls take; far less than the years between simulated and real time."""

DESK: dict[str, Any] = {"officer": "1101", "post": "window-clerk"}


@pytest.fixture
def client(house: House) -> SimulatedClient:
    return SimulatedClient(house.client, house.ledger)


def asked(key: str, **changes: Any) -> InquiryRequest:
    fields = {"business_key": key, "topic": "何处办理？", "received_at": BEGIN, **DESK, **changes}
    return InquiryRequest.model_validate(fields)


async def test_a_matter_begins_when_it_was_received(client: SimulatedClient) -> None:
    receipt = await client.start_inquiry(asked("sim-begin"))
    assert receipt.received_at == BEGIN
    assert receipt.number.startswith("ZX-2039-")
    assert BEGIN <= await client.now("inquiry", receipt.number) < BEGIN + SECONDS
    with client.ledger.engine.connect() as connection:
        first = entries(connection, receipt.number)[0]
    assert BEGIN <= datetime.fromisoformat(first.recorded) < BEGIN + SECONDS
    assert first.data["timesource"] == "simulation"


async def test_a_repeated_start_is_the_same_matter_and_moves_no_clock(client: SimulatedClient) -> None:
    first = await client.start_inquiry(asked("sim-twice"))
    assert await client.start_inquiry(asked("sim-twice")) == first
    assert await client.now("inquiry", first.number) < BEGIN + SECONDS
    with pytest.raises(ConflictError) as conflict:
        await client.start_inquiry(asked("sim-twice", topic="另一个问题"))
    assert conflict.value.code == "business_key_conflict"


async def test_two_matters_have_two_clocks(client: SimulatedClient) -> None:
    moved, still = [(await client.start_inquiry(asked(key))).number for key in ("sim-moved", "sim-still")]
    later = BEGIN + timedelta(hours=5)
    await client.advance("inquiry", moved, later)
    assert later <= await client.now("inquiry", moved) < later + SECONDS
    assert await client.now("inquiry", still) < BEGIN + SECONDS
    await client.advance("inquiry", moved, BEGIN)
    assert await client.now("inquiry", moved) >= later


async def test_an_act_bears_the_matters_time(client: SimulatedClient) -> None:
    number = (await client.start_inquiry(asked("sim-act"))).number
    later = BEGIN + timedelta(hours=1)
    await client.advance("inquiry", number, later)
    await client.act("inquiry", number, "note", Note(id="n1", **DESK))
    with client.ledger.engine.connect() as connection:
        noted = entries(connection, number)[-1]
    assert later <= datetime.fromisoformat(noted.event["time"]) < later + SECONDS
    assert noted.data["timesource"] == "simulation"


async def test_an_attempt_after_the_end_is_recorded_at_the_matters_time(client: SimulatedClient) -> None:
    number = (await client.start_inquiry(asked("sim-ended"))).number
    await client.act("inquiry", number, "answer", Answer(id="a1", opinion="二楼三号窗口", **DESK))
    await client.act("inquiry", number, "close", Close(id="c1", **DESK))
    await client.handle("inquiry", number).result()
    with pytest.raises(NotPermittedError) as refused:
        await client.act("inquiry", number, "note", Note(id="late", **DESK))
    assert refused.value.code == "ended"
    with client.ledger.engine.connect() as connection:
        mine = [e for e in entries(connection, STREAM) if e.data["matter"] == f"inquiry/{number}"]
    assert [e.data["refused"] for e in mine] == ["ended"]
    assert BEGIN <= datetime.fromisoformat(mine[0].event["time"]) < BEGIN + SECONDS
    with pytest.raises((NotFoundError, ConflictError)):
        await client.advance("inquiry", number, BEGIN + timedelta(days=1))


async def test_a_start_without_time_of_receipt_is_now(client: SimulatedClient) -> None:
    before = datetime.now(UTC)
    receipt = await client.start_inquiry(asked("sim-now", received_at=None))
    assert before - SECONDS < receipt.received_at < datetime.now(UTC) + SECONDS


async def test_an_unknown_matter_has_no_time(client: SimulatedClient) -> None:
    with pytest.raises(NotFoundError):
        await client.now("inquiry", "ZX-0000-000000")
    with pytest.raises(NotFoundError):
        await client.advance("inquiry", "ZX-0000-000000", BEGIN)


@pytest.mark.parametrize("kind", [OriginKind.REAL, OriginKind.SAMPLE])
async def test_a_ledger_of_evidence_is_refused(house: House, tmp_path: Path, kind: OriginKind) -> None:
    ledger = open_database(f"sqlite:///{tmp_path / 'l.db'}", Origin("test.invalid/real", kind))
    try:
        with pytest.raises(UsageError) as refused:
            SimulatedClient(house.client, ledger)
        assert refused.value.code == "not_a_simulation"
    finally:
        ledger.close()
