"""Secrets of the HTTP API, drawn once a database: what one process signed every other one believes."""

from __future__ import annotations

import hashlib
import hmac
from secrets import token_bytes
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select

from ledger.db import Ledger, snapshot
from ledger.dialect import upsert
from starter.api.tables import api_secret

_known: WeakKeyDictionary[Engine, bytes] = WeakKeyDictionary()


def secret(ledger: Ledger) -> bytes:
    """The API's secret in this database, drawn by whoever needs it first."""
    if (known := _known.get(ledger.engine)) is None:
        known = _known[ledger.engine] = _read(ledger) or _draw(ledger)
    return known


def keyed(ledger: Ledger, purpose: str, text: str) -> str:
    """Hex digest of a text that nobody can guess back who does not hold the secret."""
    return hmac.new(secret(ledger), f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()


def _read(ledger: Ledger) -> bytes | None:
    with snapshot(ledger.engine) as connection:
        found = connection.scalar(select(api_secret.c.value).where(api_secret.c.name == "api"))
    return bytes(found) if found is not None else None


def _draw(ledger: Ledger) -> bytes:
    with ledger.engine.begin() as connection:
        offer = upsert(api_secret, postgresql=connection.dialect.name == "postgresql")
        row = {"name": "api", "value": token_bytes(32)}
        connection.execute(offer.values(row).on_conflict_do_nothing())
    drawn = _read(ledger)
    assert drawn is not None  # drawn just now, here or elsewhere
    return drawn
