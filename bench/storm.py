"""A storm: thousands of cases breach at one instant, and what many open matters cost a worker in memory.

    python -m bench.storm [--cases N] [--open N] [--quick] [--json]

Cases are registered side by side, then the clocks of all are moved past the same limit: every one breaches at
the same simulated midnight and begins a card of its own. Time is told from the first clock that is moved to
the last card that is registered; nothing may be lost or doubled, as the ledger counts. Cards stay open, and
fault cases are opened besides, until `--open` of both are there: the worker, a process of its own, is
weighed on the way. Ends with 1 where a card is lost or doubled, the storm takes more than ten minutes, or
memory grows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psutil
from sqlalchemy import func, select

from bench.reference import POSTS, reference_rules
from bench.storm_machines import machines
from ledger.db import Ledger, snapshot
from ledger.tables import ledger_entry
from rules.procedures import PROCEDURES
from schemas.fault import FaultRequest, Lead
from schemas.matters import CaseInput, Channel, TimeSource
from schemas.profile import Rules
from starter.faults import start_fault
from starter.rulebook import completed, load_profile
from starter.simulation import SimulatedClient

AT_ONCE = 50
"""Matters that are registered, or moved in time, side by side."""

BOUND = 600.0
"""Seconds that a storm may take."""

GROWTH = 1.25
"""The worker may weigh so many times what it weighed when its cache was full for the first time."""

CACHED = 1000
"""Workflows that a worker keeps at hand (`worker.py`)."""

PATIENCE = timedelta(minutes=5)
"""Nobody is told that a storm is no time for him."""


@dataclass
class Storm:
    """One engine, one ledger, one worker, and what was measured."""

    client: SimulatedClient
    worker: psutil.Process
    rules: Rules
    weights: list[dict[str, Any]] = field(default_factory=list)

    def weigh(self, what: str, matters: int) -> None:
        """Note what the worker weighs now, in MiB, and what it has cost so far."""
        weight = round(self.worker.memory_info().rss / (1 << 20), 1)
        cpu = round(sum(self.worker.cpu_times()[:2]), 1)
        self.weights.append({"after": what, "matters": matters, "rss_mib": weight, "cpu_seconds": cpu})
        print(f"{what}: {matters} matters, worker {weight} MiB", file=sys.stderr, flush=True)

    async def register(self, number: str) -> None:
        """A case whose first stage has five working days, from now on."""
        post = next(post for post in self.rules.posts if post.code == POSTS[0][0])
        start = CaseInput(
            id=number,
            business_key=number,
            digest=number,
            rules=self.rules,
            channel=Channel.INTERNAL,
            officer=post.a,
            post=post.code,
            source=TimeSource.SIMULATION,
        )
        await self.client.register("case", start)

    async def open_fault(self, n: int) -> None:
        """A fault case that waits for its screening."""
        lead = Lead.model_validate({"source": "media", "codes": ["F04"], "text": "媒体反映", "ongoing": True})
        desk = next(post for post in self.rules.posts if post.code == "supervisor")
        request = FaultRequest(
            business_key=f"storm-{n}",
            channel=Channel.INTERNAL,
            officer=desk.a,
            post=desk.code,
            received_at=datetime.now(UTC),
            lead=lead,
        )
        await start_fault(self.client, request)

    async def move(self, number: str, to: datetime) -> None:
        """Let a case's clock pass the limit."""
        await self.client.advance("case", number, to)


async def all_of(work: Callable[[Any], Awaitable[None]], items: Iterable[Any]) -> float:
    """Do it for every item, some side by side; seconds that it took."""
    room, began = asyncio.Semaphore(AT_ONCE), time.perf_counter()

    async def one(item: Any) -> None:
        async with room:
            await work(item)

    await asyncio.gather(*(one(item) for item in items))
    return time.perf_counter() - began


def count(ledger: Ledger, kind: str) -> int:
    """How many entries of a type there are."""
    column = ledger_entry.c.type
    with snapshot(ledger.engine) as connection:
        return connection.scalar(select(func.count()).where(column == kind)) or 0


async def until_begun(ledger: Ledger, cards: int, seconds: float) -> None:
    """Wait until so many cards are registered."""
    async with asyncio.timeout(seconds):
        while await asyncio.to_thread(count, ledger, "card.registered") < cards:
            await asyncio.sleep(0.2)


