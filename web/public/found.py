"""The matter of a number and a code, for pages: wrong ones are counted as the API counts them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from sqlalchemy import Connection

from readmodel.query import MatterRow
from starter.desk import Desk
from starter.lookup import WrongCodeError, find
from starter.lookup_limits import check, count_wrong, counted, standings
from web.public.application import plain

MAX_NUMBER, MAX_CODE = 60, 40

T = TypeVar("T")
Tell = Callable[[Connection, MatterRow], T]
"""What is read of a matter once its code was right."""


async def found_by(request: Request, desk: Desk, number: str, code: str, tell: Tell[T]) -> T:
    """What `tell` reads of the matter of this number and code, in one view and one thread.

    Raises WrongCodeError, in the same words for a wrong number and a wrong code, and TooManyError.
    """
    address = request.client.host if request.client else ""
    number, code = plain(number)[:MAX_NUMBER], plain(code)[:MAX_CODE]
    return await asyncio.to_thread(_told, desk, number, code, address, tell)


def just_the_row(_: Connection, row: MatterRow) -> MatterRow:
    """The matter itself, for those who need no more."""
    return row


def _told(desk: Desk, number: str, code: str, address: str, tell: Tell[T]) -> T:
    who = counted(desk.ledger, number, address)
    try:
        with desk.reading() as connection:
            check(standings(connection, who, desk.now()))
            return tell(connection, find(connection, number, code))
    except WrongCodeError:
        count_wrong(desk.ledger, who, desk.now())
        raise
