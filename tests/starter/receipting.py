"""A ledger with registrations, signed and cosigned as a test wants it: what receipts are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from ledger.db import Ledger, snapshot
from ledger.keys import case_key
from ledger.notes import (
    Checkpoint,
    KeyKind,
    LogKey,
    Note,
    Policy,
    PolicyWitness,
    SigningKey,
    generate_key,
)
from ledger.openings import lookup_digest
from ledger.sealing.seal import seal_waiting
from ledger.sealing.stored import tree_of
from ledger.tables import ledger_checkpoint, ledger_cosignature, ledger_log
from schemas.receipts import ReceiptDocument
from starter.receipts import issue
from starter.rulebook import load_profile, rules_for
from starter.sealing import lookup_code, seal
from tests.ledger.support import MONDAY, draft, record, work

CITIZEN = {"name": "欧阳秘而不宣😀", "phone": "13799990001", "address": "某镇某村八十八号"}
NUMBER = "LX-2026-000001"


@dataclass
class Bureau:
    """A ledger, its key, a witness, and the lookup codes it gave."""

    ledger: Ledger
    log: SigningKey
    witness: SigningKey
    codes: dict[str, str] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        """The log's key, and one witness that has to have cosigned."""
        named = PolicyWitness("court", self.witness.verifier)
        return Policy().with_log(LogKey(self.log.verifier)).with_witness(named).with_quorum("court")

    @property
    def alone(self) -> Policy:
        """The log's key and nobody else."""
        return Policy().with_log(LogKey(self.log.verifier))

    def register(self, number: str = NUMBER, applicant: dict[str, str] | None = None) -> str:
        """Record a registration as the workflow writes it; gives the lookup code."""
        with self.ledger.engine.begin() as connection:
            key = case_key(connection, number)
        self.codes[number] = lookup_code(key)
        sealed = seal(key, CITIZEN if applicant is None else applicant)
        kind = "case" if number.startswith("LX") else "inquiry"
        entry = draft(f"{kind}.registered", sealed=sealed, data=self._data(number, kind))
        record(self.ledger, work(number, "1", entry))
        return self.codes[number]

    def _data(self, number: str, kind: str) -> dict[str, Any]:
        item = "LX-DJ-01" if kind == "case" else None
        rules = rules_for(load_profile("current"), item, MONDAY.date())
        view: dict[str, Any] = {
            "kind": kind,
            "received_day": "2026-06-15",
            "lookup_digest": lookup_digest(number, self.codes[number]),
        }
        view |= {"item": item} if item else {"promise_due": "2026-06-18"}
        return {
            "ruleprofile": f"{rules.profile}@{rules.profile_version}",
            "rulehash": rules.profile_sha256,
            "calendar": f"{rules.calendar.jurisdiction}@{rules.calendar.version}",
            "calendarhash": rules.calendar.sha256,
            "view": view,
        }

    def sign(self, at: datetime = MONDAY + timedelta(minutes=1), *, witnessed: bool = True) -> int:
        """Seal and sign what is there; gives the size."""
        seal_waiting(self.ledger)
        with self.ledger.engine.begin() as connection:
            size = connection.execute(ledger_log.select()).one().size
            text = Checkpoint(self.ledger.origin.name, size, tree_of(connection, size).root()).text
            note = Note(text, (self.log.sign(text, at),)).encode().decode()
            row = {"size": size, "root": text.split("\n")[2], "note": note, "signed": at.isoformat()}
            connection.execute(insert(ledger_checkpoint).values(row))
            if witnessed:
                line = self.witness.sign(text, at).line
                row = {"size": size, "key": "court", "line": line, "received": at.isoformat()}
                connection.execute(insert(ledger_cosignature).values(row))
        return int(size)

    def receipt(self, policy: Policy | None, number: str = NUMBER) -> ReceiptDocument:
        """The receipt as it would be given now."""
        with snapshot(self.ledger.engine) as connection:
            return issue(connection, number, self.codes[number], policy)


def bureau(ledger: Ledger) -> Bureau:
    """A bureau with keys of its own and nothing recorded yet."""
    witness = generate_key("court.example/witness", KeyKind.COSIGNATURE_ED25519)
    return Bureau(ledger, generate_key(ledger.origin.name, KeyKind.ED25519), witness)
