"""What somebody had typed when he was asked to sign in again: sealed, and given back to him afterwards.

It travels in the page itself, signed, or, where the way leads over a provider, lies in the database encrypted
under a key that only his browser has. It is replayed for the same person only.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from itsdangerous import BadSignature
from sqlalchemy import delete, insert, select

from starter.desk import Desk
from starter.identity.keys import DeskKeys
from starter.identity.sessions import stamp
from starter.identity.tables import desk_carried

KEPT = timedelta(minutes=15)
_PURPOSE = "carried"
LARGEST = 200_000
"""Characters of text that are carried; files are not."""


@dataclass(frozen=True)
class Carried:
    """A form as it was sent."""

    to: str
    """Path it was sent to."""
    by: str
    """Staff number of who sent it; empty where his session had ended."""
    fields: tuple[tuple[str, str], ...]


def seal_carried(keys: DeskKeys, carried: Carried) -> str:
    """The form as text for a hidden field; empty where it is too much to carry."""
    text = json.dumps([carried.to, carried.by, carried.fields])
    return str(keys.serializer(_PURPOSE).dumps(text)) if len(text) <= LARGEST else ""


def open_carried(keys: DeskKeys, text: str, person: str) -> Carried | None:
    """The form that was carried, for who sent it; None for anybody else, or too late."""
    try:
        told = keys.serializer(_PURPOSE).loads(text, max_age=int(KEPT.total_seconds()))
    except BadSignature:
        return None
    to, by, fields = json.loads(told)
    return Carried(to, by, _pairs(fields)) if by in ("", person) else None


def put_away(desk: Desk, text: str) -> str:
    """Keep sealed text while its owner is at the provider; gives what his browser finds it with."""
    number, key = secrets.token_hex(8), Fernet.generate_key()
    row = {"id": number, "box": Fernet(key).encrypt(text.encode()), "ends": stamp(desk.now() + KEPT)}
    with desk.writing() as connection:
        connection.execute(insert(desk_carried).values(row))
    return f"{number}.{key.decode()}"


def take_back(desk: Desk, ticket: str) -> str:
    """The sealed text, once; empty where there is none, or no longer."""
    number, _, key = ticket.partition(".")
    with desk.writing() as connection:
        row = connection.execute(select(desk_carried).where(desk_carried.c.id == number)).one_or_none()
        connection.execute(delete(desk_carried).where(desk_carried.c.id == number))
    if row is None or row.ends <= stamp(desk.now()):
        return ""
    try:
        return Fernet(key.encode()).decrypt(row.box).decode()
    except (InvalidToken, ValueError):
        return ""


def _pairs(fields: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in fields)
