"""Requests that race and witnesses that are killed: the state is never behind a cosignature."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from ledger.anchors.witness_folder import Witness, logs, open_witness, trust
from ledger.notes import parse_signatures
from tests.anchors.logs import Log
from tests.anchors.serving import served

ROOT = Path(__file__).parents[2]


@contextmanager
def process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A witness as a process of its own, with its URL; ended by force if the test did not end it."""
    line = [sys.executable, "-m", "tests.anchors.serve", str(folder)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running, running.stdout.readline().strip()
        finally:
            running.kill()


def race(url: str, log: Log, sizes: range, while_it: Callable[[int], bool]) -> list[int]:
    """Grow the witness's view by whatever it says it has seen; gives the sizes it cosigned."""
    cosigned: list[int] = []
    with httpx.Client(trust_env=False, base_url=url) as http:
        known = 0
        for size in sizes:
            if not while_it(size):
                break
            try:
                told = http.post("/add-checkpoint", content=log.request(min(known, size), size).encode())
            except httpx.HTTPError:
                break
            if told.status_code == 409:
                known = int(told.text)
            elif told.status_code == 200:
                parse_signatures(told.text)
                known = size
                cosigned.append(size)
    return cosigned


def seen(folder: Path) -> tuple[int, bytes]:
    (log,) = logs(open_witness(folder))
    assert log.seen is not None
    return log.seen.size, log.seen.root


def test_racing_requests_never_take_the_witness_back(witness: Witness) -> None:
    log = Log().grow(160)
    trust(witness, log.vkey)
    sizes = [range(first, 161, 4) for first in (1, 2, 3, 4)]
    with served(witness) as url, ThreadPoolExecutor(4) as pool:
        cosigned = list(pool.map(lambda each: race(url, log, each, lambda _: True), sizes))
    # Each racer asks again from the size that is named, so some are cosigned; none is cosigned twice.
    assert all(each == sorted(each) for each in cosigned)
    assert sum(map(len, cosigned)) > 20
    assert seen(witness.folder)[0] == max(max(each, default=0) for each in cosigned)


def test_two_requests_from_the_same_size_one_wins(witness: Witness) -> None:
    log = Log().grow(30)
    trust(witness, log.vkey)
    bodies = [log.request(0, size).encode() for size in range(10, 18)]
    with (
        served(witness) as url,
        httpx.Client(trust_env=False, base_url=url) as http,
        ThreadPoolExecutor(8) as pool,
    ):
        told = list(pool.map(lambda raw: http.post("/add-checkpoint", content=raw), bodies))
    assert sorted(each.status_code for each in told) == [200] + [409] * 7
    (winner,) = (size for size, each in zip(range(10, 18), told, strict=True) if each.status_code == 200)
    assert {each.text for each in told if each.status_code == 409} == {f"{winner}\n"}
    assert seen(witness.folder) == (winner, log.subtree(0, winner))


def test_killed_in_the_middle_the_state_covers_every_cosignature(witness: Witness) -> None:
    folder, log = witness.folder, Log().grow(500)
    trust(witness, log.vkey)
    reached = 0
    for _ in range(3):
        with process(folder) as (running, url), ThreadPoolExecutor(3) as pool:
            last = reached + 40

            def before_the_end(size: int, end: int = last, pid: int = running.pid) -> bool:
                if size >= end:
                    os.kill(pid, signal.SIGKILL)
                return size < end + 3

            sizes = [range(reached + first, 500, 3) for first in (1, 2, 3)]
            racing = [pool.submit(race, url, log, each, before_the_end) for each in sizes]
            cosigned = [size for each in racing for size in each.result()]
            assert running.wait(30) == -signal.SIGKILL
        size, root = seen(folder)
        assert size >= max(cosigned) > reached
        assert root == log.subtree(0, size)
        reached = size
    forked = log.fork(reached - 1).grow(9, "forged")
    with process(folder) as (_, url), httpx.Client(trust_env=False, base_url=url) as http:
        told = http.post("/add-checkpoint", content=forked.request(reached, reached + 3).encode())
        assert told.status_code == 422
        told = http.post("/add-checkpoint", content=log.request(reached, 500).encode())
        assert told.status_code == 200
