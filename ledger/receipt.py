"""Whether a receipt holds: everything it says, from its own bytes, without server, database or network.

The leaf says what was recorded, the proof that the leaf is in the log, the note who signed the log. What the
document says besides is compared with them; what nothing else vouches for is under the document's digest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from pydantic import ValidationError

from ledger.canonical import canonical, is_canonical, leaf_hash
from ledger.entry import MAX_LEAF
from ledger.errors import NotCanonicalError
from ledger.notes import Checked, Policy, TlogProof, parse_policy, parse_tlog_proof
from ledger.openings import Opening, lookup_digest, parse_opening
from schemas.errors import UsageError, VerificationError
from schemas.receipts import FORMAT, EntryPart, ReceiptDocument, Standing

MAX_BYTES = 1 << 20
"""Longer documents are refused unread; a thousand-page matter has the same few kilobytes."""


class ReceiptError(VerificationError):
    """A receipt that does not hold; the code `receipt_...` names what."""

    default_code = "receipt"


@dataclass(frozen=True, slots=True)
class Proven:
    """What a receipt proves."""

    document: ReceiptDocument
    event: dict[str, Any]
    """The registration's leaf, parsed."""
    standing: Standing
    """By the policy asked: an outside one where given, else the receipt's own."""
    outside: bool
    """Whether the keys came from elsewhere than the receipt."""
    checked: Checked | None
    openings: tuple[Opening, ...]
    sealed: int
    """How many sealed fields the registration has."""


def parse_receipt(raw: bytes) -> ReceiptDocument:
    """Read a receipt's document. Raises ReceiptError (`receipt_format`) for anything else."""
    if len(raw) > MAX_BYTES:
        raise _wrong("format", f"文件过大 / {len(raw)} bytes, at most {MAX_BYTES} are read")
    try:
        json.loads(raw, object_pairs_hook=_without_doubles)
        document = ReceiptDocument.model_validate_json(raw)
        canonical(document.model_dump(mode="json"))
    except (ValidationError, NotCanonicalError, ValueError, RecursionError) as error:
        raise _wrong("format", f"不是回执 / this is no receipt: {_first_line(error)}") from None
    if document.format != FORMAT:
        raise _wrong("format", f"回执格式未知 / unknown format {document.format!r:.80}, known is {FORMAT}")
    return document


def document_digest(document: ReceiptDocument) -> str:
    """SHA-256 (hex) over the canonical bytes of the document without its digest."""
    return sha256(canonical(document.model_dump(mode="json", exclude={"sha256"}))).hexdigest()


def verify_receipt(document: ReceiptDocument, policy: Policy | None = None) -> Proven:
    """What the receipt proves, by the keys of `policy` or else by those it brings along.

    Raises ReceiptError whose code names what does not hold: `receipt_leaf`, `_entry`, `_number`, `_received`,
    `_lookup_code`, `_opening`, `_policy`, `_signature`, `_proof`, `_standing`, `_quorum`, `_document`.
    """
    event = _leaf(document.entry)
    _check_entry(document.entry, event)
    _check_matter(document, event)
    openings = tuple(_opening(document, event, n) for n in range(len(document.openings)))
    if len({each.digest for each in openings}) < len(openings) or (openings and document.redaction):
        raise _wrong("opening", "本人信息重复或已遮蔽 / a field is opened twice, or after its redaction")
    checked = _check_proof(document, event)
    standing = _standing(document, checked)
    if document.sha256 != document_digest(document):
        raise _wrong("document", "回执被改动 / the document is not the one its digest was made over")
    if policy is not None and document.proof is not None:
        checked, standing = _check_outside(document.proof.tlog_proof, policy)
    sealed = len(event["data"].get("_sd", ()))
    return Proven(document, event, standing, policy is not None, checked, openings, sealed)


def _leaf(part: EntryPart) -> dict[str, Any]:
    """The leaf, parsed: canonical bytes under the hash the receipt gives."""
    raw = part.leaf.encode()
    if len(raw) > MAX_LEAF or leaf_hash(raw) != part.leaf_hash:
        raise _wrong("leaf", "登记内容与其哈希不符 / the recorded bytes do not have this leaf hash")
    if not is_canonical(raw):
        raise _wrong("leaf", "登记内容不是规范格式 / the recorded bytes are no canonical entry")
    event: dict[str, Any] = orjson.loads(raw)
    data = event.get("data") if isinstance(event, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("view"), dict):
        raise _wrong("leaf", "不是登记记录 / the recorded bytes are no registration")
    if not isinstance(data.get("_sd", []), list):
        raise _wrong("leaf", "密封字段格式不符 / the recorded digests are no list")
    return event


