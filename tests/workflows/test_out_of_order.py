"""When ledger or worker are away: nothing is lost, nothing is shown that is not recorded (decision 6)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4
from zlib import crc32

import pytest
from sqlalchemy import text
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from ledger.db import Origin, OriginKind, open_database
from schemas.errors import NotPermittedError, PendingError
from schemas.profile import Rules
from tests.conftest import bureau, sqlite_ledger
from tests.workflows.house import File, House
from tests.workflows.test_cards import with_the_handler
from tests.workflows.test_case_course import (
    test_a_grant_from_receipt_to_archive as a_grant,
)
from tests.workflows.test_messages import (
    test_a_submission_is_registered_once_whoever_repeats_it as registered_once,
)
from tests.workflows.test_messages import test_twenty_at_once_are_decided_one_after_the_other as twenty
from workflows.matter import SPREAD_SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="session")

IMPATIENT = timedelta(seconds=1.5)


@contextmanager
def locked(ledger_file: Path) -> Iterator[None]:
    """Another program holds the ledger's file."""
    other = sqlite3.connect(ledger_file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_an_act_is_pending_while_the_ledger_is_away_and_completes_by_itself(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """Told with its id; not shown meanwhile; recorded once on recovery, also for whoever sends it again."""
    ledger = sqlite_ledger(tmp_path)
    async with bureau(environment, "locked", ledger) as house:
        case = await with_the_handler(house)
        hasty = replace(house, patience=IMPATIENT).desk()
        sign = case.message("sign_stage", "land-use-handler", opinion="同意")
        before = await case.status()
        with locked(tmp_path / "ledger.db"):
            with pytest.raises(PendingError, match=sign.id):
                await hasty.act("case", case.number, "sign_stage", sign)
            meanwhile = await case.status()
            assert meanwhile.model_copy(update={"now": before.now}) == before
        receipt = await case.desk.act("case", case.number, "sign_stage", sign)
        assert [entry.data.get("actid") for entry in case.entries()].count(sign.id) == 1
        assert case.entries()[-1].id == receipt.id
        assert (await case.status()).facts != before.facts


@asynccontextmanager
async def real_time(environment: WorkflowEnvironment, folder: Path, behind: list[timedelta]) -> Any:
    """A bureau of a sample home, whose ledger trusts its own clock alone."""
    origin = Origin("test.invalid/sample", OriginKind.SAMPLE)
    url = f"sqlite:///{folder / 'ledger.db'}"
    ledger = open_database(url, origin, clock=lambda: datetime.now(UTC) - behind[0])
    async with bureau(environment, "outage", ledger) as house:
        yield house


def verdicts(case: File) -> list[tuple[Any, ...]]:
    """What the ledger says of limits and cards, without when it was noticed."""
    told = []
    for entry in case.entries():
        if entry.type.startswith(("clock.", "card.")):
            card = entry.data.get("card", {})
            facts = (entry.data.get("clock"), entry.data.get("ref"), card.get("code"), card.get("addressees"))
            told.append((entry.type, *facts))
    return told


async def test_an_outage_of_the_worker_gives_the_same_verdicts_as_a_live_run(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """One act in time and one late, told during the run or after an outage over the limit."""
    behind = [timedelta(0)]
    found = []
    for outage in (False, True):
        async with real_time(environment, tmp_path, behind) as house:
            limit = datetime.now(UTC) + timedelta(seconds=4)
            case = await begun(house, limit)
            early, late = limit - timedelta(seconds=1), limit + timedelta(milliseconds=200)
            if not outage:
                await until(early)
                await case.act("note", "window-clerk", received_at=early)
                await until(late)
                await case.act("note", "window-clerk", received_at=late)
        if outage:
            await until(late)
            async with real_time(environment, tmp_path, behind) as again:
                case = File(again, again.desk(), "case", case.intake, case.item)
                for stamp in (early, late):
                    await case.act("note", "window-clerk", received_at=stamp, late_reason="outage")
        found.append(verdicts(case))
    assert found[0] == found[1]
    # The test runs on the day it is run: on a working day the limit is also due today.
    assert [each[0] for each in found[0] if each[0] != "clock.due_today"] == ["clock.breached"]


async def begun(house: House, limit: datetime) -> File:
    """An accepted case whose statutory limit ends at an instant."""
    number = f"{uuid4()}"
    case = await house.case("LX-LS-01", received_at=None, number=number, start={"statutory_at": limit})
    await case.act("accept", "window-clerk")
    return case


async def until(instant: datetime) -> None:
    """Wait in real time."""
    await asyncio.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))


def noticed_at_once(rules: Rules) -> Rules:
    """Rules without a time of grace for late stamps."""
    return rules.model_copy(
        update={"thresholds": rules.thresholds.model_copy(update={"late_entry_minutes": 0})}
    )


async def test_a_ledger_that_refuses_for_good_ends_no_matter(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """Its clock is ten minutes behind: acts and limits stay unrecorded, the matter lives on and goes on."""
    behind = [timedelta(0)]
    number = next(each for n in count() if crc32((each := f"{uuid4()}-{n}").encode()) % SPREAD_SECONDS == 0)
    async with real_time(environment, tmp_path, behind) as house:
        limit = datetime.now(UTC) + timedelta(seconds=2)
        start = {"statutory_at": limit}
        case = await house.case(received_at=None, number=number, start=start, rules=noticed_at_once)
        late = {"late_reason": "test"}
        await case.act("accept", "window-clerk", **late)
        behind[0] = timedelta(minutes=10)
        note = case.message("note", "window-clerk", opinion="x", **late)
        with pytest.raises(NotPermittedError, match="ahead of"):
            await case.desk.act("case", case.number, "note", note)
        await case.handle.signal("signal_decision", "unreadable")
        await until(limit + timedelta(seconds=1))
        assert not {"case.noted", "act.refused", "clock.breached"} & {*case.types()}
        behind[0] = timedelta(0)
        await case.act("note", "window-clerk", opinion="又好了", **late)
        assert case.types()[-2:] == ["clock.breached", "case.noted"]
        assert (await case.handle.describe()).status == WorkflowExecutionStatus.RUNNING


async def test_the_same_courses_on_postgresql(postgres_house: House) -> None:
    """Grant, repetition, twenty at once."""
    await asyncio.gather(*(each.course(postgres_house) for each in (a_grant, registered_once, twenty)))


async def test_connections_to_postgresql_are_cut_again_and_again(postgres_house: House) -> None:
    """Every act goes in once all the same: what was interrupted is recorded anew, or was recorded."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"

    async def cut() -> None:
        for _ in range(8):
            await asyncio.sleep(0.2)
            with postgres_house.ledger.engine.connect() as connection:
                connection.execute(text(f"{others} AND datname = current_database()"))

    case = await postgres_house.case()
    notes = [case.message("note", "window-clerk", opinion=f"第{n}条") for n in range(40)]
    send = (case.desk.act("case", case.number, "note", note) for note in notes)
    cutting = asyncio.create_task(cut())
    receipts = await asyncio.gather(*send)
    await cutting
    chain = case.entries()[1:]
    assert [entry.id for entry in chain] == [r.id for r in sorted(receipts, key=lambda r: r.caseseq)]
    assert sorted(entry.data["actid"] for entry in chain) == sorted(note.id for note in notes)
