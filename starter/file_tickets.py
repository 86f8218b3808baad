"""Tickets for files: what whoever handed a file in gets, to name it in an application or an act.

A digest stands in the ledger and may be read by many; a ticket is made for one caller and lasts a day.
"""

from __future__ import annotations

from itsdangerous import BadData, URLSafeTimedSerializer

from ledger.db import Ledger
from schemas.errors import UsageError
from starter.api.secrets import secret
from starter.files import Kept, find_file

LASTS = 24 * 3600
"""Seconds."""


def ticket_for(ledger: Ledger, caller: str, kept: Kept) -> str:
    """A ticket of this caller for a file that he handed in."""
    return str(_signer(ledger, caller).dumps(kept.sha256))


def file_for(ledger: Ledger, caller: str, ticket: str) -> Kept:
    """The file of a ticket. Raises UsageError (`bad_ticket`) for any that is not this caller's, or old."""
    try:
        digest = str(_signer(ledger, caller).loads(ticket, max_age=LASTS))
    except BadData:
        digest = ""
    with ledger.engine.connect() as connection:
        kept = find_file(connection, digest)
    if kept is None:
        raise UsageError(
            "文件凭据无效或已过期，请重新上传 / a file's ticket is invalid or has expired: upload it again",
            code="bad_ticket",
        )
    return kept


def _signer(ledger: Ledger, caller: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret(ledger), salt=f"file/{caller}")
