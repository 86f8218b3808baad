"""Mail addresses of the people of this house, and what each of them wants to hear of by mail.

An address is personal data: it lies sealed in the database and is shown to nobody; who set it knows it.
Escalations are not a matter of taste: there is no setting that mutes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.dialect import is_postgresql, upsert
from schemas.errors import UsageError
from starter.delivery import tables
from starter.delivery.vault import Vault

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_LONGEST = 254


@dataclass(frozen=True)
class Settings:
    """What somebody wants to hear of by mail."""

    person: str
    has_address: bool = False
    muted: bool = False
    """Ordinary notices wait for the digest."""
    digest: bool = True
    """One mail a working day with the numbers of what came up."""


def settings_of(connection: Connection, person: str) -> Settings:
    """The settings of one person; those of somebody who never chose anything where there are none."""
    row = connection.execute(select(tables.person).where(tables.person.c.person == person)).first()
    if row is None:
        return Settings(person)
    return Settings(person, bool(row.sealed), bool(row.muted), bool(row.digest))


def everybody(connection: Connection) -> list[Settings]:
    """All who have an address or settings, by staff number."""
    rows = connection.execute(select(tables.person).order_by(tables.person.c.person))
    return [Settings(row.person, bool(row.sealed), bool(row.muted), bool(row.digest)) for row in rows]


def set_address(connection: Connection, vault: Vault, person: str, address: str) -> None:
    """Say where somebody's mails go; an empty address ends them. Raises UsageError."""
    if address and (len(address) > _LONGEST or not _ADDRESS.fullmatch(address)):
        raise UsageError("邮件地址格式不符 / not a mail address", code="bad_address")
    sealed = vault.seal(f"mail {person}", address) if address else ""
    _put(connection, person, sealed=sealed)


def choose(
    connection: Connection, person: str, *, muted: bool | None = None, digest: bool | None = None
) -> None:
    """Change what somebody wants to hear of."""
    changes = {"muted": muted, "digest": digest}
    _put(connection, person, **{name: value for name, value in changes.items() if value is not None})


def address_of(connection: Connection, vault: Vault, person: str) -> str:
    """Where somebody's mails go; empty where nobody said so. Raises UnavailableError without the key."""
    sealed = connection.scalar(select(tables.person.c.sealed).where(tables.person.c.person == person))
    return vault.open(f"mail {person}", sealed) if sealed else ""


def _put(connection: Connection, person: str, **changes: str | bool) -> None:
    if not changes:
        return
    row: dict[str, str | bool] = {"person": person, "sealed": "", "muted": False, "digest": True, **changes}
    offer = upsert(tables.person, postgresql=is_postgresql(connection)).values(row)
    connection.execute(offer.on_conflict_do_update(index_elements=["person"], set_=changes))
