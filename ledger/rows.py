"""From an entry to its rows: the columns beside the leaf, the openings, the notices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ledger.canonical import canonical
from ledger.entry import Entry
from schemas.entries import EntryDraft


def row_of(entry: Entry) -> dict[str, Any]:
    """The columns of an entry, computed from its leaf; the verifier computes them again."""
    event = entry.event
    return {
        "id": event["id"],
        "case_id": event["subject"],
        "seq": event["caseseq"],
        "type": event["type"],
        "acted": event["time"],
        "recorded": event["recordedtime"],
        "actor": event["actor"],
        "business_key": event["data"].get("business_key"),
        "leaf": entry.leaf,
        "leaf_hash": entry.leaf_hash,
    }


def openings_of(entry: Entry, draft: EntryDraft) -> Iterable[dict[str, str]]:
    """Rows of `ledger_disclosure`: what opens the digests the leaf holds."""
    for sealed in draft.sealed:
        yield {
            "entry_id": entry.id,
            "digest": sealed.digest,
            "ciphertext": sealed.ciphertext,
            "key_id": sealed.key_id,
        }


def notices_of(entry: Entry) -> Iterable[dict[str, str]]:
    """Rows of `ledger_outbox`, one per person to be told; they say where to look, never what is there."""
    told = dict.fromkeys(entry.data.get("notify", ()))
    if not told:
        return
    payload = canonical({"case": entry.case_id, "seq": entry.seq, "type": entry.type}).decode()
    for recipient in told:
        yield {
            "entry_id": entry.id,
            "kind": "notice",
            "recipient": recipient,
            "payload": payload,
            "created": entry.recorded,
        }
