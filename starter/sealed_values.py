"""Values that stay closed (底价、举报人): encrypted before they are sent, opened once that is on record.

**What is where.** Histories, entries, logs, exports and bundles hold a salted digest and a ciphertext. The
key is one of its own, derived one way (HKDF-SHA-256) from the matter's sealing key and the value's name; it
is written nowhere and never leaves this module. The ways in which the house hands out sealed fields (the rows
of openings, a bundle's openings, the applicant's receipt) work with the matter's key and on those rows alone,
so that none of them can give away such a value, before or after. With the redaction of a matter its key is
destroyed, and every value with it.

**What opens.** Only an entry of the matter's own chain that says which digest it releases; the workflow
writes it when the rules allow (of a reserve price: the sale has ended and the second of two named people
acts). There is no other way in: who wants to read does an act, and granted or refused it is an entry.

**What this does not do.** Whoever may read the key table of the database, or change this program, can
decrypt. Against him stand the permissions of the database and the two people's watch, not cryptography.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from ledger.db import Ledger
from ledger.entry import Entry
from ledger.keys import CaseKey, case_key, find_key
from ledger.openings import decrypt_opening, derive, encrypt_opening, make_opening
from ledger.read import entries, find
from ledger.redact import redaction_of
from schemas.acts import Act
from schemas.entries import Receipt
from schemas.errors import ConflictError, NotFoundError, NotPermittedError
from schemas.sealed import SealedValue
from starter.client import YangguangClient

RELEASES = frozenset({"review.unsealed", "complaint.identity_read"})
"""Types of entries on whose strength a value is opened; `released` lists the digests."""


@dataclass(frozen=True)
class Opened:
    """A value as it was sealed, with the opening that proves it to be that of the digest."""

    name: str
    value: str
    digest: str
    opening: str


@dataclass(frozen=True)
class Reading:
    """An attempt to read that was not refused: its entry, and what it opened."""

    receipt: Receipt
    opened: tuple[Opened, ...]


def sealed_under(key: CaseKey, name: str, value: str) -> SealedValue:
    """Encrypt a value under the key that is its own."""
    own = _own(key, name)
    opening = make_opening(own, name, value)
    return SealedValue(
        name=name, digest=opening.digest, ciphertext=encrypt_opening(own, opening), key_id=own.key_id
    )


def seal_value(ledger: Ledger, number: str, name: str, value: str) -> SealedValue:
    """Encrypt a value of a matter; the same value again is the same sealed value.

    Raises ConflictError (`redacted`) for a matter whose keys were destroyed.
    """
    with ledger.engine.begin() as connection:
        _not_redacted(connection, number)
        return sealed_under(case_key(connection, number), name, value)


def open_released(ledger: Ledger, number: str, receipt: Receipt) -> tuple[Opened, ...]:
    """What the entry of a receipt releases; nothing where it releases nothing.

    Raises NotPermittedError (`not_released`) for an entry of another matter or that is none,
    NotFoundError where what it releases was never sealed, ConflictError after a redaction, and
    BadOpeningError where ciphertext and digest do not belong together.
    """
    with ledger.engine.connect() as connection:
        released = _released(connection, number, receipt)
        if not released:
            return ()
        _not_redacted(connection, number)
        key = find_key(connection, number)
        values = {value.digest: value for value in _sealed(connection, number)}
    if key is None or not released <= values.keys():
        raise NotFoundError(f"{number} 没有这样的密封值 / {number} holds no such sealed value")
    return tuple(_opened(key, values[digest]) for digest in sorted(released))


async def read_values(client: YangguangClient, kind: str, number: str, name: str, act: Act) -> Reading:
    """Do the act by which somebody asks to read, and read what it releases; refused, it is on record too.

    Raises like `YangguangClient.act` and `open_released`.
    """
    receipt = await client.act(kind, number, name, act)
    return Reading(receipt, await asyncio.to_thread(open_released, client.ledger, number, receipt))


def _released(connection: Connection, number: str, receipt: Receipt) -> frozenset[str]:
    entry = find(connection, receipt.id)
    if entry is None or entry.case_id != number or entry.leaf_hash != receipt.leaf_hash:
        raise NotPermittedError(f"{number} 没有这条记录 / {number} has no such entry", code="not_released")
    return frozenset(entry.data.get("released", ())) if entry.type in RELEASES else frozenset()


def _sealed(connection: Connection, number: str) -> Iterator[SealedValue]:
    for entry in entries(connection, number):
        yield from _values_in(entry)


def _values_in(entry: Entry) -> Iterator[SealedValue]:
    return (SealedValue.model_validate(each) for each in entry.data.get("values", ()))


def _opened(key: CaseKey, value: SealedValue) -> Opened:
    opening = decrypt_opening(_own(key, value.name), value.digest, value.ciphertext)
    return Opened(opening.name, opening.value, opening.digest, opening.text)


def _own(key: CaseKey, name: str) -> CaseKey:
    secret = derive(key, f"value/{name}".encode(), len(key.key))
    return replace(key, key_id=f"{key.key_id}.{name}", key=secret)


def _not_redacted(connection: Connection, number: str) -> None:
    if redaction_of(connection, number):
        raise ConflictError(
            f"{number} 已依法遮蔽，密封值不可再读 / {number} is redacted: its sealed values are gone",
            code="redacted",
        )
