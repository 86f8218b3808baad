"""How far checkpoints are behind: from the COMMIT of an entry until a signed checkpoint covers it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from threading import Thread

from sqlalchemy import Column, Engine, func, select

from bench.ledger_entries import ORIGIN, database, work
from ledger.commit import Committer
from ledger.db import open_database
from ledger.sealing.duties import Keeping
from ledger.sealing.keeper import Keeper
from ledger.tables import ledger_checkpoint, ledger_entry

RATE = 500
"""Entries a second."""

LOOK = 0.02
"""Seconds between two looks at the newest checkpoint."""


def lags(seconds: float) -> list[float]:
    """At every look, the age in seconds of the oldest entry that no checkpoint covers yet; 0 for none."""
    with database("postgresql") as url, tempfile.TemporaryDirectory() as folder:
        ledger = open_database(url, ORIGIN)
        committer = Committer(ledger)
        committer.start()
        with Keeper(Keeping(open_database(url), Path(folder))):
            _until_signed(ledger.engine)
            committed: list[float] = []
            before = _number(ledger.engine, ledger_entry.c.pos)
            appending = Thread(target=_append, args=(committer, committed, seconds))
            appending.start()
            found = []
            while appending.is_alive():
                time.sleep(LOOK)
                covered = _number(ledger.engine, ledger_checkpoint.c.size) - before
                waiting = committed[max(covered, 0) :]
                found.append(time.monotonic() - waiting[0] if waiting else 0.0)
        committer.close()
        ledger.close()
    return found


def _append(committer: Committer, committed: list[float], seconds: float) -> None:
    """One entry every two milliseconds, whatever the ledger does; when each was committed."""
    began = time.monotonic()
    for n in range(int(seconds * RATE)):
        time.sleep(max(0.0, began + n / RATE - time.monotonic()))
        committer.submit(work(n)).add_done_callback(lambda _: committed.append(time.monotonic()))


def _until_signed(engine: Engine) -> None:
    """The first keys are made, recorded and signed."""
    while not _number(engine, ledger_checkpoint.c.size):
        time.sleep(LOOK)


def _number(engine: Engine, column: Column[int]) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(func.max(column))) or 0)
