"""Real ledgers with entries, sealed, and signed as a signer would."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Executable, insert, select, update

from ledger.db import Ledger, snapshot
from ledger.entry import instant
from ledger.notes import Checkpoint, KeyKind, Note, SigningKey, generate_key
from ledger.notes.policy import LogKey, Policy, PolicyWitness
from ledger.sealing.seal import seal_waiting
from ledger.sealing.stored import newest_note
from ledger.tables import ledger_checkpoint, ledger_cosignature, ledger_log, ledger_tile
from tests.anchors.serving import utc_now
from tests.ledger.fixtures import SAMPLE
from tests.ledger.support import record, work
from tests.ledger.tampering import without_guards


class Signed:
    """A ledger and the key that signs for it."""

    def __init__(self, ledger: Ledger) -> None:
        """A key of the ledger's name."""
        self.ledger = ledger
        self.key: SigningKey = generate_key(SAMPLE.name, KeyKind.ED25519)
        self.activity = 0

    def grow(self, count: int) -> int:
        """Record, seal and sign; gives the size that is signed then."""
        works = [work("LX-1", str(self.activity + n)) for n in range(count)]
        self.activity += count
        record(self.ledger, *works)
        seal_waiting(self.ledger)
        with self.ledger.engine.begin() as connection:
            log = connection.execute(select(ledger_log.c.size, ledger_log.c.root)).one()
            text = Checkpoint(SAMPLE.name, log.size, bytes.fromhex(log.root)).text
            note = Note(text, (self.key.sign(text, utc_now()),)).encode().decode()
            row = {"size": log.size, "root": log.root, "note": note, "signed": instant(utc_now())}
            connection.execute(insert(ledger_checkpoint).values(row))
        return int(log.size)

    def policy(self, witnesses: Iterable[PolicyWitness] = (), quorum: int | str = "none") -> Policy:
        """The ledger's key and these witnesses."""
        policy = Policy().with_log(LogKey(self.key.verifier))
        for witness in witnesses:
            policy = policy.with_witness(witness)
        return policy.with_quorum(quorum)

    @property
    def note(self) -> Note:
        """The newest checkpoint with what cosigns it."""
        with snapshot(self.ledger.engine) as connection:
            note = newest_note(connection)
        assert note is not None
        return note

    def stored(self) -> list[tuple[int, str, datetime]]:
        """Size, key and time of receipt of all cosignatures kept."""
        columns = ledger_cosignature.c
        query = select(columns.size, columns.key, columns.received).order_by(columns.size, columns.key)
        with snapshot(self.ledger.engine) as connection:
            rows = connection.execute(query).all()
        return [(row.size, row.key, datetime.fromisoformat(row.received)) for row in rows]

    def tamper(self, *statements: Executable) -> None:
        """Act as somebody who owns the database."""
        with self.ledger.engine.begin() as connection:
            without_guards(connection)
            for each in statements:
                connection.execute(each)

    def spoil_tile(self) -> None:
        """Alter the lowest tile."""
        with snapshot(self.ledger.engine) as connection:
            hashes = connection.scalar(select(ledger_tile.c.hashes).where(ledger_tile.c.level == 0))
        assert hashes is not None
        wrong = bytes([hashes[0] ^ 1]) + bytes(hashes[1:])
        self.tamper(update(ledger_tile).where(ledger_tile.c.level == 0).values(hashes=wrong))
