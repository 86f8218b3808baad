"""The keeper: while it runs, what is recorded is sealed, signed and shown to witnesses within a moment.

`keep` does all of it once; `Keeper` does it in threads of a process that has other work. Each duty has a
thread of its own: a witness that is away holds up no signature, a signer that refuses holds up no sealing,
and none of them holds up the people whose acts are recorded. A duty that fails says so once for each reason
and tries again, more and more rarely.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType

from sqlalchemy import select

from ledger.anchors.timestamps import Stamped
from ledger.anchors.witnesses import Published
from ledger.db import snapshot
from ledger.notes import Checkpoint
from ledger.sealing.duties import Keeping, publish_due, ready_to_sign, sign_due, stamp_due
from ledger.sealing.duty import Duty
from ledger.sealing.seal import seal_waiting
from ledger.sealing.sealer import Sealer
from ledger.tables import ledger_log

LOOK = 0.25
"""Seconds between two looks at whether the log grew."""

LOOK_CLOSER = 60.0
"""Seconds between two close looks (tiles, checkpoints, the signer's memory) at a log that did not grow."""

PARTING = 5.0
"""Seconds that a process which ends gives to the witnesses for its last checkpoint."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What one round came to."""

    sealed: int
    checkpoint: Checkpoint | None
    """None where nothing new was signed."""
    published: tuple[Published, ...] = ()
    stamped: tuple[Stamped, ...] = ()


def keep(keeping: Keeping, *, outside: bool = True) -> Kept:
    """Seal and sign now, however little time has passed; then ask outside for cosignatures and tokens.

    Raises SealRefusedError, SignerRefusedError, KeyringError, BadPolicyError and what the database raises.
    """
    ready = ready_to_sign(keeping)
    sealed = seal_waiting(keeping.ledger)
    checkpoint = sign_due(keeping, timedelta()) if ready else None
    if not outside:
        return Kept(sealed, checkpoint)
    return Kept(sealed, checkpoint, publish_due(keeping), stamp_due(keeping))


class Keeper(AbstractContextManager["Keeper"]):
    """Threads that keep a ledger while the body runs; what is left is sealed and signed before it ends."""

    def __init__(self, keeping: Keeping) -> None:
        """The ledger is the keeper's own handle: it closes it."""
        self._keeping = keeping
        self._looked: tuple[int, str] | None = None
        self._look_again = 0.0
        self._sealer = Sealer(keeping.ledger)
        self._signing = Duty("sign", self._sign, LOOK)
        self._publishing = Duty("publish", self._publish, 1.0)
        self._stamping = Duty("stamp", self._stamp, 60.0)

    def __enter__(self) -> Keeper:
        """Begin."""
        for each in (self._sealer, self._signing, self._publishing, self._stamping):
            each.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, seal and sign the rest, give the outside a moment for it, let go of the database."""
        self._sealer.close()
        self._signing.stop()
        Duty("seal and sign", self._finish, LOOK).once()
        self._publishing.stop(once_more=True, patience=PARTING)
        self._stamping.stop(patience=PARTING)
        self._keeping.ledger.close()

    def _sign(self) -> tuple[str, ...]:
        """Sign where the log is not what was signed last, or nobody has looked closely for a minute."""
        found = self._head()
        if found == self._looked and time.monotonic() < self._look_again:
            return ()
        if not ready_to_sign(self._keeping):
            return ()
        if sign_due(self._keeping) is not None:
            self._publishing.wake()
        last = self._keeping.signer().state.read()
        if last is not None and (last.checkpoint.size, last.checkpoint.root.hex()) == found:
            self._looked, self._look_again = found, time.monotonic() + LOOK_CLOSER
        return ()

    def _head(self) -> tuple[int, str] | None:
        with snapshot(self._keeping.ledger.engine) as connection:
            row = connection.execute(select(ledger_log.c.size, ledger_log.c.root)).first()
        return None if row is None else (int(row.size), str(row.root))

    def _finish(self) -> tuple[str, ...]:
        keep(self._keeping, outside=False)
        return ()

    def _publish(self) -> tuple[str, ...]:
        return tuple(f"{each.witness}: {each.told}" for each in publish_due(self._keeping) if each.problem)

    def _stamp(self) -> tuple[str, ...]:
        return tuple(f"{each.authority}: {each.told}" for each in stamp_due(self._keeping) if each.problem)
