"""A ledger of any size for measurements, recorded, sealed and signed as every other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import JsonValue

from ledger.append import Work, append_all
from ledger.db import Ledger, Origin, OriginKind, open_database
from ledger.entry import Provenance
from ledger.keys import CaseKey, case_key
from ledger.openings import encrypt_opening, make_opening
from ledger.sealing.keyring import Keyring
from ledger.sealing.rotation import first_keys
from ledger.sealing.seal import seal_waiting
from ledger.sealing.signer import Signer
from schemas.entries import EntryDraft, RecordRequest, SealedField

ORIGIN = Origin("land.example/bench", OriginKind.SAMPLE)

CHAIN = 14
"""Entries of a case."""

_BATCH, _CHECKPOINT = 1_000, 20_000
"""Entries of a transaction, and from one checkpoint to the next."""

_FIELDS = {"applicant": "张三丰", "phone": "0532 0000 0000", "address": "示例路 1 号", "idnumber": "X" * 18}
_SAID: dict[str, JsonValue] = {
    "opinion": "同意，请按时办结",
    "view": {"state": "in_stage", "owner": "1101", "section": "registry"},
}


def make(url: str, entries: int, folder: Path) -> Ledger:
    """A ledger of at least so many entries, in cases of fourteen that go on side by side."""
    ledger = open_database(url, ORIGIN)
    signer = Signer(Keyring(folder / "signer", ORIGIN.name), folder / "state.json", pace=timedelta())
    first_keys(ledger, signer, folder / "policy", datetime.now(UTC))
    abreast = -(-entries // CHAIN)
    for first in range(0, abreast * CHAIN, _BATCH):
        last = min(first + _BATCH, abreast * CHAIN)
        with ledger.engine.begin() as connection:
            keys = {n: case_key(connection, _case(n)) for n in range(first, min(last, abreast))}
            append_all(ledger, connection, [_work(n, abreast, keys.get(n)) for n in range(first, last)])
        if last % _CHECKPOINT == 0 or last == abreast * CHAIN:
            seal_waiting(ledger)
            signer.sign(ledger, datetime.now(UTC))
    return ledger


def _case(number: int) -> str:
    return f"LX-{number:06d}"


def _work(n: int, abreast: int, key: CaseKey | None) -> Work:
    """The n-th call of the recorder; a case's first one has sealed fields."""
    case, seq, now = _case(n % abreast), n // abreast + 1, datetime.now(UTC)
    draft = EntryDraft(
        type="case.registered" if key else "case.noted",
        time=now,
        actor="1101",
        role="window",
        business_key=f"act-{seq}",
        data=_SAID,
        sealed=tuple(_sealed(key)) if key else (),
    )
    request = RecordRequest(matter=case, now=now, history_length=7 * seq, entries=(draft,))
    return Work(request, _provenance(case, seq))


def _sealed(key: CaseKey) -> Iterator[SealedField]:
    for name, value in _FIELDS.items():
        opening = make_opening(key, name, value)
        ciphertext = encrypt_opening(key, opening)
        yield SealedField(name=name, digest=opening.digest, ciphertext=ciphertext, key_id=key.key_id)


def _provenance(case: str, seq: int) -> Provenance:
    return Provenance(
        namespace="default",
        workflow_id=f"case/{case}",
        run_id="0192d3a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d",
        workflow_type="CaseWorkflow",
        activity_id=str(seq),
        activity_type="record",
        attempt=1,
        input_hash="ab" * 32,
        app_version="1.0",
    )
