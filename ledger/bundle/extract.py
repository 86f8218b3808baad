"""An extract of the log: each entry proven under the newest checkpoint, and this continues earlier ones."""

from __future__ import annotations

from ledger.bundle.entries import EntryCheck
from ledger.bundle.files import BundleError
from ledger.bundle.opened import Bundle
from ledger.merkle import leaf_hash, verify_consistency
from ledger.notes import Checkpoint, TlogProof, parse_tlog_proof
from ledger.notes.note import decode_hash
from schemas.errors import VerificationError

_MOST_HASHES = 64
"""No consistency proof has more: sizes are below 2^63."""


def check_extract(bundle: Bundle, check: EntryCheck) -> None:
    """Check and prove each entry, in the order of the log, and hold the earlier checkpoints against it."""
    for index in sorted(int(name[len("entry/") : -len(".json")]) for name in bundle.names("entry/", ".json")):
        leaf = bundle.read(f"entry/{index}.json")
        check.look(index, leaf)
        _prove(bundle, index, leaf)
        bundle.advance(1)
    for place, earlier in bundle.claims:
        _continue(bundle, place, earlier)
    if bundle.manifest.case not in check.content.states:
        bundle.fail("entry", "manifest.json", f"没有所称的件 / no entry of {bundle.manifest.case!r:.80}")


def _prove(bundle: Bundle, index: int, leaf: bytes) -> None:
    """The proof must be the very file that is written here: what else stands in one, nothing vouches for."""
    name = f"entry/{index}.tlog-proof"
    try:
        raw = bundle.read(name)
        proof = parse_tlog_proof(raw)
        if TlogProof(index, proof.proof, bundle.newest.note).encode() != raw:
            told = "不是此记录在此检查点下的证明 / not the proof of this entry with the note `checkpoint`"
            bundle.fail("proof", name, told)
        proof.verify(leaf_hash(leaf))
    except VerificationError as problem:
        bundle.fail("proof", name, problem.message)


def _continue(bundle: Bundle, place: str, earlier: Checkpoint) -> None:
    head = bundle.head
    try:
        proof = [] if earlier.size == head.size else _hashes(bundle, f"consistency/{earlier.size}")
        verify_consistency(earlier.size, head.size, proof, earlier.root, head.root)
    except VerificationError as problem:
        bundle.fail("root", place, problem.message)


def _hashes(bundle: Bundle, name: str) -> list[bytes]:
    try:
        *lines, rest = bundle.read(name).decode("ascii").split("\n")
        if rest or len(lines) > _MOST_HASHES:
            raise ValueError(f"{len(lines)} lines, then {rest!r:.80}")
        return [decode_hash(line) for line in lines]
    except ValueError:
        raise BundleError(f"{name}: 不是一致性证明 / not a consistency proof") from None
