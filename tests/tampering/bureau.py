"""A bureau with everything that convicts: a ledger, its signer, a witness, and a note kept elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, text

from ledger.db import Ledger, Origin, OriginKind, open_database, snapshot
from ledger.entry import instant
from ledger.notes import KeyKind, Note, SigningKey, generate_key
from ledger.notes.policy import Policy, PolicyWitness, parse_policy
from ledger.report import Report
from ledger.sealing.keyring import Keyring
from ledger.sealing.rotation import first_keys
from ledger.sealing.seal import seal_waiting
from ledger.sealing.signer import Signer
from ledger.sealing.stored import note_at
from ledger.tables import ledger_cosignature, metadata
from ledger.verify import verify
from tests.ledger.support import draft, record, sealed, work
from tests.ledger.tampering import without_guards

ORIGIN = Origin("land.example/ledger", OriginKind.SAMPLE)
KEYS_TOLD = 2
"""Entries that tell of the first keys; they come first."""

Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Bureau:
    """What the bureau has, and what others hold of it."""

    ledger: Ledger
    signer: Signer
    policy_file: Path
    witness: SigningKey
    notes: dict[int, Note]
    """By size: notes as the witness cosigned them, kept outside."""

    def policy(self) -> Policy:
        """What an auditor was given: the log's keys, and a quorum of one witness."""
        own = parse_policy(self.policy_file.read_bytes())
        witness = PolicyWitness("audit", self.witness.verifier)
        return own.with_witness(witness).with_quorum("audit")

    def sign(self) -> int:
        """Seal and sign what there is, and have it cosigned; gives the size."""
        seal_waiting(self.ledger)
        now = datetime.now(UTC)
        checkpoint = self.signer.sign(self.ledger, now)
        assert checkpoint is not None
        line = self.witness.sign(checkpoint.text, now)
        row = {"size": checkpoint.size, "key": str(self.witness.verifier), "line": line.line}
        with self.ledger.engine.begin() as connection:
            connection.execute(insert(ledger_cosignature), row | {"received": instant(now)})
        with snapshot(self.ledger.engine) as connection:
            self.notes[checkpoint.size] = note_at(connection, checkpoint.size)
        return checkpoint.size

    def report(self, *, note: int | None = None, policy: bool = False) -> Report:
        """Verify, as the bureau itself does or with what others hold."""
        notes = [self.notes[note].encode()] if note is not None else []
        with snapshot(self.ledger.engine) as connection:
            return verify(connection, notes=notes, policy=self.policy() if policy else None)


def open_bureau(url: str, folder: Path) -> Bureau:
    """A bureau whose ledger is empty but for its keys."""
    ledger = open_database(url, ORIGIN)
    signer = Signer(Keyring(folder / "signer", ORIGIN.name), folder / "state.json", pace=timedelta())
    first_keys(ledger, signer, folder / "policy", datetime.now(UTC))
    witness = generate_key("audit.example/witness", KeyKind.COSIGNATURE_ED25519)
    return Bureau(ledger, signer, folder / "policy", witness, {})


def at_work(bureau: Bureau, half_way: Callable[[], object] = lambda: None) -> tuple[int, int]:
    """Three cases that go on side by side, signed half-way and at the end; gives both sizes."""
    ledger = bureau.ledger
    for case in ("LX-1", "LX-2", "LX-3"):
        fields = (sealed(ledger, case, "applicant"), sealed(ledger, case, "phone"))
        intake = draft("case.registered", business_key="intake", sealed=fields, notify=("S002",))
        record(ledger, work(case, "1", intake), work(case, "2"))
    half = bureau.sign()
    half_way()
    for case in ("LX-3", "LX-1", "LX-2"):
        record(ledger, work(case, "3", draft("case.stage_signed"), draft("case.decided")))
    return half, bureau.sign()


def kept_rows(ledger: Ledger) -> Rows:
    """All rows of the ledger, as a backup holds them."""
    with snapshot(ledger.engine) as connection:
        return {
            name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for name, table in metadata.tables.items()
        }


def restore(connection: Connection, rows: Rows) -> None:
    """Put the rows of a backup in place of what there is; the caller has the guards down."""
    for name, table in metadata.tables.items():
        connection.execute(table.delete())
        if rows[name]:
            connection.execute(table.insert(), rows[name])
    give_positions(connection)


def give_positions(connection: Connection) -> None:
    """Have the database number new entries after the last one."""
    if connection.dialect.name == "sqlite":
        given = "UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(pos), 0) FROM ledger_entry)"
        connection.execute(text(f"{given} WHERE name = 'ledger_entry'"))
    else:
        last = "SELECT setval(pg_get_serial_sequence('ledger_entry', 'pos'), max(pos)) FROM ledger_entry"
        connection.execute(text(last))


@contextmanager
def as_owner(ledger: Ledger) -> Iterator[Connection]:
    """A transaction of somebody who owns the database: nothing there holds him back."""
    with ledger.engine.begin() as connection:
        without_guards(connection)
        yield connection
