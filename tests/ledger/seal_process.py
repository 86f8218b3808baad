"""A process of its own that appends or seals until it is killed, at a named statement or at any moment.

Arguments: URL, `append` or `seal`, and how often a statement of a kind may begin before the process kills
itself, as `kind:count`, or `-`. A kind is the beginning of a statement, such as `INSERT INTO ledger_tile`, or
COMMIT; `committed` is the moment after it.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

from sqlalchemy import event

from ledger.commit import Committer
from ledger.db import Ledger, open_database
from ledger.sealing.seal import seal
from tests.ledger.fixtures import SAMPLE
from tests.ledger.support import draft, work
from tests.ledger.writer import tell


def main(url: str, duty: str, point: str) -> None:
    """Do it until killed."""
    ledger = open_database(url, SAMPLE)
    if point != "-":
        kind, _, count = point.rpartition(":")
        die_at(ledger, kind, int(count))
    print("ready", flush=True)
    (append_on if duty == "append" else seal_on)(ledger)


def die_at(ledger: Ledger, kind: str, count: int) -> None:
    """Kill this process when the `count`th statement of the kind is about to begin."""
    left = count

    def begun(statement: str) -> None:
        nonlocal left
        if " ".join(statement.split()).startswith(kind):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def before(_: Any, cursor: Any, statement: str, *rest: Any) -> None:
        begun(statement)

    event.listen(ledger.engine, "before_cursor_execute", before)
    event.listen(ledger.engine, "commit", lambda _: begun("COMMIT"))
    # A connection that goes back to the pool has committed.
    event.listen(ledger.engine, "checkin", lambda *_: begun("committed"))


def append_on(ledger: Ledger) -> None:
    """Record entry after entry, a few in flight; those already recorded give their receipts again."""
    committer = Committer(ledger)
    committer.start()
    for first in range(0, 100_000, 8):
        tell([committer.submit(work(f"LX-{n % 5}", str(n), draft())) for n in range(first, first + 8)])


def seal_on(ledger: Ledger) -> None:
    """Seal in small batches, so that there are many."""
    while True:
        with ledger.engine.begin() as connection:
            sealed = seal(connection, limit=7)
        if sealed is None or not sealed.count:
            time.sleep(0.001)


if __name__ == "__main__":
    main(*sys.argv[1:])