def counted(ledger: Ledger, numbers: list[str]) -> dict[str, Any]:
    """What the ledger holds: cases that breached, and when; cards issued and begun, each once."""
    types = ("clock.breached", "card.issued", "card.registered", "errand.failed")
    query = select(ledger_entry.c.type, ledger_entry.c.case_id, ledger_entry.c.leaf)
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {kind: [] for kind in types}
    with snapshot(ledger.engine) as connection:
        for row in connection.execute(query.where(ledger_entry.c.type.in_(types))):
            found[row.type].append((row.case_id, orjson.loads(row.leaf)["data"]))
    issued = Counter(data["card"]["id"] for _, data in found["card.issued"])
    begun = Counter(card for card, _ in found["card.registered"])
    first = {case: data["breached_at"] for case, data in reversed(found["clock.breached"])}
    return {
        "cases": len(numbers),
        "breached": len(first),
        "instants": len(set(first.values())),
        "issued": sum(issued.values()),
        "begun": sum(begun.values()),
        "lost": len(set(issued) - set(begun)),
        "doubled": sum(n > 1 for n in (*issued.values(), *begun.values())),
        "failed": len(found["errand.failed"]),
        "without_a_card": len(set(numbers) - {case for case, _ in found["card.issued"]}),
    }


async def storm(run: Storm, cases: int, to_open: int) -> dict[str, Any]:
    """The storm, then the open matters."""
    numbers = [f"S-{n:06d}" for n in range(cases)]
    run.weigh("start", 0)
    registering = await all_of(run.register, numbers)
    run.weigh("cases", cases)
    began = time.perf_counter()
    to = datetime.now(UTC) + timedelta(days=10)
    moving = asyncio.create_task(all_of(lambda number: run.move(number, to), numbers))
    ledger = run.client.ledger
    await asyncio.gather(moving, until_begun(ledger, cases, 2 * BOUND))
    seconds = time.perf_counter() - began
    told = counted(ledger, numbers)
    run.weigh("cards", cases + told["begun"])
    open_now = told["begun"]
    faults = max(0, to_open - open_now)
    for n in range(0, faults, step := max(1, faults // 4)):
        await all_of(run.open_fault, range(n, min(n + step, faults)))
        run.weigh("faults", cases + open_now + min(n + step, faults))
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "registering_seconds": round(registering, 1),
        "storm_seconds": round(seconds, 1),
        "cards_a_second": round(told["begun"] / seconds, 1),
        "ledger": told,
        "open": open_now + faults,
        "worker": run.weights,
        "growth": growth(run.weights),
    }


def growth(weights: list[dict[str, Any]]) -> float | None:
    """How much heavier the worker became after its cache was full; None where it never was twice."""
    full = [each["rss_mib"] for each in weights if each["matters"] >= CACHED]
    return round(max(full[1:]) / full[0], 3) if len(full) > 1 else None


def wrong(result: dict[str, Any]) -> list[str]:
    """What is not as it has to be."""
    told = result["ledger"]
    found = [name for name in ("lost", "doubled", "failed", "without_a_card") if told[name]]
    if told["instants"] != 1 or told["breached"] != told["cases"]:
        found.append("not one instant")
    if result["storm_seconds"] > BOUND:
        found.append("too slow")
    if (result["growth"] or 0) > GROWTH:
        found.append("memory grows")
    return found


async def measure(folder: Path, cases: int, to_open: int) -> dict[str, Any]:
    """All figures."""
    async with machines(folder) as (client, ledger, worker):
        simulated = SimulatedClient(client, ledger, patience=PATIENCE)
        return await storm(Storm(simulated, worker, storm_rules()), cases, to_open)


def storm_rules() -> Rules:
    """Those of the reference case, with the rules of its cards."""
    return completed(reference_rules(), load_profile("current"), PROCEDURES["case"].sections)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--open", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="100 cases, 200 open matters")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    cases, to_open = (100, 200) if arguments.quick else (arguments.cases, arguments.open)
    with tempfile.TemporaryDirectory(prefix="yangguang-bench-") as folder:
        result = asyncio.run(measure(Path(folder), cases, to_open))
    print(json.dumps(result, indent=2) if arguments.json else said(result))
    if problems := wrong(result):
        sys.exit(f"storm: {', '.join(problems)}")


def said(result: dict[str, Any]) -> str:
    """For people."""
    told = result["ledger"]
    lines = [
        f"storm: {told['cases']} cases at one instant, {told['begun']} cards in {result['storm_seconds']} s "
        f"({result['cards_a_second']} a second); registered before in {result['registering_seconds']} s",
        f"in the ledger: {told}",
        f"{'worker after':>14} {'matters':>8} {'MiB':>8} {'CPU s':>8}",
        *(
            f"{each['after']:>14} {each['matters']:>8} {each['rss_mib']:>8} {each['cpu_seconds']:>8}"
            for each in result["worker"]
        ),
        f"growth once the cache is full: {result['growth']}; open cards and fault cases: {result['open']}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