def _check_entry(part: EntryPart, event: dict[str, Any]) -> None:
    said = (part.id, part.seq, part.type, part.recorded)
    if said != tuple(event.get(name) for name in ("id", "caseseq", "type", "recordedtime")):
        raise _wrong("entry", "记录编号、序号、种类或时间与登记内容不符 / id, number, type or time differ")


def _check_matter(document: ReceiptDocument, event: dict[str, Any]) -> None:
    view, number = event["data"]["view"], document.number
    if (number, f"{document.kind}.registered") != (event.get("subject"), event.get("type")):
        raise _wrong("number", "件号与登记内容不符 / the entry registers another matter")
    if (document.received.at, document.received.day) != (event.get("time"), view.get("received_day")):
        raise _wrong("received", "收件时间与登记内容不符 / the entry gives another time of receipt")
    if lookup_digest(number, document.lookup_code) != view.get("lookup_digest"):
        raise _wrong("lookup_code", "查询码与登记内容不符 / the entry is not under this lookup code")


def _opening(document: ReceiptDocument, event: dict[str, Any], n: int) -> Opening:
    part = document.openings[n]
    try:
        opening = parse_opening(part.opening)
    except VerificationError as error:
        raise _wrong("opening", error.message) from None
    if (opening.digest, opening.name, opening.value) != (part.digest, part.name, part.value):
        raise _wrong(
            "opening", f"第 {n + 1} 项本人信息与其原文不符 / field {n + 1} is not what its opening says"
        )
    if part.digest not in event["data"].get("_sd", []):
        raise _wrong("opening", f"第 {n + 1} 项本人信息不在登记中 / field {n + 1} is not in the registration")
    return opening


def _check_proof(document: ReceiptDocument, event: dict[str, Any]) -> Checked | None:
    part = document.proof
    if part is None:
        if document.policy or document.keys:
            raise _wrong("policy", "有密钥而无证明 / there are keys, but nothing that they signed")
        return None
    policy = _own_policy(document)
    proof = _parsed(part.tlog_proof)
    checked = _signed(proof, policy)
    checkpoint = checked.checkpoint
    if (part.index, part.size, part.origin) != (proof.index, checkpoint.size, checkpoint.origin):
        raise _wrong("proof", "位置、大小或日志名与证明不符 / index, size or origin differ from the proof")
    if checkpoint.origin != event.get("source"):
        raise _wrong("proof", "登记来自另一日志 / the entry names another log as its source")
    try:
        proof.verify(bytes.fromhex(document.entry.leaf_hash))
    except VerificationError as error:
        raise _wrong("proof", error.message) from None
    return checked


def _own_policy(document: ReceiptDocument) -> Policy:
    try:
        policy = parse_policy(document.policy.encode())
    except UsageError as error:
        raise _wrong("policy", error.message) from None
    if document.keys != tuple(key.vkey for key in policy.keys):
        raise _wrong("policy", "公钥与所附 policy 不符 / the keys are not those of the policy")
    return policy


def _parsed(text: str) -> TlogProof:
    try:
        proof = parse_tlog_proof(text.encode())
    except (UsageError, VerificationError) as error:
        raise _wrong("proof", error.message) from None
    if proof.extra or proof.encode() != text.encode():
        raise _wrong("proof", "证明中有多余内容 / there is more in the proof than a proof")
    return proof


def _signed(proof: TlogProof, policy: Policy) -> Checked:
    try:
        return policy.check(proof.note)
    except VerificationError as error:
        raise _wrong("signature", error.message) from None


def _standing(document: ReceiptDocument, checked: Checked | None) -> Standing:
    if checked is None:
        found = {Standing.RECORDED, Standing.SEALED}
    else:
        asks = parse_policy(document.policy.encode()).asks_witnesses
        found = {Standing.WITNESSED if asks and checked.quorum else Standing.SIGNED}
    if document.standing not in found:
        raise _wrong("standing", f"证明程度与所附证明不符 / the proof is not {document.standing!r:.40}")
    return Standing(document.standing)


def _check_outside(text: str, policy: Policy) -> tuple[Checked, Standing]:
    """By keys that came another way, nothing short of their quorum counts."""
    checked = _signed(_parsed(text), policy)
    if not checked.quorum:
        raise _wrong("quorum", "见证不足 / fewer witnesses cosigned than the policy asks for")
    return checked, Standing.WITNESSED if policy.asks_witnesses else Standing.SIGNED


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".splitlines()[0][:200]
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _wrong(reason: str, sentence: str) -> ReceiptError:
    return ReceiptError(sentence, code=f"receipt_{reason}")
