"""How fast a ledger is verified: `python -m bench.verify [--entries N] [--url URL] [--quick] [--json]`.

Each run is a process of its own, so that its peak memory is its own; rates are medians of several runs.
`hashes and tree` is what nobody can do without: leaf hashes and the root over them.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.made_ledger import make
from ledger.db import connect, snapshot
from ledger.merkle import Frontier, leaf_hash
from ledger.verifier.pool import cores
from ledger.verifier.source import Source
from ledger.verify import verify_url

ENTRIES, QUICK = 1_000_000, 50_000
RUNS = 5
KIB = 1024
"""Of which the system counts memory."""

Figures = dict[str, Any]


def full(url: str, processes: int) -> Figures:
    """Everything `yangguang ledger verify` checks."""
    began = time.perf_counter()
    report = verify_url(url, processes=processes)
    took = time.perf_counter() - began
    if not report.verified:
        raise SystemExit(f"not verified: {report.failures or report.missing}")
    return {"per_second": report.entries / took, "memory": _memory()}


def hashes(url: str, _: int) -> Figures:
    """Leaf hashes and root of the first entries, already read; reading them is not counted."""
    engine = connect(url, read_only=True)
    with snapshot(engine) as connection:
        leaves = [row[10] for rows in Source(connection).sealed(0, QUICK) for row in rows]
    engine.dispose()
    began, tree = time.perf_counter(), Frontier()
    tree.extend(map(leaf_hash, leaves))
    tree.root()
    return {"per_second": len(leaves) / (time.perf_counter() - began), "memory": _memory()}


WORK: dict[str, Callable[[str, int], Figures]] = {"hashes": hashes, "full": full}


def measure(url: str, runs: int) -> dict[str, Figures]:
    """All figures of a ledger."""
    wanted = {
        "hashes and tree, 1 process": ("hashes", 1),
        "full check, 1 process": ("full", 1),
        f"full check, {cores()} processes": ("full", cores()),
    }
    return {name: _median([_run(url, *what) for _ in range(runs)]) for name, what in wanted.items()}


def _run(url: str, what: str, processes: int) -> Figures:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "bench.verify", "--run", what, url, str(processes)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    figures: Figures = json.loads(done.stdout)
    return figures


def _median(found: list[Figures]) -> Figures:
    return {name: round(statistics.median(each[name] for each in found), 2) for name in found[0]}


def _memory() -> float:
    """Peak memory (MiB) of this process, and the largest of those it started beside it."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(each).ru_maxrss for each in whose) / KIB


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--url", help="a ledger that is there already, instead of one made for this")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} entries, one run of each")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--run", nargs=3, metavar=("WHAT", "URL", "PROCESSES"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        what, url, processes = arguments.run
        print(json.dumps(WORK[what](url, int(processes))))
        return
    with tempfile.TemporaryDirectory(prefix="yangguang-bench-") as folder:
        url = arguments.url or _made(Path(folder), QUICK if arguments.quick else arguments.entries)
        result = measure(url, 1 if arguments.quick else RUNS)
    if arguments.json:
        print(json.dumps(result, indent=2))
        return
    for name, figures in result.items():
        print(f"{name:>28}: " + ", ".join(f"{key} {value:,}" for key, value in figures.items()))


def _made(folder: Path, entries: int) -> str:
    url = f"sqlite:///{folder}/ledger.db"
    make(url, entries, folder).close()
    return url


if __name__ == "__main__":
    main()
