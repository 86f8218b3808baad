"""What the ledger carries, from appending to proofs: `python -m bench.ledger [--quick] [--json]`.

PostgreSQL runs beside the measurement on the same machine, and waits for its disk at every commit.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from bench.ledger_lag import RATE, lags
from bench.ledger_proofs import SIZE, proofs
from bench.ledger_throughput import appended, appended_alone, sealed


class Measured(NamedTuple):
    """One line of the table."""

    name: str
    unit: str
    median: float
    least: float
    most: float
    runs: int


Measurement = tuple[str, str, Callable[[], Sequence[float]]]


def measurements(quick: bool) -> list[Measurement]:
    """What is measured, in this order; `quick` takes fewer and shorter runs."""
    runs, less = (2, 5) if quick else (5, 1)
    many, few = 24_000 // less, 2_000 // less
    proven = SIZE // (10 if quick else 1)
    return [
        (
            "append, PostgreSQL, 8 connections, 32 callers each",
            "entries/s",
            lambda: appended(many, 32, runs),
        ),
        (
            "append, PostgreSQL, 8 connections, 1 caller each",
            "entries/s",
            lambda: appended(many // 4, 1, runs),
        ),
        (
            "append, PostgreSQL, 100 a transaction",
            "entries/s",
            lambda: appended_alone("postgresql", many, 100, runs),
        ),
        (
            "append and seal, SQLite, 1 a transaction",
            "entries/s",
            lambda: appended_alone("sqlite", few, 1, runs),
        ),
        (
            "append and seal, SQLite, 100 a transaction",
            "entries/s",
            lambda: appended_alone("sqlite", many, 100, runs),
        ),
        ("seal, PostgreSQL", "entries/s", lambda: sealed(2 * many, runs)),
        (f"checkpoint behind newest entry at {RATE} entries/s", "s", lambda: lags(20 / less)),
        (f"inclusion proof of {proven:,}, PostgreSQL", "ms", lambda: proofs("postgresql", 500, proven)),
        (f"inclusion proof of {proven:,}, SQLite", "ms", lambda: proofs("sqlite", 500, proven)),
    ]


def measured(name: str, unit: str, values: Sequence[float]) -> Measured:
    """Median, least and most of several runs."""
    return Measured(name, unit, statistics.median(values), min(values), max(values), len(values))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs")
    options = parser.parse_args(arguments)
    lines = [measured(name, unit, run()) for name, unit, run in measurements(options.quick)]
    about = {"date": datetime.now(UTC).date().isoformat(), "cores": os.cpu_count()}
    if options.json:
        print(json.dumps(about | {"measured": [line._asdict() for line in lines]}, indent=2))
        return
    print(f"ledger, {about['date']}, {about['cores']} cores")
    print(f"{'':52}{'median':>10}{'min':>10}{'max':>10}")
    for line in lines:
        figures = "".join(f"{_shown(each):>10}" for each in (line.median, line.least, line.most))
        print(f"{line.name:52}{figures} {line.unit}, {line.runs} runs")


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


if __name__ == "__main__":
    main()
