"""Digest of the facts a decision is made on: signed = seen."""

from __future__ import annotations

import hashlib
import json

from schemas.acts import Act


def digest_of(facts: object) -> str:
    """SHA-256 (hex) of the facts as sorted, compact JSON; the same facts give the same digest."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def said_in(name: str, message: Act) -> str:
    """Digest of what an act says, however often and whenever it is sent again."""
    aside = {"received_at", "late_reason", "seen_at"}
    return digest_of([name, message.model_dump(mode="json", exclude=aside)])
