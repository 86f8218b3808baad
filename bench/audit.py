"""How fast histories are audited: `python -m bench.audit [--quick] [--json]`.

Reference cases (53 events, three stages) are run on a real engine beside a real ledger, then audited over and
over: `replay` is plain and strict replay in one child process, leaves compared; `audit` is all five checks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from activities.recorder import Recorder
from audit.calls import heads_of
from audit.children import Children
from audit.completeness import completeness
from audit.gather import Matter, gather, read_stored
from audit.job import Job
from audit.leaves import Beside
from audit.replay import judge
from audit.structure import structure
from bench.reference import Bench, worker
from ledger.db import open_database
from starter.client import YangguangClient
from starter.connect import connect
from starter.engine import engine
from starter.home import open_home

CASES = 20
"""Different histories; they are audited again and again."""


async def recorded(home: Path) -> list[Matter]:
    """Reference cases from registration to their end, with their histories and chains."""
    here = open_home(home)
    ledger = open_database(here.database_url, here.origin)
    recorder = Recorder(open_database(here.database_url), "bench")
    async with engine(here) as reached:
        client = await connect(reached)
        bench = Bench(YangguangClient(client, ledger), psutil.Process())
        async with worker(client, list(recorder.activities)):
            await bench.run(CASES)
            numbers = [f"B-{n:06d}" for n in range(CASES)]
            for number in numbers:
                await bench.client.handle("case", number).result()

        async def reach() -> Any:
            return client

        matters = [await gather(read_stored(ledger.engine, number), reach) for number in numbers]
    recorder.close()
    ledger.close()
    return matters


def job_of(matter: Matter) -> Job:
    """What a child is given of a matter with one run."""
    (held,) = matter.runs.values()
    leaves = {entry.id: entry.leaf for entry in matter.stored.chain}
    beside = Beside(matter.stored.origin.name, held.namespace, leaves, heads_of(held.history))
    return Job(held.history.SerializeToString(), beside)


def rate(children: Children, work: Callable[[Any], Any], items: Sequence[Any]) -> float:
    """Items per second, as many at a time as there are processes."""
    with ThreadPoolExecutor(children.processes) as threads:
        began = time.perf_counter()
        for _ in threads.map(work, items):
            pass
        return len(items) / (time.perf_counter() - began)


def measured(matters: Sequence[Matter], processes: int, histories: int, runs: int) -> dict[str, float]:
    """Medians of several runs, in histories per second."""
    several = [matters[n % len(matters)] for n in range(histories)]
    jobs = [job_of(matter) for matter in several]
    with Children(processes) as children:
        rate(children, children.judge, jobs[: 4 * processes])  # every child is started and warm
        assert not any(run.failed for run in judge(matters[0], children))
        replays = [rate(children, children.judge, jobs) for _ in range(runs)]
        audits = [rate(children, lambda matter: judge(matter, children), several) for _ in range(runs)]
    return {"replay": round(statistics.median(replays), 1), "audit": round(statistics.median(audits), 1)}


def checks(matters: Sequence[Matter], runs: int) -> dict[str, float]:
    """Milliseconds of what is judged in the auditor's own process, medians."""
    told: dict[str, list[float]] = {"structure": [], "completeness": []}
    for _ in range(runs):
        for name, took in told.items():
            began = time.perf_counter()
            for matter in matters:
                (held,) = matter.runs.values()
                if name == "structure":
                    structure(held, matter.runs)
                else:
                    completeness(held, matter.stored.chain, heads_of(held.history), real=True)
            took.append(1000 * (time.perf_counter() - began) / len(matters))
    return {name: round(statistics.median(took), 2) for name, took in told.items()}


def measure(matters: Sequence[Matter], histories: int, runs: int) -> dict[str, Any]:
    """All figures."""
    cores = os.cpu_count() or 1
    (held,) = matters[0].runs.values()
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "events": len(held.history.events),
        "bytes": held.history.ByteSize(),
        "histories_per_second": {
            str(n): measured(matters, n, n * histories, runs) for n in sorted({1, cores})
        },
        "milliseconds": checks(matters, runs),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="few histories, three runs")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    histories, runs = (40, 3) if arguments.quick else (200, 7)
    with tempfile.TemporaryDirectory(prefix="yangguang-bench-") as home:
        matters = asyncio.run(recorded(Path(home)))
    result = measure(matters, histories, runs)
    if arguments.json:
        print(json.dumps(result, indent=2))
        return
    print(f"audit of histories of {result['events']} events, {result['bytes']} bytes; medians of {runs} runs")
    print(f"{'processes':>10} {'replay/s':>10} {'a process':>10} {'audit/s':>10}")
    for processes, found in result["histories_per_second"].items():
        each = found["replay"] / int(processes)
        print(f"{processes:>10} {found['replay']:>10} {each:>10.1f} {found['audit']:>10}")
    print(f"in the auditor's own process, ms a history: {result['milliseconds']}")


if __name__ == "__main__":
    main()
