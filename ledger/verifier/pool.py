"""The pieces of a log in order, checked in this process or shared among several.

Processes see one and the same state of the database: on PostgreSQL by its exported snapshot, on SQLite
because each tells what log it sees, and where that is another one the work is done here alone.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from typing import Any

from ledger.db import connect, snapshot
from ledger.verifier.deadline import Deadline
from ledger.verifier.piece import PIECE, Part, sealed_piece
from ledger.verifier.source import Source
from ledger.verifier.trust import Trust

Range = tuple[int, int]

_LOG = "SELECT size, root FROM ledger_log ORDER BY id"
_open: dict[str, Any] = {}
"""Of a process that shares the work: its source, and what it trusts."""


def pieces(size: int) -> list[Range]:
    """The places of a log of `size` entries, in pieces; an empty log has one, which is empty."""
    return [(start, min(start + PIECE, size)) for start in range(0, size or 1, PIECE)]


@contextmanager
def without_collector() -> Iterator[None]:
    """Look for no cycles meanwhile: what is made here is in none, and the search would cost a sixth."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def cores() -> int:
    """Processes that can work at the same time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parts_here(source: Source, trust: Trust, ranges: list[Range], deadline: Deadline) -> Iterator[Part]:
    """Check the pieces in this process."""
    for start, stop in ranges:
        deadline.left()
        yield sealed_piece(source, trust, start, stop)


def parts_shared(
    url: str, source: Source, trust: Trust, ranges: list[Range], processes: int, deadline: Deadline
) -> Iterator[Part]:
    """Check the pieces in several processes; those that none of them gave are checked here."""
    done = 0
    with ExitStack() as stack:
        try:
            pool = ProcessPoolExecutor(
                processes, get_context("spawn"), _start, (url, _exported(source), trust)
            )
            stack.callback(_stop, pool)
            for part in _in_order(pool, ranges, processes, list(source.rows(_LOG)), deadline):
                yield part
                done += 1
        except (BrokenProcessPool, OSError):
            pass
        except TimeoutError:
            deadline.left()
            raise
    yield from parts_here(source, trust, ranges[done:], deadline)


def _in_order(
    pool: ProcessPoolExecutor, ranges: list[Range], processes: int, log: list[Any], deadline: Deadline
) -> Iterator[Part]:
    """Few pieces are under way at a time, so that results do not pile up before they are joined."""
    waiting: deque[Future[Part | None]] = deque()
    todo = iter(ranges)
    while True:
        while len(waiting) <= 2 * processes and (each := next(todo, None)):
            waiting.append(pool.submit(_check, log, *each))
        if not waiting:
            return
        part = waiting.popleft().result(timeout=deadline.left())
        if part is None:  # another state of the database
            return
        yield part


def _exported(source: Source) -> str | None:
    return str(source.one("SELECT pg_export_snapshot()")[0]) if source.postgresql else None


def _start(url: str, exported: str | None, trust: Trust) -> None:
    """Begin in a process that shares the work."""
    gc.disable()
    stack = ExitStack()
    engine = connect(url, read_only=True)
    connection = stack.enter_context(snapshot(engine))
    if exported:
        connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{exported}'")
    source = Source(connection)
    _open.update(stack=stack, source=source, trust=trust, log=list(source.rows(_LOG)))


def _check(log: list[Any], start: int, stop: int) -> Part | None:
    if _open["log"] != log:
        return None
    return sealed_piece(_open["source"], _open["trust"], start, stop)


def _stop(pool: ProcessPoolExecutor) -> None:
    """Whatever is still under way is not waited for."""
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
