"""The reference case: work per case in counts, and what the ledger costs, side by side.

Register, three staged decisions each with a five-day limit armed, close: five entries. Prints
history events and state transitions (noise-free), then cases per second with the ledger against
the same workflow with a recorder that writes nothing, in interleaved pairs on one engine.

    python -m bench.reference [--pairs 7] [--cases 40] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.worker import Worker

import workflows
from activities.recorder import Recorder
from ledger.db import Origin, OriginKind, open_database
from schemas.acts import Act, Decide, Outcome, SignStage
from schemas.clocks import Limit
from schemas.entries import Receipt, Receipts, RecordRequest
from schemas.matters import CaseInput, Channel, TimeSource
from schemas.profile import Fee, Item, ItemType, Role, Rules, Stage
from starter.client import YangguangClient
from starter.connect import connect
from starter.engine import engine
from starter.home import open_home
from starter.rulebook import load_profile, rules_for
from workflows.sandbox import runner

CONCURRENCY = 20
LIMIT = Limit(n=5, basis="bench")
POSTS = (
    ("window-clerk", Role.WINDOW),
    ("registration-handler", Role.HANDLER),
    ("registration-chief", Role.REVIEWER),
)


@activity.defn(name="record")
async def record_nothing(request: RecordRequest) -> Receipts:
    """Answers like the recorder and writes nothing."""
    digest = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
    receipts = (Receipt(id=digest, caseseq=n + 1, leaf_hash=digest) for n in range(len(request.entries)))
    return Receipts(receipts=tuple(receipts))


def reference_rules() -> Rules:
    """The sample organisation with an item of three stages of five working days each."""
    rules = rules_for(load_profile("current"), "LX-DJ-01", datetime.now(UTC).date())
    stages = tuple(
        Stage(code=f"S{n}", name=f"环节{n}", name_en=f"stage {n}", role=role, post=post, limit=LIMIT)
        for n, (post, role) in enumerate(stage_posts(rules), start=1)
    )
    item = Item(
        code="BENCH",
        name="基准事项",
        name_en="reference item",
        type=ItemType.INTERNAL,
        basis=("bench",),
        acceptance=LIMIT,
        statutory=Limit(n=30, basis="bench"),
        promise=Limit(n=15, basis="bench"),
        delivery=None,
        stages=stages,
        fee=Fee(max_fen=None),
    )
    return rules.model_copy(update={"item": item})


def stage_posts(rules: Rules) -> list[tuple[str, Role]]:
    """A window, a handler's and a reviewer's post of the organisation."""
    found = []
    for role in (Role.WINDOW, Role.HANDLER, Role.REVIEWER):
        found.append((next(post.code for post in rules.posts if role in post.roles), role))
    return found


@dataclass(frozen=True)
class Run:
    """One measured run."""

    cases_per_second: float
    worker_ms: float
    """CPU of this process (driver and worker) per case."""
    engine_ms: float
    """CPU of the engine per case."""


class Bench:
    """Drives reference cases through one engine."""

    def __init__(self, client: YangguangClient, engine_process: psutil.Process) -> None:
        """All cases of all runs have different numbers."""
        self.client = client
        self.engine = engine_process
        self.rules = reference_rules()
        self.officers = {post.code: post.a for post in self.rules.posts}
        self.n = 0

    async def case(self, number: str) -> None:
        """One reference case from registration to its end."""
        item = self.rules.item
        assert item is not None
        first = item.stages[0]
        start = CaseInput(
            id=number,
            business_key=number,
            digest=number,
            rules=self.rules,
            channel=Channel.INTERNAL,
            officer=self.officers[first.post],
            post=first.post,
            source=TimeSource.ENGINE,
        )
        await self.client.register("case", start)
        for stage in item.stages:
            who: dict[str, Any] = {
                "id": f"{stage.code}",
                "officer": self.officers[stage.post],
                "post": stage.post,
            }
            if stage is item.stages[-1]:
                await self._act(number, "decide", Decide(**who, opinion="同意", outcome=Outcome.GRANTED))
            else:
                await self._act(number, "sign_stage", SignStage(**who, opinion="同意"))

    async def _act(self, number: str, name: str, message: Act) -> None:
        await self.client.act("case", number, name, message)

    async def run(self, cases: int) -> Run:
        """`cases` reference cases, `CONCURRENCY` at a time."""
        gate = asyncio.Semaphore(CONCURRENCY)
        names = [f"B-{self.n + i:06d}" for i in range(cases)]
        self.n += cases

        async def one(number: str) -> None:
            async with gate:
                await self.case(number)

        own, other, began = _cpu(psutil.Process()), _cpu(self.engine), time.perf_counter()
        await asyncio.gather(*(one(number) for number in names))
        took = time.perf_counter() - began
        return Run(
            cases_per_second=cases / took,
            worker_ms=1000 * (_cpu(psutil.Process()) - own) / cases,
            engine_ms=1000 * (_cpu(self.engine) - other) / cases,
        )

    async def counts(self, number: str) -> dict[str, int]:
        """History events and state transitions of a finished case."""
        handle = self.client.handle("case", number)
        await handle.result()
        history = await handle.fetch_history()
        events = Counter(EventType.Name(event.event_type) for event in history.events)
        upserts = events["EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"]
        described = await handle.describe()
        return {
            "history_events": len(history.events),
            "search_attribute_upserts": upserts,
            "events_without_upserts": len(history.events) - upserts,
            "state_transitions": described.raw_description.workflow_execution_info.state_transition_count,
            "history_bytes": sum(event.ByteSize() for event in history.events),
        }


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@asynccontextmanager
async def worker(client: Client, activities: list[Any]) -> AsyncIterator[None]:
    """A worker with the given recorder."""
    async with Worker(
        client,
        task_queue=workflows.TASK_QUEUE,
        workflows=workflows.ALL,
        activities=activities,
        workflow_runner=runner(),
        max_cached_workflows=1000,
    ):
        yield


async def measure(home: Path, pairs: int, cases: int) -> dict[str, Any]:
    """Counts once, then `pairs` interleaved pairs of runs."""
    here = open_home(home)
    ledger = open_database(f"sqlite:///{home}/ledger.db", Origin("yangguang/bench", OriginKind.SAMPLE))
    recorder = Recorder(ledger, "bench")
    async with engine(here) as reached:
        client = await connect(reached)
        bench = Bench(YangguangClient(client, ledger), psutil.Process().children()[0])
        async with worker(client, list(recorder.activities)):
            await bench.run(5)  # warm-up; its first case is counted
            counts = await bench.counts("B-000000")
        runs: dict[str, list[Run]] = {"ledger": [], "nothing": []}
        for n in range(pairs):
            order = ("ledger", "nothing") if n % 2 == 0 else ("nothing", "ledger")
            for which in order:
                activities = list(recorder.activities) if which == "ledger" else [record_nothing]
                async with worker(client, activities):
                    runs[which].append(await bench.run(cases))
    recorder.close()
    return {"date": datetime.now(UTC).date().isoformat(), "counts": counts, **_summary(runs)}


def _summary(runs: dict[str, list[Run]]) -> dict[str, Any]:
    pairs = zip(runs["ledger"], runs["nothing"], strict=True)
    ratios = sorted(a.cases_per_second / b.cases_per_second for a, b in pairs)
    table = {
        which: {
            field: round(statistics.median(getattr(run, field) for run in each), 2)
            for field in ("cases_per_second", "worker_ms", "engine_ms")
        }
        for which, each in runs.items()
    }
    return {
        "pairs": len(ratios),
        "runs": table,
        "ratio": {
            "min": round(ratios[0], 3),
            "median": round(statistics.median(ratios), 3),
            "max": round(ratios[-1], 3),
        },
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yangguang-bench-") as home:
        result = asyncio.run(measure(Path(home), arguments.pairs, arguments.cases))
    if arguments.json:
        print(json.dumps(result, indent=2))
        return
    print(f"reference case: {result['counts']}")
    for which, figures in result["runs"].items():
        print(f"{which:>8}: {figures}")
    print(f"ratio with ledger / without, {result['pairs']} pairs: {result['ratio']}")


if __name__ == "__main__":
    main()
