"""How a caller reaches a matter: by its lookup code, or because he may see it.

Codes are counted here for all routes alike, so that none of them is a way round the limit of another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from fastapi import Request
from sqlalchemy import Connection

from readmodel.query import MatterRow, get_matter
from schemas.errors import NotFoundError
from starter.desk import Desk
from starter.identity.eyes import eyes_for
from starter.identity.visitor import Visitor, VisitorKind
from starter.lookup import WrongCodeError, find
from starter.lookup_limits import check, count_wrong, counted, fields, standings

T = TypeVar("T")


@dataclass(frozen=True)
class Reached:
    """A matter, and what to tell of the caller's allowance of wrong codes."""

    row: MatterRow
    headers: Mapping[str, str] = field(default_factory=dict)


def by_code(desk: Desk, number: str, code: str, address: str) -> Reached:
    """The matter of this number and code. Raises WrongCodeError, the same for either, and TooManyError."""
    row, headers = read_by_code(desk, number, code, address, lambda _, found: found)
    return Reached(row, headers)


def read_by_code(
    desk: Desk, number: str, code: str, address: str, read: Callable[[Connection, MatterRow], T]
) -> tuple[T, Mapping[str, str]]:
    """What `read` makes of the matter, in the same view of the database, and the caller's allowance."""
    who = counted(desk.ledger, number, address)
    try:
        with desk.reading() as connection:
            left = standings(connection, who, desk.now())
            check(left)
            return read(connection, find(connection, number, code)), fields(left)
    except WrongCodeError as error:
        error.headers = fields(count_wrong(desk.ledger, who, desk.now()))
        raise


def reach(desk: Desk, visitor: Visitor, number: str, code: str | None, address: str) -> Reached:
    """The matter, for whoever has its code or may see it. Raises like `by_code`, and NotFoundError."""
    if code or not visitor.id:
        return by_code(desk, number, code or "", address)
    with desk.reading() as connection:
        row = get_matter(connection, number)
        if row is None or not may_see(connection, desk, visitor, row):
            raise NotFoundError(f"没有 {number} / there is no {number}")
    return Reached(row)


def may_see(connection: Connection, desk: Desk, visitor: Visitor, row: MatterRow) -> bool:
    """Whether somebody of this house sees a matter; a system and an applicant need its code."""
    if visitor.kind is not VisitorKind.OFFICER:
        return False
    return eyes_for(connection, desk, visitor).seen(connection, [row])[0]


def address_of(request: Request) -> str:
    """Where a request comes from; the server believes the proxies it is told to believe."""
    return request.client.host if request.client else "unknown"
