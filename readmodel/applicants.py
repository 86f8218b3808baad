"""One applicant, all his matters (一人一账户): joined by a keyed digest of his identity number.

The key lies in the database and the digest in the rows; neither is ever in a leaf. Without the key nobody
can try numbers against the digests; with the redaction of a matter its digest goes.
"""

from __future__ import annotations

import hashlib
import hmac
from secrets import token_bytes
from unicodedata import normalize

from sqlalchemy import Connection, select

from ledger.dialect import is_postgresql, upsert
from readmodel.query import MatterRow
from readmodel.tables import matter, readmodel_key

OWN = ("case", "inquiry")
"""Kinds that an applicant's account shows: never cards, complaints, fault cases."""

_NAME = "applicant"


def applicant_key_of(connection: Connection, id_number: str) -> str | None:
    """The digest that joins the matters of one identity number; None for an empty one.

    Needs a transaction that may write: the key is made on first use.
    """
    plain = "".join(normalize("NFKC", id_number).upper().split())
    if not plain:
        return None
    return hmac.new(_key(connection), plain.encode(), hashlib.sha256).hexdigest()


def matters_of(connection: Connection, applicant_key: str, *, limit: int = 500) -> list[MatterRow]:
    """The matters of one applicant, latest first."""
    if not applicant_key:
        return []
    columns = matter.c
    query = select(matter).where(columns.applicant_key == applicant_key, columns.kind.in_(OWN))
    query = query.order_by(columns.last_recorded.desc(), columns.case_id).limit(limit)
    return [MatterRow.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def _key(connection: Connection) -> bytes:
    """The one key of this database, whoever asks first."""
    query = select(readmodel_key.c.key).where(readmodel_key.c.name == _NAME)
    known: bytes | None = connection.scalar(query)
    if known is None:
        offer = {"name": _NAME, "key": token_bytes(32)}
        made = upsert(readmodel_key, postgresql=is_postgresql(connection)).values(offer)
        connection.execute(made.on_conflict_do_nothing(index_elements=["name"]))
        known = connection.scalar(query)
    assert known is not None  # inserted just now, by us or by the one we waited for
    return bytes(known)
