"""Beginning a report from the command line, and waiting until its first version is on record."""

from __future__ import annotations

import asyncio

from sqlalchemy import Connection

from cli.context import clients
from ledger.db import snapshot
from readmodel.query import get_matter
from rules.report.periods import number_of, successor
from schemas.errors import PendingError
from schemas.report import Period
from starter.client import YangguangClient
from starter.reports import is_generated, start_report

PAUSE, LONGEST = 0.2, 600.0
"""Seconds between two looks, and until the waiting is given up: the report goes on without us."""


async def wait_for(period: Period, officer: str, post: str, profile: str) -> str:
    """The number of the period's report that is valid or on its way; begun now if there is none.

    Raises what `start_report` raises, PendingError where the computing takes longer than ten minutes.
    """
    async with clients() as client:
        with snapshot(client.ledger.engine) as connection:
            number = newest(connection, period)
        if not number:
            number = (await start_report(client, period, officer=officer, post=post, profile=profile)).number
        await _generated(client, number)
    return number


def newest(connection: Connection, period: Period) -> str:
    """The number of the last report of this period; empty where there is none."""
    number, found = number_of(period), ""
    while get_matter(connection, number):
        number, found = successor(number), number
    return found


async def _generated(client: YangguangClient, number: str) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LONGEST
    while loop.time() < deadline:
        with snapshot(client.ledger.engine) as connection:
            if is_generated(connection, number):
                return
        await asyncio.sleep(PAUSE)
    raise PendingError(f"{number} 仍在生成 / {number} is still being computed")
