"""The signer: it says how large the log is and what is in it, and never contradicts itself.

It trusts the database no more than a stranger would. It pulls the new leaves, grows its own tree from what
it signed last, and refuses (SignerRefusedError, an error `signer_refused` in the log) a smaller tree,
another root at the same size, a missing entry or tile, a foreign origin, a checkpoint it does not remember
and a clock gone back. Trying again never helps and it never resets itself: somebody has to look. A
checkpoint is remembered on its own disk first and let go afterwards; a process killed in between lets go the
very same bytes when it is back.

When nothing came, the signed log is looked at again every hour (`heartbeat`) and the time of that is
remembered; a note is not signed twice for one size, for a checkpoint is kept once. Whoever cosigns tells his
own time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Connection, select

from ledger.db import Ledger, read_origin, snapshot
from ledger.dialect import is_postgresql, upsert
from ledger.entry import instant
from ledger.errors import SignerRefusedError
from ledger.merkle import Frontier
from ledger.notes import Checkpoint, Note, NoteError, parse_note, verify_note
from ledger.sealing.keyring import Keyring
from ledger.sealing.pulled import Head, check_tiles, grow_to, read_head
from ledger.sealing.signer_state import Signed, SignerState
from ledger.tables import ledger_checkpoint

PACE = timedelta(milliseconds=500)
"""Least time between two checkpoints."""

HEARTBEAT = timedelta(hours=1)
"""Longest time between two looks at a log that does not grow."""

SLACK = timedelta(seconds=1)
"""A clock set back by no more counts as standing still: signatures tell whole seconds."""

_log = structlog.get_logger(__name__)
_CHECKPOINT = ledger_checkpoint.c


class Signer:
    """Signs one log with the keys of a keyring, remembering in the file `state`."""

    def __init__(
        self, keyring: Keyring, state: Path, *, pace: timedelta = PACE, heartbeat: timedelta = HEARTBEAT
    ) -> None:
        """Several processes may have a signer on the same files; they take turns."""
        self.keyring = keyring
        self.state = SignerState(state)
        self._pace = pace
        self._heartbeat = heartbeat

    def sign(self, ledger: Ledger, now: datetime) -> Checkpoint | None:
        """Sign what was sealed since the last time; None where nothing is due.

        Raises SignerRefusedError, KeyringError, and UnavailableError where another signer does not get done.
        """
        self.keyring.require()
        try:
            with self.state.alone() as waited:
                self.keyring.check()
                return self._sign(ledger, now.astimezone(UTC) + timedelta(seconds=waited))
        except SignerRefusedError as refused:
            _log.error("signer_refused", origin=self.keyring.origin, told=refused.message)
            raise

    def _sign(self, ledger: Ledger, now: datetime) -> Checkpoint | None:
        last = self.state.read()
        now = _not_before(last, now)
        with snapshot(ledger.engine) as connection:
            head = self._checked(connection, last)
            waits = last is not None and _released(connection, last.checkpoint.size) is None
            due = self._due(last, head, now)
            tree = last.tree() if last else Frontier()
            if due:
                grow_to(connection, tree, head)
                check_tiles(connection, head.size, head.root)
        if last is not None and waits:
            _release(ledger, last)
        return self._go_on(ledger, last, tree, now) if due else None

    def _checked(self, connection: Connection, last: Signed | None) -> Head:
        """What the sealer says, once it is clear that it continues what was signed."""
        self._check_origin(connection, last)
        head = read_head(connection)
        _check_memory(connection, last)
        if last is not None:
            size, root = last.checkpoint.size, last.checkpoint.root
            if head.size < size:
                said = (
                    f"总账变小 / the log has {head.size} entries, {size} were signed: was a backup restored?"
                )
                raise SignerRefusedError(said)
            if head.size == size and head.root != root:
                raise SignerRefusedError(f"{size}: 同一大小根不同 / another root at the size that was signed")
            check_tiles(connection, size, root)
        return head

    def _check_origin(self, connection: Connection, last: Signed | None) -> None:
        stored = read_origin(connection)
        names = {stored.name if stored else "-", self.keyring.origin}
        if last is not None:
            names.add(last.checkpoint.origin)
        if len(names) != 1:
            raise SignerRefusedError(f"来源不符 / not the log of this signer: {', '.join(sorted(names))}")

    def _due(self, last: Signed | None, head: Head, now: datetime) -> bool:
        if last is None:
            return head.size > 0
        return now - last.at >= (self._pace if head.size > last.checkpoint.size else self._heartbeat)

    def _go_on(self, ledger: Ledger, last: Signed | None, tree: Frontier, now: datetime) -> Checkpoint:
        if last is not None and last.checkpoint.size == tree.size:
            self.state.write(last.seen(now))
            return last.checkpoint
        checkpoint = Checkpoint(self.keyring.origin, tree.size, tree.root())
        signed = Signed(self._note(checkpoint, now), tree.hashes, now)
        self.state.write(signed)
        _release(ledger, signed)
        return checkpoint

    def _note(self, checkpoint: Checkpoint, now: datetime) -> str:
        """The checkpoint under the signatures of all active keys, read back as a stranger would."""
        keys = self.keyring.active
        note = Note(checkpoint.text, tuple(key.sign(checkpoint.text, now) for key in keys))
        raw = note.encode()
        try:
            found = verify_note(parse_note(raw), tuple(key.verifier for key in keys))
        except NoteError as error:
            raise SignerRefusedError(f"自签无效 / our own signature does not hold: {error.message}") from None
        if len(found) != len(keys):
            raise SignerRefusedError("自签不全 / a signature of our own is missing")
        return raw.decode()


def _not_before(last: Signed | None, now: datetime) -> datetime:
    """The time to sign with: never earlier than the last one. Raises SignerRefusedError."""
    if last is None or now >= last.at:
        return now
    if last.at - now > SLACK:
        said = f"时钟倒退 / it is {instant(now)}, but {instant(last.at)} was signed already"
        raise SignerRefusedError(said)
    return last.at


def _check_memory(connection: Connection, last: Signed | None) -> None:
    """What was let go must be what is remembered. Raises SignerRefusedError."""
    newest = connection.scalar(select(_CHECKPOINT.size).order_by(_CHECKPOINT.size.desc()).limit(1))
    known = 0 if last is None else last.checkpoint.size
    if newest is not None and newest > known:
        what = "签名状态丢失" if last is None else "签名状态过旧"
        raise SignerRefusedError(
            f"{what} / checkpoints up to {newest} are in the database, the signer's state knows {known}:"
            " bring its newest state.json back; where there is none, see `Keys` in docs/operations.md"
        )
    if last is not None and (stored := _released(connection, known)) is not None and stored != last.note:
        raise SignerRefusedError(
            f"{known}: 检查点被改 / the stored checkpoint is not the one that was signed"
        )


def _released(connection: Connection, size: int) -> str | None:
    return connection.scalar(select(_CHECKPOINT.note).where(_CHECKPOINT.size == size))


def _release(ledger: Ledger, signed: Signed) -> None:
    """Let go of what is remembered; a second time changes nothing."""
    checkpoint = signed.checkpoint
    row = {
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "note": signed.note,
        "signed": instant(signed.at),
    }
    with ledger.engine.begin() as connection:
        statement = upsert(ledger_checkpoint, postgresql=is_postgresql(connection)).values(row)
        connection.execute(statement.on_conflict_do_nothing(index_elements=["size"]))
