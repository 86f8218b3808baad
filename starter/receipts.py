"""Receipts made: what the applicant takes home of his registration, checked before it is handed over.

Who asks needs the lookup code; that a number exists is not told to anybody else. The proof is under the
newest checkpoint that the witnesses cosigned, else under the newest that the log signed; without one
the receipt says that it proves nothing yet.
"""

from __future__ import annotations

import hmac
from typing import Any

from sqlalchemy import Connection, select

from ledger.entry import Entry
from ledger.keys import find_key
from ledger.notes import Checked, Policy, TlogProof
from ledger.openings import Opening, decrypt_opening, lookup_digest
from ledger.read import entries
from ledger.receipt import document_digest, verify_receipt
from ledger.redact import redaction_of
from ledger.sealing.stored import checkpoint_sizes, inclusion, log_index, note_at
from ledger.tables import ledger_disclosure
from schemas.errors import NotPermittedError, UsageError, VerificationError
from schemas.receipts import (
    FORMAT,
    EntryPart,
    OpeningPart,
    ProofPart,
    ReceiptDocument,
    ReceivedPart,
    RedactionPart,
    Standing,
)
from starter.receipt_promise import promise_of

CHECKPOINTS = 32
"""How many of the newest checkpoints are asked for cosignatures; witnesses lag by a few at most."""

FIELDS = ("name", "id_number", "phone", "address", "topic")
"""Order of the personal fields on the receipt; others come after."""


def issue(connection: Connection, number: str, code: str, policy: Policy | None) -> ReceiptDocument:
    """The receipt of a matter's registration, as it can be proven now; `policy` names the log's keys.

    Raises NotPermittedError, with the same sentence for an unknown number and a wrong code, and
    VerificationError where what is stored does not hold.
    """
    code = code.strip().upper()
    registration = _registration(connection, number, code)
    index = log_index(connection, registration.id)
    found = _newest(connection, index, policy) if policy and index is not None else None
    fields = _about(connection, registration, code)
    fields["standing"] = _standing(index, found, policy)
    fields |= _proof(connection, index, found, policy)
    draft = ReceiptDocument(**fields, sha256="")
    document = draft.model_copy(update={"sha256": document_digest(draft)})
    verify_receipt(document)
    return document


def _registration(connection: Connection, number: str, code: str) -> Entry:
    """The registration under this number and code; the comparison tells nothing by its duration."""
    found = next((each for each in entries(connection, number) if each.type.endswith(".registered")), None)
    kept = str(found.data.get("view", {}).get("lookup_digest", "")) if found else ""
    if not hmac.compare_digest(kept.encode(), lookup_digest(number, code).encode()) or found is None:
        raise NotPermittedError(
            "件号与查询码不符 / no matter has this number and this lookup code", code="wrong_code"
        )
    return found


def _newest(connection: Connection, index: int, policy: Policy) -> Checked | None:
    """The newest checkpoint over the entry that is cosigned as asked, else the newest that is signed.

    Raises NoteError where a checkpoint is not signed by the policy's keys: nobody is to be handed that.
    """
    sizes = [size for size in checkpoint_sizes(connection) if size > index][: -CHECKPOINTS - 1 : -1]
    newest = None
    for size in sizes:
        checked = policy.check(note_at(connection, size))
        if checked.quorum:
            return checked
        newest = newest or checked
    return newest


def _standing(index: int | None, found: Checked | None, policy: Policy | None) -> Standing:
    if index is None:
        return Standing.RECORDED
    if found is None or policy is None:
        return Standing.SEALED
    return Standing.WITNESSED if policy.asks_witnesses and found.quorum else Standing.SIGNED


def _about(connection: Connection, registration: Entry, code: str) -> dict[str, Any]:
    """What the receipt says besides the proof."""
    redaction = redaction_of(connection, registration.case_id)
    view, event = registration.data["view"], registration.event
    part = RedactionPart(id=redaction.id, recorded=redaction.recorded) if redaction else None
    return {
        "format": FORMAT,
        "number": registration.case_id,
        "kind": registration.type.partition(".")[0],
        "lookup_code": code,
        "received": ReceivedPart(at=event["time"], day=view["received_day"]),
        "promise": promise_of(registration.data),
        "entry": _entry(registration),
        "openings": () if redaction else _openings(connection, registration),
        "redaction": part,
    }


def _entry(registration: Entry) -> EntryPart:
    return EntryPart(
        id=registration.id,
        seq=registration.seq,
        type=registration.type,
        recorded=registration.recorded,
        leaf_hash=registration.leaf_hash,
        leaf=registration.leaf.decode(),
    )


def _proof(
    connection: Connection, index: int | None, found: Checked | None, policy: Policy | None
) -> dict[str, Any]:
    if index is None or found is None or policy is None:
        return {"proof": None, "keys": (), "policy": ""}
    origin, size = found.checkpoint.origin, found.checkpoint.size
    proof = TlogProof(index, inclusion(connection, index, size).proof, found.note)
    part = ProofPart(origin=origin, index=index, size=size, tlog_proof=proof.encode().decode())
    return {"proof": part, "keys": tuple(key.vkey for key in policy.keys), "policy": _text(policy)}


def _text(policy: Policy) -> str:
    try:
        return policy.encode().decode()
    except UnicodeDecodeError:
        raise UsageError("policy 文件须为 UTF-8 / the policy file must be UTF-8", code="bad_policy") from None


def _openings(connection: Connection, registration: Entry) -> tuple[OpeningPart, ...]:
    """The applicant's own fields. Raises VerificationError where one cannot be opened without redaction."""
    digests = registration.data.get("_sd", [])
    key = find_key(connection, registration.case_id)
    columns = ledger_disclosure.c
    stored = select(columns.digest, columns.ciphertext).where(columns.entry_id == registration.id)
    rows = {row.digest: row.ciphertext for row in connection.execute(stored)}
    if set(rows) != set(digests) or (rows and key is None):
        raise VerificationError(
            f"{registration.case_id}: 密封信息缺失而无遮蔽记录 /"
            " sealed fields are missing and no redaction says why",
            code="opening_missing",
        )
    opened = [decrypt_opening(key, digest, rows[digest]) for digest in digests] if key else []
    return tuple(_opening(each) for each in sorted(opened, key=_place))


def _opening(opening: Opening) -> OpeningPart:
    return OpeningPart(digest=opening.digest, name=opening.name, value=opening.value, opening=opening.text)


def _place(opening: Opening) -> tuple[int, str]:
    return FIELDS.index(opening.name) if opening.name in FIELDS else len(FIELDS), opening.name
