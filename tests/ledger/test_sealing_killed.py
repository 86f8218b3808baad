"""Appending and sealing processes that are killed at every step: nothing is lost, nothing comes twice."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Set
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.db import Ledger, open_database, snapshot
from ledger.merkle import root_of
from ledger.sealing.seal import seal_waiting
from ledger.tables import ledger_entry, ledger_inbox, ledger_index, ledger_log
from tests.ledger.fixtures import SAMPLE
from tests.ledger.support import draft, record, work

ROOT = Path(__file__).parents[2]
RECEIPT = re.compile(r"[0-9a-f]{64} \d+ [0-9a-f]{64}\b")

STEPS = (
    "SELECT size, root, frontier FROM ledger_log",
    "SELECT e.level",
    "INSERT INTO ledger_index",
    "INSERT INTO ledger_tile",
    "UPDATE ledger_log",
    "DELETE FROM ledger_inbox",
    "COMMIT",
    "committed",
)
"""What a batch consists of, in this order; between the second and the third the inbox is read."""


def start(url: str, duty: str, point: str = "-") -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "tests.ledger.seal_process", url, duty, point]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def whole(lines: Iterable[str]) -> set[str]:
    """The receipts a process told of; a line it was killed in, or that was read in two parts, is none."""
    return {match[0] for line in lines if (match := RECEIPT.match(line))}


def check(ledger: Ledger, receipts: Set[str] = frozenset()) -> None:
    """The log holds each entry exactly once, in the order of its chain, and its root is theirs."""
    entry, index = ledger_entry.c, ledger_index.c
    with snapshot(ledger.engine) as connection:
        rows = connection.execute(
            select(index.log_index, entry.id, entry.case_id, entry.seq, entry.leaf_hash)
            .select_from(ledger_index.outerjoin(ledger_entry, entry.pos == index.pos))
            .order_by(index.log_index)
        ).all()
        entries = set(connection.scalars(select(entry.id)))
        log = connection.execute(select(ledger_log)).one()
        assert connection.scalars(select(ledger_inbox.c.pos)).all() == []
    assert [row.log_index for row in rows] == list(range(log.size))
    assert len(rows) == len(entries)
    assert {row.id for row in rows} == entries
    assert root_of(bytes.fromhex(row.leaf_hash) for row in rows).hex() == log.root
    chains: dict[str, list[int]] = {}
    for row in rows:
        chains.setdefault(row.case_id, []).append(row.seq)
    assert all(chain == list(range(1, len(chain) + 1)) for chain in chains.values())
    assert receipts <= {f"{row.id} {row.seq} {row.leaf_hash}" for row in rows}


@pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("step", STEPS)
def test_a_sealer_killed_at_each_step(ledger: Ledger, url: str, step: str) -> None:
    record(ledger, *(work(f"LX-{n % 3}", str(n)) for n in range(60)))
    for count in (1, 3):
        process = start(url, "seal", f"{step}:{count}")
        process.communicate(timeout=60)
        assert process.returncode == -9
    with snapshot(ledger.engine) as connection:
        size = connection.scalar(select(ledger_log.c.size))
    # Batches of seven: whole ones only, and at least those before the fatal one.
    assert size is not None
    assert size % 7 == 0
    assert size >= 14
    assert seal_waiting(ledger) == 60 - size
    check(ledger)


@pytest.mark.parametrize("new_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", ["INSERT INTO ledger_entry", "INSERT INTO ledger_inbox", *STEPS])
def test_an_append_that_seals_killed_at_each_step(url: str, step: str) -> None:
    receipts: set[str] = set()
    for count in (2, 5):
        process = start(url, "append", f"{step}:{count}")
        said, _ = process.communicate(timeout=60)
        assert process.returncode == -9
        receipts |= {
            line for line in said.splitlines() if len(line.split()) == 3 and len(line.split()[2]) == 64
        }
    ledger = open_database(url, SAMPLE)
    check(ledger, receipts)
    record(ledger, *(work(f"LX-{n % 5}", str(n), draft()) for n in range(40)))
    check(ledger, receipts)
    ledger.close()


@pytest.mark.parametrize("new_url", ["postgresql"], indirect=True)
def test_writers_and_sealers_killed_again_and_again(ledger: Ledger, url: str) -> None:
    """Two writers and two sealers at once, each killed at some moment and started anew."""
    receipts: set[str] = set()
    for round_ in range(3):
        writers = [start(url, "append"), start(url, "append", f"WITH e AS:{5 + round_}")]
        sealers = [start(url, "seal"), start(url, "seal", f"{STEPS[3 + round_]}:{2 + round_}")]
        heard = writers[0].stdout
        assert heard is not None
        first = [heard.readline() for _ in range(8 * 10 * (round_ + 1))]
        for process in (*writers, *sealers):
            process.kill()
            rest, _ = process.communicate(timeout=60)
            first += rest.splitlines()
        receipts |= whole(first)
    seal_waiting(ledger)
    assert len(receipts) >= 240
    check(ledger, receipts)


def test_the_batches_of_a_log_of_many_tiles(ledger: Ledger) -> None:
    """Sizes around the widths of tiles, sealed in unequal batches, give the tree of their leaves."""
    sizes = (1, 255, 256, 257, 511, 700, 1000, 1537)
    done = 0
    for before, size in pairwise((0, *sizes)):
        record(ledger, *(work(f"LX-{n % 40}", str(n)) for n in range(before, size)))
        done += seal_waiting(ledger)
        check(ledger)
    with snapshot(ledger.engine) as connection:
        assert connection.scalar(select(ledger_log.c.size)) == sizes[-1]
