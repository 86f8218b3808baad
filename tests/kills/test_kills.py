"""SIGKILL in the middle of acts: nothing is lost, nothing is done twice, whoever is killed.

Cases go from receipt to delivery side by side while workers and engine are killed whenever a
certain number of receipts has been given out, so that it always happens in the middle of others'
acts. The window repeats what was not answered, with the same key or id, as its handbook says.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from audit.matters import count_cases
from ledger.db import snapshot
from ledger.read import entries
from ledger.verify import verify_url
from schemas.acts import Act
from schemas.entries import Receipt
from schemas.errors import PendingError, UnavailableError
from schemas.intake import CaseRequest
from schemas.profile import Item
from starter.client import YangguangClient
from tests.kills.course import course
from tests.kills.machinery import Machinery, machinery, window
from tests.workflows.house import ITEMS, application

T = TypeVar("T")
CASES = 8
SECONDS = 100
"""All of it has to be done by then."""

KILLS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (3, ("worker", "worker")),
    (22, ("engine",)),
    (44, ("worker", "worker")),
    (68, ("engine", "worker", "worker")),
)
"""After so many receipts, these are killed and started again."""


@dataclass
class Desk:
    """What the window knows: who got which receipt, and how often it had to ask again."""

    client: YangguangClient
    receipts: dict[str, dict[str, Receipt]] = field(default_factory=dict)
    """Number of the case, id of the act, receipt."""
    given: int = 0
    repeated: int = 0
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def insist(self, send: Callable[[], Awaitable[T]]) -> T:
        """Send until it is answered; the same thing every time."""
        while True:
            try:
                answer = await send()
            except (PendingError, UnavailableError):
                self.repeated += 1
                await asyncio.sleep(0.3)
                continue
            async with self.progress:
                self.given += 1
                self.progress.notify_all()
            return answer

    async def reached(self, receipts: int) -> None:
        """Wait until so many receipts have been given out."""
        async with self.progress:
            await self.progress.wait_for(lambda: self.given >= receipts)


async def drive(desk: Desk, request: CaseRequest, item: Item) -> None:
    """One case from receipt to delivery; its business key comes again in the middle and at the end."""
    start = desk.client.start_case
    intake = await desk.insist(lambda: start(request))
    got = desk.receipts[intake.number] = {f"register/{intake.number}": intake.receipt}
    for name, message in course(item):

        def send(name: str = name, message: Act = message) -> Awaitable[Receipt]:
            return desk.client.act("case", intake.number, name, message)

        got[message.id] = await desk.insist(send)
        if name in ("decide", "deliver"):
            assert await desk.insist(lambda: start(request)) == intake


async def chaos(machines: Machinery, desk: Desk) -> None:
    """Kill, and start again."""
    for receipts, victims in KILLS:
        await desk.reached(receipts)
        for victim in victims:
            await (machines.kill_engine if victim == "engine" else machines.kill_worker)()
        for victim in victims:
            if victim == "engine":
                await machines.start_engine()
            else:
                machines.start_worker()


async def all_driven(machines: Machinery, desk: Desk) -> None:
    """Every case delivered, every kill done; fails clearly where something hangs."""
    item = ITEMS["LX-LS-01"]
    requests = [application(item, business_key=f"kill-{n}") for n in range(CASES)]
    try:
        async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as group:
            group.create_task(chaos(machines, desk))
            for request in requests:
                group.create_task(drive(desk, request, item))
    except TimeoutError:
        done = {number: len(got) for number, got in desk.receipts.items()}
        pytest.fail(f"after {machines.kills}, {desk.given} receipts: {done}\n{machines.last_words()}")


def check_ledger(desk: Desk) -> None:
    """Every act once, with the very receipt the window holds, and no hole in any chain."""
    for number, got in desk.receipts.items():
        with desk.client.ledger.engine.connect() as connection:
            chain = entries(connection, number)
        assert [entry.seq for entry in chain] == list(range(1, len(chain) + 1))
        acted = [entry for entry in chain if "actid" in entry.data]
        closing = acted.pop()
        assert (closing.type, closing.data["actid"]) == ("case.closed", acted[-1].data["actid"])
        assert [entry.data["actid"] for entry in acted] == list(got)
        assert [(entry.id, entry.seq, entry.leaf_hash) for entry in acted] == [
            (receipt.id, receipt.caseseq, receipt.leaf_hash) for receipt in got.values()
        ]
        assert not [entry.type for entry in chain if entry.type == "act.refused"]


def check_history(history: WorkflowHistory, acts: set[str]) -> None:
    """Each act was accepted once and answered once."""
    accepted, completed = Counter[str](), Counter[str]()
    for event in history.events:
        if event.event_type is EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            told = event.workflow_execution_update_accepted_event_attributes
            accepted[told.accepted_request.meta.update_id] += 1
        if event.event_type is EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
            done = event.workflow_execution_update_completed_event_attributes
            completed[done.meta.update_id] += 1
            assert done.outcome.HasField("success"), done.outcome
    assert accepted == completed
    assert set(accepted.values()) == {1}
    assert {name for name in accepted if not name.startswith("register/")} == acts


async def test_killed_in_the_middle_of_acts(tmp_path: Path) -> None:
    """Workers and the engine itself: each act has one entry, and its receipt is the one given out."""
    async with machinery(tmp_path) as machines, window(machines) as client:
        for _ in range(2):
            machines.start_worker()
        desk = Desk(client)
        await all_driven(machines, desk)
        assert Counter(machines.kills) == Counter(victim for _, victims in KILLS for victim in victims)
        assert desk.repeated > 0, "nobody noticed the kills: they hit nothing"
        check_ledger(desk)
        assert len(desk.receipts) == CASES
        for number in desk.receipts:
            handle = client.handle("case", number)
            assert (await handle.result())["state"] == "closed"
            ids = {message.id for _, message in course(ITEMS["LX-LS-01"])}
            check_history(await handle.fetch_history(), ids)
        report = verify_url(machines.home.database_url)
        assert report.consistent, report.failures
        with snapshot(client.ledger.engine) as connection:
            assert count_cases(connection) == CASES
