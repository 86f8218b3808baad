"""The sealer of a process: seals what was appended, within a moment, for as long as the process runs.

Any number of processes may run one: they take turns (`ledger.sealing.seal`). It looks every quarter of a
second, or at once when told, and outlives whatever keeps it from sealing: a database out of reach, or a
log that refuses. Both are told and tried again, more and more rarely.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ledger.db import Ledger, snapshot, unavailable
from ledger.errors import SealRefusedError
from ledger.sealing.seal import Sealed, seal
from ledger.tables import ledger_inbox
from schemas.errors import UnavailableError

PAUSE = 0.25
"""Seconds between two looks at the inbox, unless told sooner."""

LONGEST_PAUSE = 30.0
"""Seconds, at most, until a sealing that failed is tried again."""

BEHIND = 30.0
"""Seconds after which an entry that still waits is an alarm (and again after each such time)."""

_log = structlog.get_logger(__name__)


class Sealer:
    """A thread that seals. Start it once, `wake` it from any thread, close it."""

    def __init__(self, ledger: Ledger, on_sealed: Callable[[Sealed], None] | None = None) -> None:
        """`on_sealed` is told of each batch, after its COMMIT, in the sealer's own thread."""
        self._ledger = ledger
        self._on_sealed = on_sealed
        self._called = Event()
        self._stop = Event()
        self._oldest: int | None = None
        self._since = 0.0
        self._thread = Thread(target=self._run, name="ledger-sealer", daemon=True)

    def start(self) -> None:
        """Begin to seal. A sealer is started once."""
        self._thread.start()

    def wake(self) -> None:
        """Something was appended: look now."""
        self._called.set()

    def close(self) -> None:
        """Finish the batch in hand, then stop; what still waits is sealed by the next sealer."""
        self._stop.set()
        self._called.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause = PAUSE
        while not self._stop.is_set():
            self._called.clear()
            if self._try():
                pause = PAUSE
                self._called.wait(pause)
            else:
                # Not even for those who call: what failed would fail again at their pace.
                pause = min(2 * pause, LONGEST_PAUSE)
                self._stop.wait(pause)

    def _try(self) -> bool:
        """One round; whether it went well."""
        try:
            self._seal_all()
            return True
        except SealRefusedError as refused:
            _log.error("seal_refused", told=refused.message)
        except (DBAPIError, PoolTimeoutError, UnavailableError) as error:
            if isinstance(error, DBAPIError) and not unavailable(error):
                _log.exception("seal_failed")
            else:
                _log.warning("seal_waits", told=str(error).split("\n")[0])
        except Exception:
            # Whatever it was: entries must go on being sealed when it is over.
            _log.exception("seal_failed")
        return False

    def _seal_all(self) -> None:
        known: dict[str, int] = {}
        while not self._stop.is_set() and self._oldest_waiting() is not None:
            with self._ledger.engine.begin() as connection:
                sealed = seal(connection, known=known)
            if sealed is None:
                return  # another candidate is at it
            known.update(sealed.ends)
            if sealed.count and self._on_sealed is not None:
                self._on_sealed(sealed)

    def _oldest_waiting(self) -> int | None:
        """Position that waits longest. Time is counted from when it was first seen, whatever clocks say."""
        with snapshot(self._ledger.engine) as connection:
            oldest: int | None = connection.scalar(select(func.min(ledger_inbox.c.pos)))
        now = time.monotonic()
        if oldest != self._oldest:
            self._oldest, self._since = oldest, now
        elif oldest is not None and now - self._since > BEHIND:
            _log.error("seal_behind", position=oldest, seconds=BEHIND)
            self._since = now
        return oldest
