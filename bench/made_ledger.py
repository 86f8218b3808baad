"""A ledger of any size for measurements, recorded, sealed and signed as every other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

CHAIN, ABREAST = 14, 2_000
"""Entries of a case, and cases that go on side by side."""

_BATCH, _CHECKPOINT = 1_000, 20_000
"""Entries of a transaction, and from one checkpoint to the next."""

_FIELDS = {"applicant": "张三丰", "phone": "0532 0000 0000", "address": "示例路 1 号", "idnumber": "X" * 18}
_SAID: dict[str, JsonValue] = {
    "opinion": "同意，请按时办结",
    "view": {"state": "in_stage", "owner": "1101", "section": "registry"},
}


def make(url: str, entries: int, folder: Path) -> Ledger:
    """A ledger of at least so many entries, in cases of fourteen: when some end, the next begin."""
    ledger = open_database(url, ORIGIN)
    signer = Signer(Keyring(folder / "signer", ORIGIN.name), folder / "state.json", pace=timedelta())
    first_keys(ledger, signer, folder / "policy", datetime.now(UTC))
    turns = list(_turns(-(-entries // CHAIN)))
    for first in range(0, len(turns), _BATCH):
        batch = turns[first : first + _BATCH]
        with ledger.engine.begin() as connection:
            keys = {case: case_key(connection, case) for case, seq in batch if seq == 1}
            append_all(ledger, connection, [_work(case, seq, keys) for case, seq in batch])
        if first % _CHECKPOINT == 0 or first + _BATCH >= len(turns):
            seal_waiting(ledger)
            signer.sign(ledger, datetime.now(UTC))
    return ledger


def _turns(cases: int) -> Iterator[tuple[str, int]]:
    """Case and sequence number of each entry, in the order in which they are recorded."""
    for first in range(0, cases, ABREAST):
        for seq in range(1, CHAIN + 1):
            for number in range(first, min(first + ABREAST, cases)):
                yield f"LX-{number:06d}", seq


def _work(case: str, seq: int, keys: Mapping[str, CaseKey]) -> Work:
    """One call of the recorder; a case's first one has sealed fields."""
    key, now = keys.get(case) if seq == 1 else None, datetime.now(UTC)
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
