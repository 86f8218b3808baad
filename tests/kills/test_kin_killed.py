"""SIGKILL between a matter and another: each card is begun once, each telling takes effect once.

Late cases issue cards; workers end themselves at every step on the way from the entry to the other matter.
Whoever works next goes on where the ledger and the engine say that things stand.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from audit.reconcile import reconcile
from ledger.db import Ledger
from ledger.entry import Entry
from ledger.histories import case_of
from ledger.read import entries
from ledger.verify import verify_url
from schemas.errors import PendingError, UnavailableError
from starter.client import YangguangClient
from tests.kills.machinery import ROOT, Machinery, machinery, window
from tests.workflows.house import ITEMS, application

STEPS = (
    ("record", "after"),
    ("begin_matter", "before"),
    ("begin_matter", "after"),
    ("look_up", "before"),
    ("tell_matter", "after"),
)
"""A card's issue is in the ledger and nobody knows; about to begin; begun and nobody knows; about to read the
entry it was begun because of; told and nobody knows."""

LATE = timedelta(days=12)
"""So long ago the applications were received: by now each case has issued cards."""

SECONDS = 400
"""All of it has to be done by then: what a dead worker had in hand is given to others after half a minute."""


async def late_case(client: YangguangClient, n: int) -> str:
    """An application whose limits passed long ago, handed in until somebody takes it; gives its number."""
    said = {"business_key": f"late-{n}", "late_reason": "outage", "received_at": datetime.now(UTC) - LATE}
    request = application(ITEMS["LX-LS-01"], **said)
    while True:
        try:
            return (await client.start_case(request)).number
        except (PendingError, UnavailableError):
            await asyncio.sleep(0.1)


async def dies(machines: Machinery, name: str, when: str) -> None:
    """A worker serves until it comes to its step."""
    where = [str(machines.home.path), machines.engine.address, machines.engine.namespace]
    line = [sys.executable, "-m", "tests.kills.dying_worker", *where, name, when]
    with (machines.home.logs / "worker.out").open("ab") as output:
        process = subprocess.Popen(line, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        assert await asyncio.to_thread(process.wait, SECONDS) == -9, machines.last_words()
    finally:
        process.kill()


def chain(ledger: Ledger, workflow: str) -> list[Entry]:
    """Entries of a matter."""
    with ledger.engine.connect() as connection:
        return entries(connection, case_of(workflow))


def named(chains: dict[str, list[Entry]], field: str) -> list[tuple[str, Entry]]:
    """(workflow id, entry) for everything these chains begin or tell."""
    return [
        (str(other), entry)
        for them in chains.values()
        for entry in them
        for other in entry.data.get(field, [])
    ]


def because(them: list[Entry], ground: Entry, *, opening: bool) -> int:
    """How often something followed from an entry: the registration, or anything else."""
    at = (ground.case_id, ground.seq)
    found = {
        entry.event["activityid"]
        for entry in them
        if (on := entry.data.get("because")) and (on["number"], on["seq"]) == at
        if (entry.data.get("act") == "register") == opening
    }
    return len(found)


async def chains_of(client: YangguangClient, cases: list[str]) -> dict[str, list[Entry]]:
    """Chains of the cases and of all that came of them, by workflow id, once nobody owes anybody anything."""
    while True:
        chains = {f"case/{number}": chain(client.ledger, number) for number in cases}
        while more := {other for other, _ in named(chains, "begins")} - set(chains):
            chains |= {other: chain(client.ledger, other) for other in more}
        if all(chains.values()) and not any([await busy(client, each) for each in chains]):
            return chains
        await asyncio.sleep(0.5)


async def busy(client: YangguangClient, workflow: str) -> bool:
    """Whether a matter is doing something."""
    described = (await client.temporal.get_workflow_handle(workflow).describe()).raw_description
    return bool(described.pending_activities) or described.HasField("pending_workflow_task")


@pytest.mark.timeout(SECONDS + 60)
async def test_killed_between_matters(tmp_path: Path) -> None:
    """A worker dies at each step; in the end every card is there once and was told of everything once."""
    async with machinery(tmp_path) as machines, window(machines) as client:
        dying = asyncio.gather(*(dies(machines, name, when) for name, when in STEPS))
        numbers: list[asyncio.Task[str]] = []
        while not dying.done():  # who has not come to his step yet gets another occasion
            numbers.append(asyncio.create_task(late_case(client, len(numbers))))
            occasion: set[asyncio.Future[Any]] = {dying, numbers[-1]}
            await asyncio.wait(occasion, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({dying}, timeout=3)
        await dying
        machines.start_worker()
        cases = list(await asyncio.gather(*numbers))
        async with asyncio.timeout(SECONDS):
            chains = await chains_of(client, cases)
        issued = [entry for them in chains.values() for entry in them if entry.type == "card.issued"]
        begun = named(chains, "begins")
        assert len({other for other, _ in begun}) == len(begun) >= len(issued) >= len(cases)
        for other, ground in begun:
            assert because(chains[other], ground, opening=True) == 1
            assert [each.type.partition(".")[2] for each in chains[other]].count("registered") == 1
        told = [because(chains[other], ground, opening=False) for other, ground in named(chains, "tells")]
        assert set(told) <= {0, 1}
        assert 1 in told
        assert not [each for them in chains.values() for each in them if each.type == "errand.failed"]
        report = verify_url(machines.home.database_url)
        assert report.consistent, report.failures
        outcome = await reconcile(client.ledger, client.temporal, record=False)
        assert outcome.agrees, outcome.differences
