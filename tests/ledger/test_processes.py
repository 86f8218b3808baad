"""Several processes, and processes that die: nothing lost, nothing twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from ledger.db import Ledger, open_database, snapshot
from ledger.tables import ledger_outbox
from ledger.verify import verify
from tests.ledger.fixtures import SAMPLE
from tests.ledger.support import chain

ROOT = Path(__file__).parents[2]


def start(url: str, first: int, last: int) -> subprocess.Popen[str]:
    """A writer in a process of its own."""
    arguments = [sys.executable, "-m", "tests.ledger.writer", url, str(first), str(last)]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> list[str]:
    """What a writer said, after it has ended well."""
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return said.splitlines()


def stored(ledger: Ledger) -> set[str]:
    """Receipts of everything in the ledger, as a writer would print them."""
    entries = [entry for n in range(3) for entry in chain(ledger, f"LX-{n}")]
    return {f"{entry.id} {entry.seq} {entry.leaf_hash}" for entry in entries}


def check(ledger: Ledger, wanted: int) -> None:
    """The ledger verifies, holds so many entries and told of each of them once."""
    with snapshot(ledger.engine) as connection:
        report = verify(connection)
        notices = connection.scalar(select(func.count()).select_from(ledger_outbox))
    assert report.failures == ()
    assert (report.entries, notices) == (wanted, wanted)


def test_a_writer_killed_in_the_middle_loses_and_doubles_nothing(url: str) -> None:
    process = start(url, 0, 100_000)
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(200)]
    process.kill()
    rest, _ = process.communicate(timeout=60)
    # The last line may be cut short; every whole line is a promise.
    said += [line for line in rest.splitlines() if len(line.split()) == 3 and len(line.split()[2]) == 64]
    ledger = open_database(url, SAMPLE)
    survived = stored(ledger)
    assert set(said) <= survived
    again = finish(start(url, 0, len(survived) + 5))
    assert survived <= set(again)
    assert set(again) == stored(ledger)
    check(ledger, len(survived) + 5)
    ledger.close()


def test_two_processes_share_the_cases(url: str) -> None:
    # Neither finds a database: they also create it at the same time.
    receipts = [finish(process) for process in (start(url, 0, 150), start(url, 100, 250))]
    ledger = open_database(url)
    assert set(receipts[0]) | set(receipts[1]) == stored(ledger)
    assert len(set(receipts[0]) & set(receipts[1])) == 50
    check(ledger, 250)
    ledger.close()
