"""Group commit: many waiting callers share one transaction and one fsync.

One writer thread takes what has piled up while it was committing. A future completes only after
COMMIT, so that a receipt in a workflow's history always stands for a durable row. When a batch fails,
its items are tried one by one: a poisoned item harms nobody but itself.
"""

from __future__ import annotations

from concurrent.futures import Future
from queue import Empty, Queue
from threading import Lock, Thread
from typing import NamedTuple

from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ledger.append import Project, Work, append_all, append_conflict
from ledger.db import Ledger, unavailable
from ledger.errors import BadEntryError, LedgerConflictError
from schemas.entries import Receipt
from schemas.errors import UnavailableError, YangguangError

BATCH = 256
"""Requests in one transaction."""

WAITING = 4096
"""Requests that may wait; more are pushed back."""


class _Item(NamedTuple):
    work: Work
    future: Future[list[Receipt]]


class Committer:
    """The one writer of this process. Start it, submit to it from any thread, close it."""

    def __init__(self, ledger: Ledger, project: Project | None = None, *, waiting: int = WAITING) -> None:
        """`project` writes derived rows in the transaction of the entries they come from."""
        self._ledger = ledger
        self._project = project
        self._queue: Queue[_Item | None] = Queue(waiting + 1)
        self._waiting = waiting
        self._open = False
        self._door = Lock()
        self._thread = Thread(target=self._run, name="ledger-committer", daemon=True)

    def start(self) -> None:
        """Begin to write. A committer is started once."""
        self._thread.start()
        self._open = True

    def close(self) -> None:
        """Write what is waiting, then stop; later submissions are refused."""
        with self._door:
            was_open, self._open = self._open, False
        if was_open:
            self._queue.put(None)
            self._thread.join()

    def submit(self, work: Work) -> Future[list[Receipt]]:
        """Queue one request; the future gives its receipts once they are durable.

        The future fails with LedgerConflictError, ClockDisagreementError or a UsageError (trying again
        is useless) or with UnavailableError (try again). Raises UnavailableError itself when too many
        wait or the committer is closed.
        """
        future: Future[list[Receipt]] = Future()
        with self._door:
            if not self._open:
                raise UnavailableError("总账写入已停止 / the ledger's writer is not running")
            if self._queue.qsize() >= self._waiting:
                said = f"总账繁忙 / {self._waiting} requests already wait for the ledger"
                raise UnavailableError(said, code="busy")
            self._queue.put_nowait(_Item(work, future))
        return future

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            items, more = self._drain(first)
            live = [item for item in items if item.future.set_running_or_notify_cancel()]
            if live:
                self._commit(live)
            if not more:
                return

    def _drain(self, first: _Item) -> tuple[list[_Item], bool]:
        """What waits behind `first`, up to a batch; whether more may come."""
        items = [first]
        while len(items) < BATCH:
            try:
                item = self._queue.get_nowait()
            except Empty:
                break
            if item is None:
                return items, False
            items.append(item)
        return items, True

    def _commit(self, items: list[_Item]) -> None:
        try:
            receipts = self._write([item.work for item in items])
        except Exception as error:
            self._recover(items, _typed(error))
            return
        for item, own in zip(items, receipts, strict=True):
            item.future.set_result(own)

    def _recover(self, items: list[_Item], error: Exception) -> None:
        """After a roll-back: tell everybody the database is away, or find the item at fault."""
        if len(items) == 1 or isinstance(error, UnavailableError):
            for item in items:
                item.future.set_exception(self._settled(item.work, error))
            return
        for item in items:
            self._commit([item])

    def _write(self, works: list[Work]) -> list[list[Receipt]]:
        with self._ledger.engine.begin() as connection:
            return append_all(self._ledger, connection, works, self._project)

    def _settled(self, work: Work, error: Exception) -> Exception:
        """The error to hand out; a conflict only once it is itself on record."""
        if not isinstance(error, LedgerConflictError):
            return error
        try:
            with self._ledger.engine.begin() as connection:
                append_conflict(self._ledger, connection, work, error)
        except Exception as failure:
            return _typed(failure)
        return error


def _typed(error: Exception) -> Exception:
    """What a caller can act on: refused by us, out of reach, not storable. The rest is a defect and stays."""
    if isinstance(error, YangguangError):
        return error
    if isinstance(error, PoolTimeoutError) or (isinstance(error, DBAPIError) and unavailable(error)):
        return UnavailableError(f"总账数据库不可用 / the ledger's database is out of reach: {_said(error)}")
    if isinstance(error, DataError):
        return BadEntryError(f"数据库拒绝该值 / the database refuses a value: {_said(error)}")
    return error


def _said(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().split("\n")[0]
