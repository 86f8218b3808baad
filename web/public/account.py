"""One account (M26): all matters of one applicant, for himself or for a clerk before whom he stands.

They are joined by a keyed digest of the identity number, which is in no leaf. Cards, complaints and fault
cases are never among them.
"""

from __future__ import annotations

from secrets import token_hex

from ledger.append import append
from readmodel.applicants import applicant_key_of, matters_of
from schemas.entries import EntryDraft, RecordRequest
from starter.desk import Desk
from starter.lookup import Found, describe

STREAM = "accounts"
OPENED = "account.opened"
SHOWN = 100
"""Matters shown, the latest first."""


def account_of(desk: Desk, id_number: str) -> tuple[Found, ...]:
    """The matters under an identity number, as their applicant sees them."""
    with desk.writing() as connection:  # the key is made on first use
        key = applicant_key_of(connection, id_number)
    return account_under(desk, key or "")


def account_under(desk: Desk, key: str) -> tuple[Found, ...]:
    """The matters under the digest by which whoever signed in is known."""
    with desk.reading() as connection:
        rows = matters_of(connection, key, limit=SHOWN) if key else []
        return tuple(describe(connection, desk.profile, row, desk.today()) for row in rows)


def record_opening(desk: Desk, officer: str, shown: tuple[Found, ...]) -> None:
    """Put on record that a clerk opened an account: which matters it showed, never whose it is."""
    now = desk.now()
    draft = EntryDraft(
        type=OPENED,
        time=now,
        actor=officer,
        role="window",
        business_key=f"{officer}/{token_hex(8)}",
        data={"matters": [each.number for each in shown]},
    )
    with desk.writing() as connection:
        append(desk.ledger, connection, RecordRequest(matter=STREAM, now=now, entries=(draft,)))
