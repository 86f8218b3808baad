"""A ledger with all that evidence can have: sealed fields, a redaction, histories, a witness, a token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ledger.anchors.witness_folder import init_witness, trust
from ledger.bundle.layout import Manifest
from ledger.bundle.write import write_bundle
from ledger.db import Ledger, open_database, snapshot
from ledger.histories import History, keep
from ledger.keys import case_key
from ledger.notes import Policy, VerifierKey, parse_policy
from ledger.notes.policy import PolicyWitness
from ledger.redact import Order, redact
from ledger.sealing import keeper
from ledger.sealing.duties import Keeping
from starter.sealing import seal
from tests.anchors.serving import served
from tests.anchors.tsa import LocalAuthority
from tests.ledger.fixtures import SAMPLE
from tests.ledger.support import draft, record, work

WITNESS = "audit.example/witness"
REDACTED, OPEN, LONG = "LX-1", "LX-2", "LX-3"
RUNS = {case: f"0199aaaa-0000-7000-8000-00000000000{n}" for n, case in enumerate((REDACTED, OPEN, LONG), 1)}


@dataclass(frozen=True)
class Evidence:
    """The ledger, its keys, and what an auditor was given on paper."""

    ledger: Ledger
    keeping: Keeping

    @property
    def policy(self) -> Policy:
        """The auditor's own copy."""
        return parse_policy(self.keeping.policy.read_bytes())

    def write(self, out: Path, case: str | None = None, *, openings: bool = False) -> Manifest:
        """Write a bundle."""
        roots = [path.read_bytes() for path in sorted((self.keeping.keys / "tsa").glob("*.pem"))]
        with snapshot(self.ledger.engine) as connection:
            return write_bundle(connection, out, self.policy, roots=roots, case=case, openings=openings)


@contextmanager
def evidence(folder: Path, url: str, authority: LocalAuthority, entries: int = 300) -> Iterator[Evidence]:
    """Cases of many entries, signed in between and at the end, cosigned and time-stamped outside."""
    ledger = open_database(url, SAMPLE)
    keeping = Keeping(ledger, folder / "keys")
    witness = init_witness(folder / "witness", WITNESS)
    _first_cases(ledger)
    keeper.keep(keeping, outside=False)
    with served(witness) as address:
        for key in parse_policy(keeping.policy.read_bytes()).logs:
            trust(witness, key.key)
        _name_outsiders(keeping, witness.keys[0].verifier, address, authority)
        keeper.keep(keeping)
        for n in range(entries):
            record(ledger, work(LONG, f"long-{n}", draft("case.noted", data={"opinion": f"第{n}条 🏛"})))
        redact(ledger, Order(REDACTED, "个人信息保护法第四十七条", "1101", "1203"), datetime.now(UTC))
        with ledger.engine.begin() as connection:
            keep(ledger, connection, [history(case) for case in RUNS])
        keeper.keep(keeping)
    try:
        yield Evidence(ledger, keeping)
    finally:
        ledger.close()


def _first_cases(ledger: Ledger) -> None:
    for case in (REDACTED, OPEN, LONG):
        with ledger.engine.begin() as connection:
            key = case_key(connection, case)
        personal = seal(key, {"name": "张三丰", "phone": "0532-1"})
        record(ledger, work(case, "1", draft("case.registered", sealed=personal)))
        record(ledger, work(case, "2"), work(case, "3", draft("case.stage_signed")))


def _name_outsiders(keeping: Keeping, key: VerifierKey, address: str, authority: LocalAuthority) -> None:
    policy = parse_policy(keeping.policy.read_bytes())
    policy = policy.with_witness(PolicyWitness("audit", key, address)).with_quorum("audit")
    keeping.policy.write_bytes(policy.with_authority(authority.trusted).encode())
    (keeping.keys / "tsa").mkdir(exist_ok=True)
    (keeping.keys / "tsa" / "root.pem").write_bytes(authority.pem)


def history(case: str) -> History:
    """A history of a case, short and invented."""
    return History(
        run_id=RUNS[case],
        namespace="default",
        workflow_id=f"case/{case}",
        workflow_type="CaseWorkflow",
        closed=datetime(2026, 6, 20, tzinfo=UTC),
        protobuf=f"protobuf of {case}".encode(),
        json=f'{{"events": [], "of": "{case}"}}'.encode(),
    )
