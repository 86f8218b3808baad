"""How many entries a second are appended and sealed. Every append is durable when its receipt is given."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import count
from multiprocessing import get_context

from bench.ledger_entries import ORIGIN, database, work
from ledger.append import append_all
from ledger.commit import Committer
from ledger.db import Ledger, open_database
from ledger.sealing.seal import seal_waiting
from schemas.entries import Receipt

CONNECTIONS = 8
PROCESSES = 2
_ahead = count()


def appended(entries: int, callers: int, runs: int) -> list[float]:
    """Entries a second on PostgreSQL, one a call: eight connections, each with so many callers at a time."""
    with database("postgresql") as url, _processes() as pool:
        open_database(url, ORIGIN).close()
        return [_appended(pool, url, entries, callers) for _ in range(runs)]


def appended_alone(kind: str, entries: int, together: int, runs: int) -> list[float]:
    """Entries a second by one process without group commit, so many calls in each transaction."""
    with database(kind) as url:
        ledger = open_database(url, ORIGIN)
        rates = [_rate(entries, lambda: _fill(ledger, entries, together)) for _ in range(runs)]
        ledger.close()
    return rates


def sealed(entries: int, runs: int) -> list[float]:
    """Entries a second that one sealer seals on PostgreSQL, which have all been waiting."""
    rates = []
    with database("postgresql") as url:
        ledger = open_database(url, ORIGIN)
        for _ in range(runs):
            _fill(ledger, entries, 500)
            rates.append(_rate(entries, lambda: seal_waiting(ledger)))
        ledger.close()
    return rates


def _processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"))


def _appended(pool: ProcessPoolExecutor, url: str, entries: int, callers: int) -> float:
    run = next(_ahead)
    shares = [
        pool.submit(_share, url, f"{run}-{process}-", entries // PROCESSES, callers)
        for process in range(PROCESSES)
    ]
    times = [share.result() for share in shares]
    # The clock is the machine's: from when the first begins until the last has its last receipt.
    return entries / (max(end for _, end in times) - min(begin for begin, _ in times))


def _share(url: str, lane: str, entries: int, callers: int) -> tuple[float, float]:
    """What one process appends, on its part of the connections; when it began and ended."""
    own = CONNECTIONS // PROCESSES
    ledgers = [open_database(url) for _ in range(own)]
    committers = [Committer(ledger) for ledger in ledgers]
    for committer in committers:
        committer.start()
        committer.submit(work(0, f"{lane}warm-{id(committer)}-")).result()
    began = time.monotonic()
    with ThreadPoolExecutor(own) as pool:
        for n, committer in enumerate(committers):
            pool.submit(_call, committer, f"{lane}{n}-", entries // own, callers)
    ended = time.monotonic()
    for committer, ledger in zip(committers, ledgers, strict=True):
        committer.close()
        ledger.close()
    return began, ended


def _call(committer: Committer, lane: str, entries: int, callers: int) -> None:
    """`callers` at a time, each of whom waits for his receipt before the next takes his place."""
    asked: deque[Future[list[Receipt]]] = deque()
    for n in range(entries):
        if len(asked) == callers:
            asked.popleft().result()
        asked.append(committer.submit(work(n, lane)))
    for each in asked:
        each.result()


def _fill(ledger: Ledger, entries: int, together: int) -> None:
    lane = f"{next(_ahead)}-"
    for first in range(0, entries, together):
        with ledger.engine.begin() as connection:
            append_all(
                ledger, connection, [work(n, lane) for n in range(first, min(first + together, entries))]
            )


def _rate(entries: int, measured: Callable[[], object]) -> float:
    began = time.monotonic()
    measured()
    return entries / (time.monotonic() - began)
